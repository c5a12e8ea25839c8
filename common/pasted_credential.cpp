// SPDX-License-Identifier: Apache-2.0
#include "common/pasted_credential.hpp"

#include <string>

#include "common/claude.hpp"
#include "common/text_characters.hpp"

namespace jackin {

bool shows_credential(std::string_view text) {
  if (text.find(credential_prefix) != text.npos) return true;
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
