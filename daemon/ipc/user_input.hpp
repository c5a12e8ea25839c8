// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "daemon/ipc/client_user.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::ipc {

/// What the client says the user did. Keys and codes are moved into Secrets and wiped in `wire`. Nothing for an input
/// that this version does not know. Errors: invalid_argument (longer than anybody types or pastes).
Result<std::optional<ClientInput>> take_input(v1::UserInput& proto);

}  // namespace jackin::ipc
