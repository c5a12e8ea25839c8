// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "client/terminal/json.hpp"
#include "client/terminal/style.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// What became of one scope, as `--format json` has it.
Json revoked_json(const v1::RevokeOutcome& outcome);

/// The same for people, without the error: what was done, what there is to know, who still runs with the token. Empty
/// when it went wrong before anything was done.
std::string revoked_text(const v1::RevokeOutcome& outcome, const OutputStyle& output);

}  // namespace jackin::client
