// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "daemon/health/feed.hpp"
#include "daemon/ipc/changes_call.hpp"
#include "daemon/ipc/event_queue.hpp"
#include "jackin/v1/health.pb.h"

namespace jackin::ipc {

/// The stream of changes in the health of scopes.
class WatchCall final : public ChangesCall<v1::WatchEvent, WatchQueue> {
 public:
  /// Owns itself until gRPC is done with it. Any thread.
  static grpc::ServerWriteReactor<v1::WatchEvent>* start(ServiceDependencies& deps,
                                                         const grpc::CallbackServerContext* context,
                                                         const v1::WatchRequest& request);

 private:
  WatchCall(ServiceDependencies& deps, std::string peer, v1::WatchRequest request)
      : ChangesCall(deps, std::move(peer), "Health.Watch"), request_(std::move(request)) {}

  Task<> watch() override;
  void send_scope_event(const health::Change& change);
  void send_event(HealthEvent event, const health::ProbeAnswer& answer);

  v1::WatchRequest request_;
  std::optional<Scope> scope_;  // nothing: all
  std::optional<health::ProbeAnswer>
      sent_;  // the answer that was sent for that scope, until the feed reports the current one
};

}  // namespace jackin::ipc
