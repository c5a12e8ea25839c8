// SPDX-License-Identifier: Apache-2.0
#include "client/cli/own_operation.hpp"

#include <unistd.h>

#include <algorithm>

#include "client/rpc/status.hpp"
#include "jackin/v1/daemon.grpc.pb.h"

namespace jackin::client {

bool runs_to_its_end(const Connection& connection) {
  v1::StatusReply reply;
  grpc::ClientContext context;
  set_deadline(context);
  if (!v1::Daemon::NewStub(connection.channel())->Status(&context, {}, &reply).ok()) return false;
  return std::any_of(reply.operations().begin(), reply.operations().end(), [](const v1::Operation& operation) {
    return operation.client().pid() == getpid() && operation.runs_to_its_end();
  });
}

}  // namespace jackin::client
