// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "daemon/mint/screen.hpp"

namespace jackin::mint {

/// The last of claude's own sentences from a closed table that stands on `screen` and says why it gives no token; empty
/// when there is none. It must fill whole rows, wrapped at words or not; a mark may stand in front of it. Only numbers
/// of at most five digits are taken from the screen, where the table has a number. So nothing else that stands there
/// can be in the answer, least of all a token, however it is drawn.
std::string known_sentence(const Screen& screen);

/// Why claude refused the code that it was given, by its known sentence, which ends without a full stop; empty when
/// that says something else, as that the network failed, or there is none.
std::string code_refusal(const Screen& screen);

}  // namespace jackin::mint
