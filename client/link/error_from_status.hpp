#pragma once

#include "common/error.hpp"

namespace grpc {
class Status;
}

namespace jackin::client {

/// What a call's failure means: the daemon's own Error where it sent one (its texts made printable once more), else
/// what gRPC's code says: daemon_unreachable (the connection is gone), timed_out, cancelled, daemon_mismatch (the
/// daemon does not know the call), internal. `status` must not be OK.
Error error_from_status(const grpc::Status& status);

}  // namespace jackin::client
