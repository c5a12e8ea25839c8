// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/support/status.h>

#include <exception>
#include <string_view>

#include "common/error.hpp"
#include "daemon/process/program_runner.hpp"

namespace jackin::ipc {

/// The one way by which an Error leaves the daemon: as a gRPC status whose details carry a serialised
/// jackin.v1.ErrorDetail. The texts pass `printable()` once more, so that nothing raw gets out by an oversight below.
grpc::Status to_status(const Error& error);

/// The same, and a line in the log: which call of whom failed, and why. Any thread.
grpc::Status refuse(std::string_view call, const ProcessIdentity& caller, const Error& error);

/// The same for an exception, of which the client learns the type alone: its text can quote anything.
grpc::Status refuse(std::string_view call, const ProcessIdentity& caller, const std::exception& bug);

/// What a client is told whose call was cancelled because the daemon ends.
Error as_sent_away(Error error);

}  // namespace jackin::ipc
