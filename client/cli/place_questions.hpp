// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "client/cli/line_prompt.hpp"
#include "client/rpc/connection.hpp"
#include "common/environment.hpp"
#include "common/result.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// Asks a user step by step where the token shall go, and fills in what `place` does not say yet: the store; for
/// 1Password the account, the vault, an item or a new one, its section, its field. What is chosen is named by ID.
/// Errors: cancelled (Ctrl-C, the end of the input); those of the daemon.
Result<> ask_for_place(LinePrompt& prompt, const std::function<Result<Connection>()>& connect,
                       const Environment& environment, v1::StorePlace& place);

}  // namespace jackin::client
