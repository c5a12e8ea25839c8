// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/doctor_call.hpp"

#include <spdlog/spdlog.h>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <exception>
#include <functional>
#include <vector>

#include "daemon/ipc/proto_conversion.hpp"
#include "daemon/ipc/status.hpp"

namespace jackin::ipc {
DoctorCall* DoctorCall::start(ServiceDependencies& deps, const grpc::CallbackServerContext* context,
                              const v1::DoctorRequest& request) {
  const Self self(new DoctorCall(deps, context->peer()));
  self->self_ = self;
  asio::post(deps.executor, [self, request] {
    self->open_.emplace(self->deps_.peers.begin_call(self->peer_));
    asio::co_spawn(self->deps_.executor, run(self, request),
                   asio::bind_cancellation_slot(self->cancellation_.slot(), [self](std::exception_ptr) {}));
  });
  return self.get();
}

void DoctorCall::OnWriteDone(bool ok) {
  asio::post(deps_.executor, [self = shared_from_this(), ok] { self->out_.written(ok); });
}

void DoctorCall::OnCancel() {
  asio::post(deps_.executor, [self = shared_from_this()] {
    self->out_.abandon(grpc::Status(grpc::StatusCode::CANCELLED, "the client has gone"));
    self->cancellation_.emit(asio::cancellation_type::terminal);
  });
}

void DoctorCall::OnDone() {
  asio::post(deps_.executor, [self = std::move(self_)] { self->open_.reset(); });
}

asio::awaitable<void> DoctorCall::run(Self self, v1::DoctorRequest request) {
  co_await asio::this_coro::throw_if_cancelled(false);
  self->caller_ = self->open_->caller();
  if (self->open_->refusal()) co_return self->out_.finish(refuse(call_name, self->caller_, *self->open_->refusal()));
  const auto share = self->deps_.activity.begin({call_name, self->caller_, self->cancel_by_shutdown()});
  grpc::Status status;
  try {
    const auto examined = co_await self->examine(request);
    if (!examined) {
      status = refuse(call_name, self->caller_,
                      self->is_cancelled_by_shutdown_ ? as_shutdown_error(examined.error()) : examined.error());
    }
  } catch (const std::exception& bug) {
    status = refuse(call_name, self->caller_, bug);
  }
  self->out_.finish(std::move(status));
}

std::function<bool()> DoctorCall::cancel_by_shutdown() {
  return [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return true;
    asio::post(self->deps_.executor, [self] {
      self->is_cancelled_by_shutdown_ = true;
      self->cancellation_.emit(asio::cancellation_type::terminal);
    });
    return true;
  };
}

Task<> DoctorCall::examine(const v1::DoctorRequest& request) {
  const Environment client = from_proto(request.environment());
  if (request.has_scope()) {
    CO_TRY(const Scope scope, from_proto(request.scope()));
    spdlog::info("{} {} by {}[{}]", call_name, scope.str(), caller_.command, caller_.pid);
    co_return co_await examine_scope(scope, client, request.offline());
  }
  if (request.acknowledge()) {
    CO_TRY(co_await deps_.services.health.acknowledge_discarded());
  }
  spdlog::info("{} of all by {}[{}]", call_name, caller_.command, caller_.pid);
  const auto each = [this](const health::ScopeReport& report) { send_report(report); };
  const auto progress = [this](std::size_t done, std::size_t total, const std::string& what) {
    send_progress(done, total, what);
  };
  const std::function<void(const health::ScopeReport&)> on_report = each;
  const std::function<void(std::size_t, std::size_t, const std::string&)> on_progress = progress;
  CO_TRY(co_await deps_.services.health.examine_all(client, request.offline(), on_report, on_progress));
  if (request.all()) co_return Result<>();
  CO_TRY(const lifecycle::SystemReport system, co_await deps_.services.health.check_system(client, request.offline()));
  v1::DoctorEvent event;
  to_proto(system, *event.mutable_system());
  out_.send(std::move(event));
  co_return Result<>();
}

Task<> DoctorCall::examine_scope(const Scope& scope, const Environment& client, bool offline) {
  CO_TRY(const health::ScopeReport report, co_await deps_.services.health.examine(scope, client, offline));
  send_report(report);
  co_return Result<>();
}

void DoctorCall::send_report(const health::ScopeReport& report) {
  v1::DoctorEvent event;
  auto& proto = *event.mutable_scope();
  to_proto(report.answer.scope, *proto.mutable_scope());
  to_proto(report.answer, *proto.mutable_probe());
  proto.set_decision(proto.probe().decision());
  proto.set_verdict(proto.probe().verdict());
  for (const auto& finding : report.findings) to_proto(finding, *proto.add_findings());
  out_.send(std::move(event));
}

void DoctorCall::send_progress(std::size_t done, std::size_t total, const std::string& text) {
  v1::DoctorEvent event;
  event.mutable_progress()->set_done(static_cast<std::uint32_t>(done));
  event.mutable_progress()->set_total(static_cast<std::uint32_t>(total));
  event.mutable_progress()->set_text(text);
  out_.send(std::move(event));
}

}  // namespace jackin::ipc
