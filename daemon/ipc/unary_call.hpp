#pragma once

#include <grpcpp/impl/codegen/server_callback.h>
#include <grpcpp/server_context.h>
#include <spdlog/spdlog.h>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "daemon/ipc/service_parts.hpp"
#include "daemon/ipc/status.hpp"
#include "daemon/ipc/valid_text.hpp"
#include "daemon/platform/task.hpp"

namespace jackin::ipc {

/// One call with one reply. gRPC owns the reactor until OnDone; the coroutine that works for it shares `state_` and
/// meets the reactor only there, on the daemon's thread, and not after the call was finished. So a client that goes
/// away ends the call at once, and the work when it next can be cancelled.
template <typename Reply>
class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
  /// `work(caller)` returns Task<Reply>; it runs on the daemon's thread. `call` is the name for the log and must be a
  /// literal.
  template <typename Work>
  static grpc::ServerUnaryReactor* start(ServiceParts& parts, const grpc::CallbackServerContext* context,
                                         std::string_view call, Reply* reply, Work work) {
    auto state = std::make_shared<State>();
    auto* reactor = new UnaryCall(parts, state);
    state->reactor = reactor;
    state->reply = reply;
    asio::post(parts.executor, [&parts, state, call, peer = context->peer(), work = std::move(work)]() mutable {
      auto& slot_owner = *state;
      asio::co_spawn(parts.executor, run(parts, std::move(state), call, parts.peers.find(peer), std::move(work)),
                     asio::bind_cancellation_slot(slot_owner.cancellation.slot(), [](std::exception_ptr) {}));
    });
    return reactor;
  }

  void OnCancel() override {
    asio::post(parts_.executor, [state = state_] {
      state->finish(grpc::Status(grpc::StatusCode::CANCELLED, "the client has gone"));
      state->cancellation.emit(asio::cancellation_type::terminal);
    });
  }
  void OnDone() override { delete this; }

 private:
  struct State {
    UnaryCall* reactor = nullptr;
    Reply* reply = nullptr;
    asio::cancellation_signal cancellation;

    void finish(grpc::Status status) {
      if (reactor != nullptr) std::exchange(reactor, nullptr)->Finish(std::move(status));
    }
  };

  UnaryCall(ServiceParts& parts, std::shared_ptr<State> state) : parts_(parts), state_(std::move(state)) {}

  template <typename Work>
  static asio::awaitable<void> run(ServiceParts& parts, std::shared_ptr<State> state, std::string_view call,
                                   ProcessIdentity caller, Work work) {
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto share = parts.activity.begin();
    grpc::Status status;
    try {
      Result<Reply> result = co_await work(caller);
      if (!result) {
        status = refuse(call, caller, result.error());
      } else if (state->reactor != nullptr) {
        *state->reply = std::move(*result);
        make_text_valid(*state->reply);
      }
    } catch (const std::exception& bug) {
      // What it says is not repeated: an exception's text can quote what it choked on.
      status = refuse(call, caller, {Reason::internal, std::string("an unexpected ") + typeid(bug).name(), {}});
    }
    state->finish(std::move(status));
  }

  ServiceParts& parts_;
  std::shared_ptr<State> state_;
};

/// For what is answered at once: `answer(caller)` returns Result<Reply>, on the daemon's thread.
template <typename Reply, typename Answer>
grpc::ServerUnaryReactor* answer_at_once(ServiceParts& parts, const grpc::CallbackServerContext* context,
                                         std::string_view call, Reply* reply, Answer answer) {
  return UnaryCall<Reply>::start(
      parts, context, call, reply,
      [answer = std::move(answer)](const ProcessIdentity& caller) -> Task<Reply> { co_return answer(caller); });
}

}  // namespace jackin::ipc
