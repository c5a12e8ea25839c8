// SPDX-License-Identifier: Apache-2.0
#include "client/core/revoke.hpp"

#include <unistd.h>

#include <algorithm>

#include "client/core/daemon_control.hpp"
#include "client/core/health.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "jackin/v1/tokens.grpc.pb.h"

namespace jackin::client {
namespace {

// Whether the daemon finishes the revocation. For a call that was cancelled when the ID of its operation was not known.
bool unnamed_runs_to_its_end(const Connection& connection, const v1::RevokeRequest& request) {
  const auto status = status_of(connection);
  if (!status) return false;
  return std::any_of(status->operations().begin(), status->operations().end(), [&](const v1::Operation& running) {
    const bool is_in_request = request.all() || is_same(running.scope(), request.scope());
    return running.client().pid() == getpid() && running.kind() == v1::OPERATION_KIND_REVOKE && is_in_request &&
           running.runs_to_its_end();
  });
}

}  // namespace

v1::RevokeRequest revoke_request(const std::optional<Scope>& scope, const RevokeOptions& options,
                                 const Environment& environment) {
  v1::RevokeRequest request;
  if (scope) *request.mutable_scope() = to_proto(*scope);
  request.set_all(!scope);
  request.set_delete_item(options.delete_item);
  request.set_force(options.force);
  *request.mutable_environment() = to_proto(environment);
  return request;
}

Result<std::vector<ManagedToken>> tokens_to_revoke(const Connection& connection) {
  TRY(const v1::OverviewReply overview, overview_of(connection));
  auto tokens = managed_tokens(overview);
  std::erase_if(tokens, [](const ManagedToken& token) { return token.error.has_value(); });
  return tokens;
}

RevokeEnd revoke(const Connection& connection, const v1::RevokeRequest& request,
                 const std::function<void(const v1::RevokeOutcome&)>& on_outcome, const RunCall& run,
                 const std::function<void(const std::string&)>& on_begun) {
  grpc::ClientContext context;
  Liveness liveness(connection, context);
  grpc::Status status;
  RevokeEnd end;
  std::string operation;
  const auto stub = v1::TokensService::NewStub(connection.channel());
  const bool stopped = run(context, [&] {
    const auto stream = stub->Revoke(&context, request);
    v1::RevokeEvent event;
    while (stream->Read(&event)) {
      liveness.heard();
      if (event.has_begun()) {
        operation = event.begun().id();
        if (on_begun) on_begun(operation);
      }
      if (!event.has_outcome()) continue;
      // With `all` the next operation has another ID.
      operation.clear();
      ++end.outcomes;
      if (event.outcome().cleared()) ++end.cleared;
      if (event.outcome().cleared() || event.outcome().deleted()) end.has_changed = true;
      on_outcome(event.outcome());
    }
    liveness.no_more();
    status = stream->Finish();
  });
  if (stopped && !status.ok()) {
    // The user did not wait: the daemon has stopped, or it continues.
    const bool goes_on = end.has_changed || (operation.empty() ? unnamed_runs_to_its_end(connection, request)
                                                               : runs_to_its_end(connection, operation));
    end.stopped = goes_on ? RevokeEnd::Stopped::detached : RevokeEnd::Stopped::cancelled;
  } else if (const auto ended = liveness.outcome(status); !ended) {
    end.error = ended.error();
  }
  return end;
}

}  // namespace jackin::client
