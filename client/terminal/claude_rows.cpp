// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/claude_rows.hpp"

#include <algorithm>

namespace jackin::client {
namespace {

constexpr std::string_view mask = "\u2022";

// Whether a row belongs to claude's picture: such a row contains block elements, U+2580 to U+259F.
bool is_picture(std::string_view row) {
  for (auto at = row.find("\xe2\x96"); at != std::string_view::npos; at = row.find("\xe2\x96", at + 1)) {
    const auto last = static_cast<unsigned char>(at + 2 < row.size() ? row[at + 2] : 0);
    if (last >= 0x80 && last <= 0x9f) return true;
  }
  return false;
}

std::string_view trimmed(std::string_view row) {
  row.remove_prefix(std::min(row.find_first_not_of(' '), row.size()));
  return row.substr(0, row.find_last_not_of(' ') + 1);
}

// Returns the characters of the row, with a space for each masked one. Returns an empty text if the row has a character
// that no link has.
std::string link_text(std::string_view row) {
  std::string text;
  row = trimmed(row);
  while (!row.empty()) {
    const bool is_masked = row.starts_with(mask);
    if (!is_masked && (row.front() <= ' ' || row.front() > '~')) return {};
    text += is_masked ? ' ' : row.front();
    row.remove_prefix(is_masked ? mask.size() : 1);
  }
  return text;
}

bool is_piece(std::string_view text, std::string_view link) {
  const auto same = [](char shown, char whole) { return shown == ' ' || shown == whole; };
  return std::search(link.begin(), link.end(), text.begin(), text.end(),
                     [&](char whole, char shown) { return same(shown, whole); }) != link.end();
}

// Returns the index after the last row that shows a part of the link; `first` if no row does.
int behind_link(const std::vector<std::string>& rows, int first, int end, std::string_view link) {
  // A shorter text could match by chance. Only a row that continues the link may be shorter.
  constexpr auto shortest = 8;
  int behind = first;
  for (int row = first; row < end; ++row) {
    const std::string text = link_text(rows[static_cast<std::size_t>(row)]);
    const auto known = std::count_if(text.begin(), text.end(), [](char c) { return c != ' '; });
    const bool goes_on = row > first && behind == row;
    if (!text.empty() && (known >= shortest || goes_on) && is_piece(text, link)) behind = row + 1;
  }
  return behind;
}

}  // namespace

std::vector<int> claude_rows(const std::vector<std::string>& rows, std::optional<int> cursor_row, int most,
                             std::string_view link) {
  const auto is_empty = [&](int row) { return trimmed(rows[static_cast<std::size_t>(row)]).empty(); };
  int end = static_cast<int>(rows.size());
  while (end > 0 && is_empty(end - 1)) --end;
  if (cursor_row) end = std::max(end, std::min(*cursor_row + 1, static_cast<int>(rows.size())));
  int first = 0;
  for (int row = 0; row < end; ++row) {
    if (is_picture(rows[static_cast<std::size_t>(row)])) first = row + 1;
  }
  if (!link.empty()) first = behind_link(rows, first, end, link);
  if (cursor_row) first = std::min(first, *cursor_row);
  while (first < end && first != cursor_row && is_empty(first)) ++first;

  std::vector<int> shown;
  for (int row = first; row < end; ++row) shown.push_back(row);
  const auto limit = static_cast<std::size_t>(std::max(most, 1));
  const auto kept = [&](int row) { return row == cursor_row || !is_empty(row); };
  for (auto row = shown.begin(); row != shown.end() && shown.size() > limit;) {
    row = kept(*row) ? row + 1 : shown.erase(row);
  }
  if (shown.size() <= limit) return shown;
  auto begin = shown.end() - static_cast<std::ptrdiff_t>(limit);
  if (cursor_row) begin = std::min(begin, std::find(shown.begin(), shown.end(), *cursor_row));
  return {begin, begin + static_cast<std::ptrdiff_t>(limit)};
}

}  // namespace jackin::client
