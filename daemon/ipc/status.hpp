// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/support/status.h>

#include <exception>
#include <string_view>

#include "common/error.hpp"
#include "daemon/process/program_runner.hpp"

namespace jackin::ipc {

/// The only function that turns an Error into a gRPC status for a client. Its details carry a serialised
/// jackin.v1.ErrorDetail. The texts pass `printable()` once more, in case lower code missed it.
grpc::Status to_status(const Error& error);

/// The same, and logs which call of which caller failed, and why. Any thread.
grpc::Status refuse(std::string_view call, const ProcessIdentity& caller, const Error& error);

/// The same for an exception. The client learns only its type, since its text can quote anything.
grpc::Status refuse(std::string_view call, const ProcessIdentity& caller, const std::exception& bug);

/// The error for a client whose call was cancelled because the daemon ends.
Error as_shutdown_error(Error error);

}  // namespace jackin::ipc
