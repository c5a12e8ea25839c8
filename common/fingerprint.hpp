// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace jackin {

/// A fingerprint distinguishes tokens without revealing any part of them: the first 12 hex digits of the token's
/// SHA-256. It is safe to log, store and show.
class Fingerprint {
 public:
  static constexpr std::size_t length = 12;

  /// Parses exactly 12 lower-case hex digits; nothing for any other text.
  static std::optional<Fingerprint> parse(std::string_view text);

  std::string_view text() const noexcept { return {digits_.data(), digits_.size()}; }
  std::string str() const { return std::string(text()); }

  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
  // The named return type makes the compiler use < and == of std::array, whose <=> libc++ 16 lacks.
  friend std::strong_ordering operator<=>(const Fingerprint&, const Fingerprint&) = default;

 private:
  friend class Digest;
  std::array<char, length> digits_{};
};

/// The whole SHA-256 of a secret. Kept in memory only, to compare a stored value with the one read back.
class Digest {
 public:
  static Digest of(std::string_view bytes);

  Fingerprint fingerprint() const;

  /// The 64 hex digits.
  std::string hex() const;

  friend bool operator==(const Digest&, const Digest&) = default;

 private:
  std::array<std::uint8_t, 32> bytes_{};
};

}  // namespace jackin
