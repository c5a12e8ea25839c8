// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/impl/codegen/server_callback.h>
#include <grpcpp/server_context.h>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/async/task.hpp"
#include "daemon/ipc/out_stream.hpp"
#include "daemon/ipc/services.hpp"
#include "daemon/ipc/status.hpp"

namespace jackin::ipc {

/// A share of the streams of changes for the process `caller`. Errors: limit_reached.
Result<Quota::Share> share_of_watches(Quota& watches, const ProcessIdentity& caller);

/// A stream of changes to a watching client, until the client disconnects or the daemon ends. The daemon does not wait
/// for it at its end. It does no work between two changes. Threads as in TokenCall.
template <typename Event, typename Queue>
class ChangesCall : public grpc::ServerWriteReactor<Event>,
                    public std::enable_shared_from_this<ChangesCall<Event, Queue>> {
 public:
  /// `call` owns itself until gRPC is done with it. Any thread.
  static grpc::ServerWriteReactor<Event>* start(std::shared_ptr<ChangesCall> call) {
    call->self_ = call;
    asio::post(call->deps_.executor, [call] { asio::co_spawn(call->deps_.executor, begin(call), asio::detached); });
    return call.get();
  }

  void OnWriteDone(bool ok) override {
    asio::post(deps_.executor, [self = this->shared_from_this(), ok] { self->out_.written(ok); });
  }
  void OnCancel() override {
    asio::post(deps_.executor, [self = this->shared_from_this()] {
      self->stop();
      self->out_.abandon(grpc::Status(grpc::StatusCode::CANCELLED, "the client has gone"));
    });
  }
  void OnDone() override {
    asio::post(deps_.executor, [self = std::move(self_)] {
      self->stop();
      self->share_.reset();
      self->open_.reset();
    });
  }

 protected:
  /// `name` is for the log and must be a literal.
  ChangesCall(ServiceDependencies& deps, std::string peer, std::string_view name)
      : deps_(deps), peer_(std::move(peer)), name_(name), out_(*this) {}

  /// Begins to send changes, until `watching_` is destroyed. Errors end the stream.
  virtual Task<> watch() = 0;

  bool has_ended() const { return out_.finished(); }
  /// Ends the stream when the client does not read.
  void send(Event event) {
    if (!out_.send(std::move(event))) fail({Reason::limit_reached, "the client does not read its messages", {}});
  }
  void fail(const Error& error) {
    const auto self = this->shared_from_this();
    stop();
    out_.finish(refuse(name_, caller_, error));
  }

  ServiceDependencies& deps_;
  ProcessIdentity caller_;
  std::shared_ptr<void> watching_;

 private:
  static asio::awaitable<void> begin(std::shared_ptr<ChangesCall> self) {
    self->open_.emplace(self->deps_.peers.begin_call(self->peer_));
    // The client disconnected before the call began.
    if (self->has_ended()) co_return;
    self->caller_ = self->open_->caller();
    if (self->open_->refusal()) co_return self->fail(*self->open_->refusal());
    auto share = share_of_watches(self->deps_.watches, self->caller_);
    if (!share) co_return self->fail(share.error());
    self->share_.emplace(*std::move(share));
    self->at_end_ = self->deps_.activity.at_end([call = self.get()] {
      const auto still = call->shared_from_this();
      call->stop();
      call->out_.finish(
          to_status({Reason::daemon_unreachable, "jackind ends", Remedy::of(RemedyAction::start_daemon)}));
    });
    const auto watched = co_await self->watch();
    if (!watched && !self->has_ended()) self->fail(watched.error());
    // The client disconnected meanwhile.
    if (self->has_ended()) self->stop();
  }

  void stop() {
    watching_.reset();
    at_end_.reset();
  }

  std::string peer_;
  std::string_view name_;
  std::optional<OpenCall> open_;
  std::optional<Quota::Share> share_;
  std::shared_ptr<ChangesCall> self_;
  std::shared_ptr<void> at_end_;
  OutStream<ChangesCall, Event, Queue> out_;
};

}  // namespace jackin::ipc
