// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace jackin {

/// Keeps gRPC and protobuf from printing anything, whatever variables the environment has: with GRPC_TRACE and
/// GRPC_VERBOSITY gRPC prints the bytes of every message, and with them tokens and codes. The environment stays as it
/// is, since launched commands inherit it. Call first thing in main, before any other call of either library.
void silence_libraries();

}  // namespace jackin
