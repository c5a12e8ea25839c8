// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/client_context.h>

#include <functional>

#include "client/rpc/connection.hpp"
#include "client/rpc/liveness.hpp"
#include "client/rpc/status.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// Reads a stream of events that lasts until the user ends it. `open` begins the call and returns its reader. Calls
/// `on_event` for each event until it returns false, or `run` cancels the call. Neither is an error. Blocking. Errors:
/// those of the call, also when the daemon ends.
template <typename Event, typename Open>
Result<> read_events(const Connection& connection, const Open& open, const std::function<bool(const Event&)>& on_event,
                     const RunCall& run) {
  // No deadline: the call lasts until the user ends it.
  grpc::ClientContext context;
  Liveness liveness(connection, context);
  grpc::Status status;
  bool go_on = true;
  const bool stopped = run(context, [&] {
    const auto stream = open(context);
    Event event;
    while (go_on && stream->Read(&event)) {
      liveness.heard();
      go_on = on_event(event);
    }
    liveness.no_more();
    if (!go_on) context.TryCancel();
    status = stream->Finish();
  });
  if (stopped || !go_on) return {};
  return liveness.outcome(status);
}

}  // namespace jackin::client
