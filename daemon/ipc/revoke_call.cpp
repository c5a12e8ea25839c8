// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/revoke_call.hpp"

#include <spdlog/spdlog.h>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <exception>
#include <functional>
#include <utility>

#include "daemon/ipc/proto_conversion.hpp"
#include "daemon/ipc/status.hpp"

namespace jackin::ipc {
RevokeCall* RevokeCall::start(ServiceDependencies& deps, const grpc::CallbackServerContext* context,
                              const v1::RevokeRequest& request) {
  const Self self(new RevokeCall(deps, context->peer()));
  self->self_ = self;
  asio::post(deps.executor, [self, request] {
    self->open_.emplace(self->deps_.peers.begin_call(self->peer_));
    asio::co_spawn(self->deps_.executor, run(self, request),
                   asio::bind_cancellation_slot(self->cancellation_.slot(), [self](std::exception_ptr) {}));
  });
  return self.get();
}

void RevokeCall::OnWriteDone(bool ok) {
  asio::post(deps_.executor, [self = shared_from_this(), ok] { self->out_.written(ok); });
}

void RevokeCall::OnCancel() {
  asio::post(deps_.executor, [self = shared_from_this()] {
    self->out_.abandon(grpc::Status(grpc::StatusCode::CANCELLED, "the client has gone"));
    self->cancel();
  });
}

void RevokeCall::OnDone() {
  asio::post(deps_.executor, [self = std::move(self_)] { self->open_.reset(); });
}

asio::awaitable<void> RevokeCall::run(Self self, v1::RevokeRequest request) {
  co_await asio::this_coro::throw_if_cancelled(false);
  self->caller_ = self->open_->caller();
  if (self->open_->refusal()) co_return self->out_.finish(refuse(call_name, self->caller_, *self->open_->refusal()));
  std::function<bool()> cancel = [weak = std::weak_ptr(self)] {
    const auto still_there = weak.lock();
    return !still_there || still_there->cancel();
  };
  const auto share = self->deps_.activity.begin({call_name, self->caller_, std::move(cancel)});
  grpc::Status status;
  try {
    const auto revoked = co_await self->revoke(request);
    if (!revoked) status = refuse(call_name, self->caller_, revoked.error());
  } catch (const std::exception& bug) {
    status = refuse(call_name, self->caller_, bug);
  }
  self->out_.finish(std::move(status));
}

// False when the operation has made a change: then it runs to its end.
bool RevokeCall::cancel() {
  if (has_changed_something_) return false;
  asio::post(deps_.executor, [self = shared_from_this()] {
    if (!self->has_changed_something_) self->cancellation_.emit(asio::cancellation_type::terminal);
  });
  return true;
}

Task<> RevokeCall::revoke(const v1::RevokeRequest& proto) {
  CO_TRY(lifecycle::RevokeRequest request, from_proto(proto));
  request.asked_by = caller_;
  spdlog::info("{} {}{} by {}[{}]", call_name, request.all ? "of all" : request.scope.str(),
               request.delete_item ? " with what is stored" : "", caller_.command, caller_.pid);
  request.begun = [this](const std::string& id) {
    v1::RevokeEvent event;
    event.mutable_begun()->set_id(id);
    out_.send(std::move(event));
  };
  request.cancel = [this] { return cancel(); };
  lifecycle::Revoke::Each each = [this](const lifecycle::RevokeOutcome& outcome) { send_outcome(outcome); };
  co_return co_await deps_.services.tokens.revoke(std::move(request), std::move(each));
}

void RevokeCall::send_outcome(const lifecycle::RevokeOutcome& outcome) {
  if (outcome.cleared || outcome.deleted) has_changed_something_ = true;
  spdlog::info("{} {}: {}", call_name, outcome.scope.str(),
               outcome.error ? outcome.error->message : std::string(outcome.deleted ? "deleted" : "cleared"));
  v1::RevokeEvent event;
  to_proto(outcome, *event.mutable_outcome());
  out_.send(std::move(event));
}

}  // namespace jackin::ipc
