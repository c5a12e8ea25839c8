// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "daemon/ipc/client_user.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::ipc {

/// Converts the user's input from the client. Moves keys and codes into Secrets and wipes them in `proto`. Nothing for
/// an input that this version does not know. Errors: invalid_argument (longer than any typed or pasted input).
Result<std::optional<ClientInput>> take_input(v1::UserInput& proto);

}  // namespace jackin::ipc
