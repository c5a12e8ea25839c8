// SPDX-License-Identifier: Apache-2.0
#include "proto/silence.hpp"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>

namespace jackin {

void silence_libraries() {
  // grpc_init reads GRPC_VERBOSITY only where no verbosity was set (gRPC 1.51, gpr_log_verbosity_init). All output of
  // tracers is below this one, so that it is not even put together.
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
  // gRPC's own function is the only one that prints; GRPC_STACKTRACE_MINLOGLEVEL is read in it.
  gpr_set_log_function([](gpr_log_func_args*) {});
  google::protobuf::SetLogHandler(nullptr);
}

}  // namespace jackin
