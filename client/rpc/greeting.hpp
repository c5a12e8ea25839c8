// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/paths.hpp"
#include "common/result.hpp"
#include "jackin/v1/daemon.pb.h"

namespace jackin::client {

/// The request of Hello, the first call on every connection.
v1::HelloRequest hello_request(const Paths& paths);

/// A daemon may accept this client although the client does not support the daemon's protocol. Errors: daemon_mismatch.
Result<> check_greeting(const v1::HelloReply& reply);

}  // namespace jackin::client
