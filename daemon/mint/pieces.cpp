#include "daemon/mint/pieces.hpp"

#include "common/token_shape.hpp"

namespace jackin::mint {
namespace {

Piece piece_at(const Screen& screen, int line, int column, Alphabet alphabet) {
  const int columns = screen.columns(line);
  int end = column;
  while (end < columns && alphabet(screen.character(line, end))) ++end;
  return {line, column, end};
}

bool only_edge_from(const Screen& screen, int line, int column) {
  const int columns = screen.columns(line);
  while (column < columns && is_edge(screen.character(line, column))) ++column;
  return column == columns;
}

// The piece at the front of the line, after edge; empty when something else stands there.
Piece first_piece(const Screen& screen, int line, Alphabet alphabet) {
  const int columns = screen.columns(line);
  int begin = 0;
  while (begin < columns && is_edge(screen.character(line, begin))) ++begin;
  if (begin == columns) return {line, begin, begin};
  return piece_at(screen, line, begin, alphabet);
}

template <typename Accept>
WrappedText follow_while(const Screen& screen, int line, int column, Alphabet alphabet, Accept accept) {
  std::vector<Piece> pieces{piece_at(screen, line, column, alphabet)};
  if (pieces.front().length() == 0) return {screen, {}};
  for (int next_line = line + 1; next_line < screen.lines(); ++next_line) {
    const Piece last = pieces.back();
    if (!only_edge_from(screen, last.line, last.end)) break;
    const Piece next = first_piece(screen, next_line, alphabet);
    if (next.length() == 0 || !accept(pieces.front(), last, next)) break;
    pieces.push_back(next);
  }
  return {screen, std::move(pieces)};
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

WrappedText::WrappedText(const Screen& screen, std::vector<Piece> pieces)
    : screen_(&screen), pieces_(std::move(pieces)) {
  for (const auto& piece : pieces_) size_ += piece.length();
}

char32_t WrappedText::operator[](int index) const {
  for (const auto& piece : pieces_) {
    if (index < piece.length()) return screen_->character(piece.line, piece.begin + index);
    index -= piece.length();
  }
  return 0;
}

bool WrappedText::starts_with(std::string_view ascii, int at) const {
  if (at + static_cast<int>(ascii.size()) > size_) return false;
  for (std::size_t i = 0; i < ascii.size(); ++i) {
    if ((*this)[at + static_cast<int>(i)] != static_cast<char32_t>(ascii[i])) return false;
  }
  return true;
}

WrappedText follow(const Screen& screen, int line, int column, Alphabet alphabet) {
  return follow_while(screen, line, column, alphabet, [](const Piece&, const Piece&, const Piece&) { return true; });
}

WrappedText follow_full_rows(const Screen& screen, int line, int column, Alphabet alphabet, int widest_margin) {
  return follow_while(screen, line, column, alphabet, [&](const Piece& first, const Piece& last, const Piece& next) {
    return screen.columns(last.line) - last.end <= widest_margin && next.begin <= first.begin;
  });
}

}  // namespace jackin::mint
