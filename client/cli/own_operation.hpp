// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/rpc/connection.hpp"

namespace jackin::client {

/// Whether the daemon runs an operation of this process and will finish it even if this process ends. False when the
/// operation waits for an answer or has ended, and when the daemon does not answer. A process requests one operation at
/// a time.
bool runs_to_its_end(const Connection& connection);

}  // namespace jackin::client
