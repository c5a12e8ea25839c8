// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/support/status.h>

#include "common/error.hpp"

namespace jackin::client {

/// Converts the status of a failed call to an Error. The daemon's own error is in the status details. Otherwise the
/// gRPC code decides: a lost connection (daemon_unreachable), an expired deadline (timed_out), or internal. All texts
/// are printable.
Error error_from_status(const grpc::Status& status);

/// Whether the call failed because the daemon stopped or crashed, before or after it received the call. Only for a call
/// that the client did not cancel itself.
bool was_lost(const grpc::Status& status);

}  // namespace jackin::client
