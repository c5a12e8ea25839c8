// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "daemon/mint/screen.hpp"

namespace jackin::mint {

/// The last known sentence of claude on `screen` that says why it gives no token, from a closed table; empty when there
/// is none. It must fill whole rows, with or without wrapping at words; a mark may precede it. Only numbers of at most
/// five digits are copied from the screen, where the table has a number. So the result cannot contain any other text of
/// the screen, in particular no token.
std::string known_sentence(const Screen& screen);

struct CodeRefusal {
  std::string why;        ///< From claude's known sentence, without a full stop.
  bool is_final = false;  ///< False: claude still waits for another code of the same sign-in.
};
/// claude's refusal of the code. Nothing when there is no known sentence, or when it reports something else, such as a
/// network failure.
std::optional<CodeRefusal> code_refusal(const Screen& screen);

}  // namespace jackin::mint
