// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/watch_call.hpp"

#include <spdlog/spdlog.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <variant>
#include <vector>

#include "daemon/ipc/proto_conversion.hpp"
#include "daemon/ipc/status.hpp"
#include "proto/enum_conversion.hpp"

namespace jackin::ipc {
WatchCall* WatchCall::start(ServiceDependencies& deps, const grpc::CallbackServerContext* context,
                            const v1::WatchRequest& request) {
  const Self self(new WatchCall(deps, context->peer()));
  self->self_ = self;
  asio::post(deps.executor,
             [self, request] { asio::co_spawn(self->deps_.executor, begin(self, request), asio::detached); });
  return self.get();
}

void WatchCall::OnWriteDone(bool ok) {
  asio::post(deps_.executor, [self = shared_from_this(), ok] { self->out_.written(ok); });
}

void WatchCall::OnCancel() {
  asio::post(deps_.executor, [self = shared_from_this()] {
    self->stop();
    self->out_.abandon(grpc::Status(grpc::StatusCode::CANCELLED, "the client has gone"));
  });
}

void WatchCall::OnDone() {
  asio::post(deps_.executor, [self = std::move(self_)] {
    self->stop();
    self->place_.reset();
    self->open_.reset();
  });
}

asio::awaitable<void> WatchCall::begin(Self self, v1::WatchRequest request) {
  self->open_.emplace(self->deps_.peers.begin_call(self->peer_));
  // The client disconnected before the call began.
  if (self->out_.finished()) co_return;
  self->caller_ = self->open_->caller();
  const auto watched = co_await self->watch(request);
  if (watched || self->out_.finished()) co_return;
  self->stop();
  self->out_.finish(refuse(call_name, self->caller_, watched.error()));
}

Result<> WatchCall::take_place() {
  if (open_->refusal()) return failure(*open_->refusal());
  auto taken = deps_.watches.take(caller_);
  if (auto* place = std::get_if<Quota::Share>(&taken)) {
    place_.emplace(std::move(*place));
    return {};
  }
  const bool by_itself = std::get<Quota::Full>(taken) == Quota::Full::per_process;
  const std::size_t limit = by_itself ? deps_.watches.limits().per_process : deps_.watches.limits().in_all;
  return failure(Reason::limit_reached,
                 (by_itself ? "this process watches" : "others watch") + std::string(" jackind's answers ") +
                     std::to_string(limit) + " times already, which is the limit",
                 Remedy::try_again("when one of them has ended"));
}

Task<> WatchCall::watch(const v1::WatchRequest& request) {
  CO_TRY(take_place());
  if (request.has_scope()) {
    CO_TRY(scope_, from_proto(request.scope()));
    // Fails with the error for an unknown scope. The answer is sent at once, also for a role without a file, which the
    // feed does not report.
    CO_TRY(sent_, co_await deps_.services.health.probe(*scope_, std::nullopt));
    // The client disconnected meanwhile.
    if (out_.finished()) co_return Result<>();
  }
  spdlog::info("{} of {} by {}[{}]", call_name, scope_ ? scope_->str() : "all", caller_.command, caller_.pid);
  // All of these end before this call does: their functions may use it.
  const auto begin = request.with_current() ? health::Feed::Begin::with_snapshot : health::Feed::Begin::with_changes;
  const auto listener = [this](const health::Change& change) {
    if (scope_) return tell_of_scope(change);
    tell(change.event, change.answer);
  };
  const auto failed = [this](const Error& error) {
    const Self self = shared_from_this();
    stop();
    out_.finish(refuse(call_name, caller_, error));
  };
  watching_ = deps_.services.health.watch(listener, begin, failed);
  at_end_ = deps_.activity.at_end([this] {
    const Self self = shared_from_this();
    stop();
    out_.finish(to_status({Reason::daemon_unreachable, "jackind ends", Remedy::of(RemedyAction::start_daemon)}));
  });
  if (!request.with_current()) sent_.reset();
  if (sent_) tell(HealthEvent::current, *sent_);
  co_return Result<>();
}

void WatchCall::tell_of_scope(const health::Change& change) {
  if (*scope_ != change.answer.scope) return;
  if (change.event != HealthEvent::current) return tell(change.event, change.answer);
  // No other event reports a change between the sent answer and the current state.
  const auto sent = std::exchange(sent_, std::nullopt);
  if (sent && is_same_but_for_its_age(*sent, change.answer)) return;
  tell(sent ? HealthEvent::changed : HealthEvent::current, change.answer);
}

void WatchCall::tell(HealthEvent event, const health::ProbeAnswer& answer) {
  v1::WatchEvent proto;
  proto.set_event(to_proto(event));
  to_proto(answer, *proto.mutable_probe());
  out_.send(std::move(proto));
}

void WatchCall::stop() {
  watching_.reset();
  at_end_.reset();
}

}  // namespace jackin::ipc
