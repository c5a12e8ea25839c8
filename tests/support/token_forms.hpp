// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace jackin::test {

struct TokenForm {
  std::string name;
  std::string text;
};

/// A token of the known shape, for tests of texts that may contain one.
inline constexpr std::string_view sample_token =
    "sk-ant-oat01-Zk4TqV9xWb2_LmR7cYpJ8sHdNf3gUeXa6Ko1Qt5BiMwGz-yDjEhCrPvSlAuFnOk7T3XqWd8Zm2LbVxY9cJr4NgHsUePfKi6AA";

/// The token in the forms in which a program or a service may return it. Spelling: without its prefix, in another case,
/// quoted, wrapped, spaced out, full-width, coloured, in pieces. Encoding: percent, escapes of JSON, C and HTML, base64
/// at each alignment, hexadecimal, two encodings in sequence.
std::vector<TokenForm> forms_of_token(std::string_view token);

/// The name of a form in `forms_of_token(token)` of which `text` contains 16 characters, or `plain` for 8 characters of
/// the token after its prefix. All texts are reduced to letters and digits without case. Empty when there is none. For
/// tests of displayed texts.
std::string shown_piece(std::string_view text, std::string_view token);

}  // namespace jackin::test
