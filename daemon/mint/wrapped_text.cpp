// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/wrapped_text.hpp"

#include <algorithm>

#include "common/claude.hpp"

namespace jackin::mint {
namespace {

Fragment fragment_at(const Screen& screen, int line, int column, Alphabet alphabet) {
  const auto row = screen.row(line);
  const auto end = std::find_if_not(row.begin() + column, row.end(), alphabet);
  return {line, column, static_cast<int>(end - row.begin())};
}

bool only_edge_from(const Screen& screen, int line, int column) {
  const auto row = screen.row(line);
  return std::all_of(row.begin() + column, row.end(), is_edge);
}

// The piece at the front of the line, after an edge; empty when the line begins with other text.
Fragment first_piece(const Screen& screen, int line, Alphabet alphabet) {
  const auto row = screen.row(line);
  const auto begin = static_cast<int>(std::find_if_not(row.begin(), row.end(), is_edge) - row.begin());
  if (begin == screen.columns(line)) return {line, begin, begin};
  return fragment_at(screen, line, begin, alphabet);
}

template <typename Accept>
WrappedText follow_while(const Screen& screen, int line, int column, Alphabet alphabet, int enough, Accept accept) {
  std::vector<Fragment> fragments{fragment_at(screen, line, column, alphabet)};
  if (fragments.front().length() == 0) return {screen, {}};
  int length = fragments.front().length();
  for (int next_line = line + 1; next_line < screen.lines() && length < enough; ++next_line) {
    const Fragment last = fragments.back();
    if (!only_edge_from(screen, last.line, last.end)) break;
    const Fragment next = first_piece(screen, next_line, alphabet);
    if (next.length() == 0 || !accept(fragments.front(), last, next)) break;
    fragments.push_back(next);
    length += next.length();
  }
  return {screen, std::move(fragments)};
}

}  // namespace

bool is_token_character(char32_t c) {
  return c < 0x80 && jackin::is_token_character(static_cast<char>(c));
}

bool is_url_character(char32_t c) {
  return is_token_character(c) ||
         (c < 0x80 && std::string_view(".~:/?#[]@!$&'()*+,;=%").find(static_cast<char>(c)) != std::string_view::npos);
}

bool is_edge(char32_t c) {
  return c == U' ' || c == U'|' || c == 0xa0 || (c >= 0x2500 && c <= 0x259f);
}

std::u32string_view within_edges(std::u32string_view row) {
  while (!row.empty() && is_edge(row.front())) row.remove_prefix(1);
  while (!row.empty() && is_edge(row.back())) row.remove_suffix(1);
  return row;
}

WrappedText::WrappedText(const Screen& screen, std::vector<Fragment> fragments)
    : screen_(&screen), fragments_(std::move(fragments)) {
  ends_.reserve(fragments_.size());
  for (const auto& fragment : fragments_) ends_.push_back(size_ += fragment.length());
}

char32_t WrappedText::operator[](int index) const {
  const auto end = std::upper_bound(ends_.begin(), ends_.end(), index);
  if (end == ends_.end()) return 0;
  const Fragment& fragment = fragments_[static_cast<std::size_t>(end - ends_.begin())];
  return screen_->character(fragment.line, fragment.end - (*end - index));
}

bool WrappedText::starts_with(std::string_view ascii, int at) const {
  if (at + static_cast<int>(ascii.size()) > size_) return false;
  for (std::size_t i = 0; i < ascii.size(); ++i) {
    if ((*this)[at + static_cast<int>(i)] != static_cast<char32_t>(ascii[i])) return false;
  }
  return true;
}

WrappedText follow(const Screen& screen, int line, int column, Alphabet alphabet, int enough) {
  const auto accept = [](const Fragment&, const Fragment&, const Fragment&) { return true; };
  return follow_while(screen, line, column, alphabet, enough, accept);
}

WrappedText follow_full_rows(const Screen& screen, int line, int column, Alphabet alphabet, int enough) {
  constexpr int widest_margin = 4;
  const auto accept = [&](const Fragment& first, const Fragment& last, const Fragment& next) {
    return screen.columns(last.line) - last.end <= widest_margin && next.begin <= first.begin;
  };
  return follow_while(screen, line, column, alphabet, enough, accept);
}

}  // namespace jackin::mint
