// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace jackin {

/// This build's version, "0.1.0".
std::string_view version();

/// The protocol's version. The daemon and a client are compatible when the major version is the same. The minor version
/// grows with additions.
inline constexpr int protocol_major = 2;
inline constexpr int protocol_minor = 1;

/// A dotted version as numbers, so that 2.1.10 is newer than 2.1.9. Parses the first version in `text` ("2.1.197
/// (Claude Code)").
struct DottedVersion {
  std::array<int, 3> parts{};
  static std::optional<DottedVersion> find_in(std::string_view text);
  /// Parses the output of `--version`. A version on a line of its own takes precedence, because a wrapper may print
  /// other text first.
  static std::optional<DottedVersion> find_beside_product_name(std::string_view output);
  std::string str() const;
  // The named return type makes the compiler use < and == of std::array, whose <=> libc++ 16 lacks.
  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend std::strong_ordering operator<=>(const DottedVersion&, const DottedVersion&) = default;
  friend bool operator==(const DottedVersion&, const DottedVersion&) = default;
};

}  // namespace jackin
