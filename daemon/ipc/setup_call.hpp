#pragma once

#include <grpcpp/impl/codegen/server_callback.h>
#include <grpcpp/server_context.h>

#include <memory>
#include <string>

#include "daemon/ipc/client_person.hpp"
#include "daemon/ipc/event_queue.hpp"
#include "daemon/ipc/out_stream.hpp"
#include "daemon/ipc/service_parts.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::ipc {

/// The stream of a setup: the request, then the person's inputs, against events and the report. gRPC's reactions come
/// on its threads and are handed to the daemon's, where everything else happens. The call ends with the client; the
/// operation that it began goes on by itself if it must.
class SetupCall final : public grpc::ServerBidiReactor<v1::SetupInput, v1::SetupEvent>,
                        public std::enable_shared_from_this<SetupCall> {
 public:
  /// Owns itself until gRPC is done with it. Any thread.
  static SetupCall* start(ServiceParts& parts, const grpc::CallbackServerContext* context);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  using Self = std::shared_ptr<SetupCall>;
  SetupCall(ServiceParts& parts, std::string peer);

  void read(bool ok);
  void begin(const v1::SetupRequest& request);
  void read_on();
  void client_has_gone();
  void refuse_client(const Error& error);
  static asio::awaitable<void> run(ServiceParts& parts, Self self, std::shared_ptr<ClientPerson> person,
                                   lifecycle::SetupRequest request);

  ServiceParts& parts_;
  std::string peer_;
  ProcessIdentity caller_;
  Self self_;
  v1::SetupInput input_;
  bool reading_ = true;
  bool reads_ended_ = false;
  std::shared_ptr<ClientPerson> person_;
  OutStream<SetupCall, v1::SetupEvent, EventQueue> out_;
};

}  // namespace jackin::ipc
