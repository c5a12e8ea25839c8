#pragma once

#include <grpcpp/impl/codegen/server_callback.h>
#include <grpcpp/server_context.h>

#include <asio/cancellation_signal.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/ipc/out_stream.hpp"
#include "daemon/ipc/service_parts.hpp"
#include "jackin/v1/health.pb.h"

namespace jackin::ipc {

/// The stream of a doctor's run: one event per scope as it is done, last the house. Threads as in TokenCall; when the
/// client goes away the run is cancelled.
class DoctorCall final : public grpc::ServerWriteReactor<v1::DoctorEvent>,
                         public std::enable_shared_from_this<DoctorCall> {
 public:
  /// Owns itself until gRPC is done with it. Any thread.
  static DoctorCall* start(ServiceParts& parts, const grpc::CallbackServerContext* context,
                           const v1::DoctorRequest& request);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  using Self = std::shared_ptr<DoctorCall>;

  DoctorCall(ServiceParts& parts, std::string peer) : parts_(parts), peer_(std::move(peer)), out_(*this) {}

  static asio::awaitable<void> run(Self self, v1::DoctorRequest request);
  Task<> examine(const v1::DoctorRequest& request);
  Task<> examine_scope(const Scope& scope, const Environment& client, bool offline);
  void tell(const health::ScopeReport& report);
  void tell_progress(std::size_t done, std::size_t total, const std::string& text);

  ServiceParts& parts_;
  std::string peer_;
  ProcessIdentity caller_;
  Self self_;
  asio::cancellation_signal cancellation_;
  OutStream<DoctorCall, v1::DoctorEvent, UnboundedQueue<v1::DoctorEvent>> out_;
};

}  // namespace jackin::ipc
