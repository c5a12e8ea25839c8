// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/impl/codegen/server_callback.h>
#include <grpcpp/server_context.h>
#include <string_view>

#include <asio/cancellation_signal.hpp>
#include <memory>
#include <optional>
#include <string>

#include "daemon/ipc/out_stream.hpp"
#include "daemon/ipc/services.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::ipc {

/// The stream of a revocation: one event for each finished scope. Threads as in TokenCall. When the client disconnects
/// or the daemon ends, the operation is cancelled, unless it has already made a change; then it runs to its end.
class RevokeCall final : public grpc::ServerWriteReactor<v1::RevokeEvent>,
                         public std::enable_shared_from_this<RevokeCall> {
 public:
  /// Owns itself until gRPC is done with it. Any thread.
  static RevokeCall* start(ServiceDependencies& deps, const grpc::CallbackServerContext* context,
                           const v1::RevokeRequest& request);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  static constexpr std::string_view call_name = "Tokens.Revoke";
  using Self = std::shared_ptr<RevokeCall>;
  RevokeCall(ServiceDependencies& deps, std::string peer) : deps_(deps), peer_(std::move(peer)), out_(*this) {}

  static asio::awaitable<void> run(Self self, v1::RevokeRequest request);
  Task<> revoke(const v1::RevokeRequest& request);
  bool cancel();
  void send_outcome(const lifecycle::RevokeOutcome& outcome);

  ServiceDependencies& deps_;
  std::string peer_;
  std::optional<OpenCall> open_;
  ProcessIdentity caller_;
  Self self_;
  asio::cancellation_signal cancellation_;
  bool has_changed_something_ = false;
  OutStream<RevokeCall, v1::RevokeEvent, UnboundedQueue<v1::RevokeEvent>> out_;
};

}  // namespace jackin::ipc
