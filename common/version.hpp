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

/// The protocol's number. Daemon and client work together when the major is the same; the minor grows with what is
/// added.
inline constexpr int protocol_major = 2;
inline constexpr int protocol_minor = 0;

/// A dotted version as numbers, so that 2.1.10 is newer than 2.1.9. Reads the first such thing in `text`
/// ("2.1.197 (Claude Code)").
struct DottedVersion {
  std::array<int, 3> parts{};
  static std::optional<DottedVersion> find_in(std::string_view text);
  /// The same in what a program says to `--version`, where a number that has a line for itself counts before others: a
  /// wrapper may say something of its own first.
  static std::optional<DottedVersion> find_beside_product_name(std::string_view output);
  std::string str() const;
  // The named result makes the compiler use < and == of std::array, whose <=> libc++ 16 lacks.
  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend std::strong_ordering operator<=>(const DottedVersion&, const DottedVersion&) = default;
  friend bool operator==(const DottedVersion&, const DottedVersion&) = default;
};

}  // namespace jackin
