// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace jackin {

/// Keeps gRPC and protobuf from printing anything, whatever the environment. With GRPC_TRACE and GRPC_VERBOSITY, gRPC
/// prints the bytes of every message, and so tokens and codes. Does not change the environment, since launched commands
/// inherit it. Call first in main, before any other call of either library.
void silence_libraries();

}  // namespace jackin
