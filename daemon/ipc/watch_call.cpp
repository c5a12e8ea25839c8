// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/watch_call.hpp"

#include <spdlog/spdlog.h>

#include <utility>
#include <variant>

#include "daemon/ipc/proto_conversion.hpp"
#include "proto/enum_conversion.hpp"

namespace jackin::ipc {

Result<Quota::Share> share_of_watches(Quota& watches, const ProcessIdentity& caller) {
  auto taken = watches.take(caller);
  if (auto* share = std::get_if<Quota::Share>(&taken)) return std::move(*share);
  const bool by_itself = std::get<Quota::Full>(taken) == Quota::Full::per_process;
  const std::size_t limit = by_itself ? watches.limits().per_process : watches.limits().in_all;
  return failure(Reason::limit_reached,
                 (by_itself ? "this process watches" : "others watch") + std::string(" jackind's answers ") +
                     std::to_string(limit) + " times already, which is the limit",
                 Remedy::try_again("when one of them has ended"));
}

grpc::ServerWriteReactor<v1::WatchEvent>* WatchCall::start(ServiceDependencies& deps,
                                                           const grpc::CallbackServerContext* context,
                                                           const v1::WatchRequest& request) {
  return ChangesCall::start(std::shared_ptr<WatchCall>(new WatchCall(deps, context->peer(), request)));
}

Task<> WatchCall::watch() {
  if (request_.has_scope()) {
    CO_TRY(scope_, from_proto(request_.scope()));
    // Fails with the error for an unknown scope. The answer is sent at once, also for a role without a file, which the
    // feed does not report.
    CO_TRY(sent_, co_await deps_.services.health.probe(*scope_, std::nullopt));
    if (has_ended()) co_return Result<>();
  }
  spdlog::info("Health.Watch of {} by {}[{}]", scope_ ? scope_->str() : "all", caller_.command, caller_.pid);
  const auto begin = request_.with_current() ? health::Feed::Begin::with_snapshot : health::Feed::Begin::with_changes;
  const auto listener = [this](const health::Change& change) {
    if (scope_) return send_scope_event(change);
    send_event(change.event, change.answer);
  };
  const auto failed = [this](const Error& error) { fail(error); };
  watching_ = deps_.services.health.watch(listener, begin, failed);
  if (!request_.with_current()) sent_.reset();
  if (sent_) send_event(HealthEvent::current, *sent_);
  co_return Result<>();
}

void WatchCall::send_scope_event(const health::Change& change) {
  if (change.event == HealthEvent::complete) return send_event(change.event, change.answer);
  if (*scope_ != change.answer.scope) return;
  if (change.event != HealthEvent::current) return send_event(change.event, change.answer);
  // No other event reports a change between the sent answer and the current state.
  const auto sent = std::exchange(sent_, std::nullopt);
  if (sent && is_same_but_for_its_age(*sent, change.answer)) return;
  send_event(sent ? HealthEvent::changed : HealthEvent::current, change.answer);
}

void WatchCall::send_event(HealthEvent event, const health::ProbeAnswer& answer) {
  v1::WatchEvent proto;
  proto.set_event(to_proto(event));
  if (event != HealthEvent::complete) to_proto(answer, *proto.mutable_probe());
  send(std::move(proto));
}

}  // namespace jackin::ipc
