// SPDX-License-Identifier: Apache-2.0
#include "common/pasted_credential.hpp"

#include <algorithm>
#include <string>

#include "common/claude.hpp"
#include "common/text_characters.hpp"

namespace jackin {
namespace {

bool is_small_letter(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_decimal(char c) {
  return c >= '0' && c <= '9';
}

// Whether `text` begins with the kind of a credential, as it follows `sk-ant-`: `oat01-`.
bool begins_with_kind(std::string_view text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_small_letter);
  const auto letters = static_cast<std::size_t>(end - text.begin());
  text.remove_prefix(letters);
  return letters > 0 && text.size() > 2 && is_decimal(text[0]) && is_decimal(text[1]) && text[2] == '-';
}

// Names such as `flask-ant-design` contain the bare prefix.
bool shows_plain_credential(std::string_view text) {
  for (auto at = text.find(credential_prefix); at != text.npos; at = text.find(credential_prefix, at + 1)) {
    const char before = at == 0 ? ' ' : text[at - 1];
    const bool is_inside_word = is_small_letter(before) || (before >= 'A' && before <= 'Z') || is_decimal(before);
    if (!is_inside_word && begins_with_kind(text.substr(at + credential_prefix.size()))) return true;
  }
  return false;
}

}  // namespace

bool shows_credential(std::string_view text) {
  if (shows_plain_credential(text)) return true;
  // `skantoat` and two digits. Most texts are shorter, and decoding takes locked memory.
  constexpr std::size_t shortest = 10;
  return text.size() >= shortest && shows_token_prefix(text);
}

Error pasted_credential(std::string_view what) {
  return {Reason::invalid_argument,
          std::string(what) +
              " contains a Claude credential, which counts as leaked: your shell's history and the list of processes "
              "may show it",
          Remedy::only_note("end it at claude.ai, Settings, Claude Code, and remove it from the shell's history")};
}

Result<> expect_no_credential(std::string_view what, std::string_view text) {
  if (shows_credential(text)) return failure(pasted_credential(what));
  return {};
}

}  // namespace jackin
