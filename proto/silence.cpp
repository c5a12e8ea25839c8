// SPDX-License-Identifier: Apache-2.0
#include "proto/silence.hpp"

#include <grpc/support/log.h>

#include "proto/silence_protobuf.hpp"

namespace jackin {

void silence_libraries() {
  // grpc_init reads GRPC_VERBOSITY only when no verbosity was set (gRPC 1.51, gpr_log_verbosity_init). Tracers log
  // below this level, so their output is not even formatted.
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
  // Only gRPC's default log function prints. It also reads GRPC_STACKTRACE_MINLOGLEVEL.
  gpr_set_log_function([](gpr_log_func_args*) {});
  silence_protobuf();
}

}  // namespace jackin
