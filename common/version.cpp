// SPDX-License-Identifier: Apache-2.0
#include "common/version.hpp"

#include <algorithm>
#include <charconv>

#include "common/version_number.hpp"

namespace jackin {

std::string_view version() {
  return JACKIN_VERSION;
}

namespace {

// Returns a line of `text` that contains only a number; empty when there is none.
std::string_view line_with_number_alone(std::string_view text) {
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
    if (line.find_first_not_of("0123456789.") == line.npos && DottedVersion::find_in(line)) return line;
  }
  return {};
}

}  // namespace

std::optional<DottedVersion> DottedVersion::find_beside_product_name(std::string_view output) {
  const auto alone = line_with_number_alone(output);
  return find_in(alone.empty() ? output : alone);
}

std::optional<DottedVersion> DottedVersion::find_in(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  for (std::size_t start = 0; start < text.size(); ++start) {
    if (!is_digit(text[start]) || (start > 0 && (is_digit(text[start - 1]) || text[start - 1] == '.'))) continue;
    DottedVersion found;
    const char* at = text.data() + start;
    const char* const end = text.data() + text.size();
    std::size_t part = 0;
    for (; part < found.parts.size(); ++part) {
      const auto [next, error] = std::from_chars(at, end, found.parts[part]);
      if (error != std::errc()) break;
      at = next;
      if (part + 1 == found.parts.size() || at == end || *at != '.') {
        ++part;
        break;
      }
      ++at;
    }
    if (part >= 2) return found;
  }
  return std::nullopt;
}

std::string DottedVersion::str() const {
  return std::to_string(parts[0]) + "." + std::to_string(parts[1]) + "." + std::to_string(parts[2]);
}

}  // namespace jackin
