// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "client/terminal/json.hpp"
#include "client/terminal/style.hpp"
#include "common/remedy_command.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// The result for one scope, for `--format json`.
Json revoked_json(const v1::RevokeOutcome& outcome);

/// The result as text, without the error: the changes, the notices, and the processes that still use the token. Empty
/// when the call failed before anything was done.
std::string revoked_text(const v1::RevokeOutcome& outcome, const OutputStyle& output, const TypedCommand& typed = {});

}  // namespace jackin::client
