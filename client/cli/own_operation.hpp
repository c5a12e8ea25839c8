// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/rpc/connection.hpp"

namespace jackin::client {

/// Whether the daemon runs an operation that this process asked for, and that it finishes whatever this process does.
/// False when it waits for an answer, has ended, or the daemon does not say. A process asks for one at a time.
bool runs_to_its_end(const Connection& connection);

}  // namespace jackin::client
