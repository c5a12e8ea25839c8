// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/impl/codegen/server_callback.h>
#include <grpcpp/server_context.h>

#include <asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/async/task.hpp"
#include "daemon/health/feed.hpp"
#include "daemon/ipc/event_queue.hpp"
#include "daemon/ipc/out_stream.hpp"
#include "daemon/ipc/services.hpp"
#include "jackin/v1/health.pb.h"

namespace jackin::ipc {

/// The stream of changes to a watching client, until the client disconnects or the daemon ends. The daemon does not
/// wait for it at its end. It does no work between two changes. Threads as in TokenCall.
class WatchCall final : public grpc::ServerWriteReactor<v1::WatchEvent>,
                        public std::enable_shared_from_this<WatchCall> {
 public:
  /// Owns itself until gRPC is done with it. Any thread.
  static WatchCall* start(ServiceDependencies& deps, const grpc::CallbackServerContext* context,
                          const v1::WatchRequest& request);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  static constexpr std::string_view call_name = "Health.Watch";
  using Self = std::shared_ptr<WatchCall>;

  WatchCall(ServiceDependencies& deps, std::string peer) : deps_(deps), peer_(std::move(peer)), out_(*this) {}

  static asio::awaitable<void> begin(Self self, v1::WatchRequest request);
  Task<> watch(const v1::WatchRequest& request);
  Result<> take_place();
  void tell_of_scope(const health::Change& change);
  void tell(HealthEvent event, const health::ProbeAnswer& answer);
  void stop();

  ServiceDependencies& deps_;
  std::string peer_;
  std::optional<OpenCall> open_;
  std::optional<Quota::Share> place_;
  ProcessIdentity caller_;
  Self self_;
  std::optional<Scope> scope_;  // nothing: all
  std::optional<health::ProbeAnswer>
      sent_;  // the answer that was sent for that scope, until the feed reports the current one
  health::Feed::Handle watching_;
  std::shared_ptr<void> at_end_;
  OutStream<WatchCall, v1::WatchEvent, WatchQueue> out_;
};

}  // namespace jackin::ipc
