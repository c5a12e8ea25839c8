// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client/rpc/connection.hpp"
#include "client/rpc/liveness.hpp"
#include "common/result.hpp"
#include "jackin/v1/operations.pb.h"

namespace jackin::client {

/// Returns the operations that ended within a day, in the order of their ends, and then the running ones. Errors: those
/// of the call.
Result<std::vector<v1::Operation>> operations_of(const Connection& connection);

/// Calls `on_operation` for each operation that begins, changes or ends, until it returns false or the user ends the
/// call. Neither is an error. Errors: those of the call, also when the daemon ends.
Result<> watch_operations(const Connection& connection, const std::function<bool(const v1::Operation&)>& on_operation,
                          const RunCall& run);

/// The same for each event, after the operations that ended within a day and the running ones (`current_sent`).
Result<> watch_operations_from_current(const Connection& connection,
                                       const std::function<bool(const v1::OperationEvent&)>& on_event,
                                       const RunCall& run);

/// Cancels the running operation whose ID begins with `id`, and waits for its end. Returns it as it ended; nothing when
/// the user stopped waiting. Errors: invalid_argument (empty, or several match), unknown_operation, unsupported (it is
/// too late), those of the calls.
Result<std::optional<v1::Operation>> cancel_operation(const Connection& connection, const std::string& id,
                                                      const RunCall& run);

}  // namespace jackin::client
