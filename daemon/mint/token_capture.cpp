#include "daemon/mint/token_capture.hpp"

#include "daemon/mint/pieces.hpp"

namespace jackin::mint {
namespace {

// Shorter ones are examples in some text, or a token that is still being drawn.
constexpr int shortest_candidate = 40;

constexpr int whole_length = static_cast<int>(token_length);

// The known shape: whole rows that add up to exactly the length. That the rows add up is what tells a token that fills
// its last row from one that goes on, and both from a word that happens to stand below.
bool has_known_shape(const WrappedText& text, int length) {
  return length == whole_length && text.starts_with(token_prefix) &&
         text.starts_with(token_suffix, whole_length - static_cast<int>(token_suffix.size()));
}

int known_length(const WrappedText& text) {
  int length = 0;
  for (const auto& piece : text.pieces()) {
    length += piece.length();
    if (has_known_shape(text, length)) return length;
    if (length > whole_length) break;
  }
  return 0;
}

// Cheap, since every cell is asked after every write.
bool may_start_credential(const Screen& screen, int line, int column) {
  if (screen.character(line, column) != U's') return false;
  return column + 1 == screen.columns(line) || screen.character(line, column + 1) == U'k' ||
         is_edge(screen.character(line, column + 1));
}

bool holds(const Secret& secret, const WrappedText& text, int length) {
  if (secret.size() != static_cast<std::size_t>(length)) return false;
  for (int i = 0; i < length; ++i) {
    if (static_cast<char32_t>(static_cast<unsigned char>(secret.view()[static_cast<std::size_t>(i)])) != text[i]) {
      return false;
    }
  }
  return true;
}

Secret extract(const WrappedText& text, int length) {
  Secret secret;
  const auto room = secret.prepare(static_cast<std::size_t>(length));
  for (int i = 0; i < length; ++i) room[static_cast<std::size_t>(i)] = static_cast<char>(text[i]);
  secret.commit(static_cast<std::size_t>(length));
  return secret;
}

}  // namespace

void TokenCapture::observe(const Screen& screen) {
  std::optional<WrappedText> candidate;
  for (int line = screen.lines() - 1; line >= 0; --line) {
    for (int column = 0; column < screen.columns(line); ++column) {
      if (!may_start_credential(screen, line, column)) continue;
      const auto text = follow(screen, line, column, is_token_character);
      if (!text.starts_with(credential_prefix)) continue;
      sighted_ = true;
      if (const int length = known_length(text); length != 0) {
        if (!found_whole() || !holds(found_->token, text, length)) found_ = {extract(text, length), true};
        return;
      }
      if (!candidate && text.starts_with(token_prefix_any))
        candidate = follow_full_rows(screen, line, column, is_token_character);
    }
  }
  if (!candidate || found_whole() || candidate->size() < shortest_candidate) return;
  if (!found_ || !holds(found_->token, *candidate, candidate->size())) {
    found_ = {extract(*candidate, candidate->size()), false};
  }
}

}  // namespace jackin::mint
