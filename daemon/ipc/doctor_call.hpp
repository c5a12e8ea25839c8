// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/impl/codegen/server_callback.h>
#include <grpcpp/server_context.h>
#include <string_view>

#include <asio/cancellation_signal.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/ipc/out_stream.hpp"
#include "daemon/ipc/services.hpp"
#include "jackin/v1/health.pb.h"

namespace jackin::ipc {

/// The stream of a doctor run: one event for each finished scope, then the system report. Threads as in TokenCall. The
/// run is cancelled when the client disconnects or the daemon ends.
class DoctorCall final : public grpc::ServerWriteReactor<v1::DoctorEvent>,
                         public std::enable_shared_from_this<DoctorCall> {
 public:
  /// Owns itself until gRPC is done with it. Any thread.
  static DoctorCall* start(ServiceDependencies& deps, const grpc::CallbackServerContext* context,
                           const v1::DoctorRequest& request);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  static constexpr std::string_view call_name = "Health.Doctor";
  using Self = std::shared_ptr<DoctorCall>;

  DoctorCall(ServiceDependencies& deps, std::string peer) : deps_(deps), peer_(std::move(peer)), out_(*this) {}

  static asio::awaitable<void> run(Self self, v1::DoctorRequest request);
  std::function<bool()> cancel_by_shutdown();
  Task<> examine(const v1::DoctorRequest& request);
  Task<> examine_scope(const Scope& scope, const Environment& client, bool offline);
  void send_report(const health::ScopeReport& report);
  void send_progress(std::size_t done, std::size_t total, const std::string& text);

  ServiceDependencies& deps_;
  std::string peer_;
  std::optional<OpenCall> open_;
  ProcessIdentity caller_;
  Self self_;
  asio::cancellation_signal cancellation_;
  bool is_cancelled_by_shutdown_ = false;  // the daemon ends
  OutStream<DoctorCall, v1::DoctorEvent, UnboundedQueue<v1::DoctorEvent>> out_;
};

}  // namespace jackin::ipc
