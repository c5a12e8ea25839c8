// SPDX-License-Identifier: Apache-2.0
#include "client/tui/model/place.hpp"

#include <algorithm>
#include <cctype>

namespace jackin::tui {

bool contains(std::string_view text, std::string_view part) {
  const auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

std::vector<const Walk::Line*> filtered_lines(const Walk::View& view) {
  std::vector<const Walk::Line*> lines;
  for (const Walk::Line& line : view.lines) {
    if (line.kind == Walk::Line::Kind::create || contains(line.name, view.filter)) lines.push_back(&line);
  }
  return lines;
}

}  // namespace jackin::tui
