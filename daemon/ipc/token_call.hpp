// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/impl/codegen/server_callback.h>
#include <grpcpp/server_context.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/async/timeout.hpp"
#include "daemon/ipc/client_user.hpp"
#include "daemon/ipc/event_queue.hpp"
#include "daemon/ipc/out_stream.hpp"
#include "daemon/ipc/services.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::ipc {

/// A client's request that ends with a new token for a scope.
struct TokenSaga {
  Scope scope;
  std::optional<TerminalSize> terminal;  ///< The user's.
  bool can_open_browser = false;
  std::function<Task<lifecycle::TokenReport>(lifecycle::UserInteraction&)> run;  ///< Called once.
};

/// Parses the first message of a stream. Errors: invalid_argument, unsupported.
using UnderstandSaga = Result<TokenSaga> (*)(TokensInterface& tokens, const v1::TokenInput& first,
                                             const ProcessIdentity& caller);
Result<TokenSaga> understand_setup(TokensInterface& tokens, const v1::TokenInput& first, const ProcessIdentity& caller);
Result<TokenSaga> understand_rotate(TokensInterface& tokens, const v1::TokenInput& first,
                                    const ProcessIdentity& caller);

/// The stream of a setup or of a rotation. The client sends the request and then the user's inputs; the daemon sends
/// events and the report. gRPC calls the reactions on its own threads. They pass the work to the daemon's thread. The
/// call ends with the client; the operation that it began continues by itself if it must.
class TokenCall final : public grpc::ServerBidiReactor<v1::TokenInput, v1::TokenEvent>,
                        public std::enable_shared_from_this<TokenCall> {
 public:
  /// Owns itself until gRPC is done with it. `name` is for the log and must be a literal. Any thread.
  static TokenCall* start(ServiceDependencies& deps, const grpc::CallbackServerContext* context, std::string_view name,
                          UnderstandSaga understand);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  using Self = std::shared_ptr<TokenCall>;
  TokenCall(ServiceDependencies& deps, std::string peer, std::string_view name, UnderstandSaga understand);

  void expect_request();
  void read(bool ok);
  void begin();
  void read_on();
  void client_has_gone();
  void refuse_client(const Error& error);
  static asio::awaitable<void> run(ServiceDependencies& deps, Self self, std::shared_ptr<ClientUser> user,
                                   TokenSaga saga);

  ServiceDependencies& deps_;
  std::string peer_;
  std::optional<OpenCall> open_;
  async::Timeout first_message_;
  std::string_view name_;
  UnderstandSaga understand_;
  ProcessIdentity caller_;
  Self self_;
  v1::TokenInput input_;
  bool reading_ = true;
  bool reads_ended_ = false;
  std::shared_ptr<ClientUser> user_;
  asio::cancellation_signal cancellation_;
  OutStream<TokenCall, v1::TokenEvent, EventQueue> out_;
};

}  // namespace jackin::ipc
