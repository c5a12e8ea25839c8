// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "client/terminal/json.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// The report of a setup or a rotation for `--format json`.
Json token_json(const v1::TokenReport& report);

/// A list of `pid` and `command`.
Json processes_json(const google::protobuf::RepeatedPtrField<v1::Process>& processes);

/// The report of a setup as text.
std::string token_text(const v1::TokenReport& report);

/// The report of a rotation as text, with the state of the old token and the processes that still use it.
std::string rotated_text(const v1::TokenReport& report);

/// Text that says how many replaced or revoked tokens still work, and where the user can end them.
std::string still_valid_text(int tokens);

}  // namespace jackin::client
