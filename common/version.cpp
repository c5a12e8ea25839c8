#include "common/version.hpp"

#include <charconv>

#include "common/version_number.hpp"

namespace jackin {

std::string_view version() {
  return JACKIN_VERSION;
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
