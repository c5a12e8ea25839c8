// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/support/status.h>

#include "client/rpc/call_status.hpp"
#include "common/error.hpp"

namespace jackin::client {

// The rules of call_status.hpp for a status that grpc++ returned.

Error error_from_status(const grpc::Status& status);
bool was_lost(const grpc::Status& status);
CallEnd call_end(const grpc::Status& status);

}  // namespace jackin::client
