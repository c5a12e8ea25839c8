// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/support/status.h>

#include "common/error.hpp"

namespace jackin::client {

/// The Error that a failed call stands for: the daemon's own from the status details, else what gRPC says, as a
/// connection that was lost (daemon_unreachable), a deadline that passed (timed_out), or internal. Texts are printable.
Error error_from_status(const grpc::Status& status);

/// Whether the daemon went away under the call, before or after it understood it: it ends, or died. For a call that the
/// client did not cancel itself.
bool was_lost(const grpc::Status& status);

}  // namespace jackin::client
