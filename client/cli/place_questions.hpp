// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/cli/line_prompt.hpp"
#include "client/rpc/connection.hpp"
#include "common/environment.hpp"
#include "common/result.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// Asks the user where to store the token, and sets the parts of `place` that are not set yet. Asks for the store, and
/// for 1Password for the account, the vault, an existing or new item, its section and its field. Choices are recorded
/// by ID. Errors: cancelled (Ctrl-C, the end of the input); those of the daemon.
Result<> ask_for_place(LinePrompt& prompt, const Connect& connect, const Environment& environment,
                       v1::StorePlace& place);

}  // namespace jackin::client
