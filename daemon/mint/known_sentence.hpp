// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "daemon/mint/screen.hpp"

namespace jackin::mint {

/// The last known sentence of claude on `screen` that says why it gives no token, from a closed table; empty when there
/// is none. It must fill whole rows, with or without wrapping at words; a mark may precede it. Only numbers of at most
/// five digits are copied from the screen, where the table has a number. So the result cannot contain any other text of
/// the screen, in particular no token.
std::string known_sentence(const Screen& screen);

/// Why claude refused the code, from its known sentence, without a full stop. Empty when there is no known sentence, or
/// when it reports something else, such as a network failure.
std::string code_refusal(const Screen& screen);

}  // namespace jackin::mint
