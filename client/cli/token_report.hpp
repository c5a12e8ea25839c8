// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "client/terminal/json.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// The report at the end of a setup or a rotation, as `--format json` has it.
Json token_json(const v1::TokenReport& report);

/// A setup's for people.
std::string token_text(const v1::TokenReport& report);

/// A rotation's for people: with what became of the token before, and who still runs with it.
std::string rotated_text(const v1::TokenReport& report);

/// That as many tokens that were replaced or withdrawn still work, and where a user ends that.
std::string still_valid_text(int tokens);

}  // namespace jackin::client
