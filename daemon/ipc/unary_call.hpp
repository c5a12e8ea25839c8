// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/impl/codegen/server_callback.h>
#include <grpcpp/server_context.h>
#include <spdlog/spdlog.h>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "daemon/async/task.hpp"
#include "daemon/ipc/services.hpp"
#include "daemon/ipc/status.hpp"
#include "daemon/ipc/valid_text.hpp"

namespace jackin::ipc {

/// Which clients a call answers.
enum class Answers {
  who_has_a_place,  ///< Only clients within the connection limit.
  anyone,           ///< Also clients over the limit: a request to end the daemon must always succeed.
};

/// Which code makes a reply's text valid UTF-8, as gRPC requires.
enum class ReplyText {
  as_it_comes,  ///< The call does, in one turn.
  valid,        ///< The work did: a long reply takes several turns.
};

/// One call with one reply. gRPC owns the reactor until OnDone. The working coroutine shares `state_` and accesses the
/// reactor only through it, on the daemon's thread, and not after the call was finished. So a disconnect of the client
/// or the end of the daemon ends the call at once. It ends the work at its next cancellation point.
template <typename Reply>
class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
  /// `work(caller)` returns Task<Reply>; it runs on the daemon's thread. `call` is the name for the log and must be a
  /// literal.
  template <typename Work>
  static grpc::ServerUnaryReactor* start(ServiceDependencies& deps, const grpc::CallbackServerContext* context,
                                         std::string_view call, Reply* reply, Work work,
                                         Answers answers = Answers::who_has_a_place,
                                         ReplyText text = ReplyText::as_it_comes) {
    auto state = std::make_shared<State>();
    auto* reactor = new UnaryCall(deps, state);
    state->reactor = reactor;
    state->reply = reply;
    asio::post(
        deps.executor, [&deps, state, call, peer = context->peer(), work = std::move(work), answers, text]() mutable {
          auto& slot_owner = *state;
          slot_owner.open.emplace(deps.peers.begin_call(peer));
          if (answers == Answers::who_has_a_place && slot_owner.open->refusal()) {
            return slot_owner.finish(refuse(call, slot_owner.open->caller(), *slot_owner.open->refusal()));
          }
          asio::co_spawn(deps.executor, run(deps, std::move(state), call, std::move(work), text),
                         asio::bind_cancellation_slot(slot_owner.cancellation.slot(), [](std::exception_ptr) {}));
        });
    return reactor;
  }

  void OnCancel() override {
    asio::post(deps_.executor, [state = state_] {
      state->finish(grpc::Status(grpc::StatusCode::CANCELLED, "the client has gone"));
      state->cancellation.emit(asio::cancellation_type::terminal);
    });
  }
  void OnDone() override {
    asio::post(deps_.executor, [state = std::move(state_)] { state->open.reset(); });
    delete this;
  }

 private:
  struct State {
    UnaryCall* reactor = nullptr;
    Reply* reply = nullptr;
    std::optional<OpenCall> open;
    asio::cancellation_signal cancellation;
    bool is_cancelled_by_shutdown = false;  // the daemon ends

    void finish(grpc::Status status) {
      if (reactor != nullptr) std::exchange(reactor, nullptr)->Finish(std::move(status));
    }
  };

  UnaryCall(ServiceDependencies& deps, std::shared_ptr<State> state) : deps_(deps), state_(std::move(state)) {}

  template <typename Work>
  static asio::awaitable<void> run(ServiceDependencies& deps, std::shared_ptr<State> state, std::string_view call,
                                   Work work, ReplyText text) {
    co_await asio::this_coro::throw_if_cancelled(false);
    const ProcessIdentity caller = state->open->caller();
    const auto share = deps.activity.begin({call, caller, cancel_by_shutdown(deps, state)});
    grpc::Status status;
    try {
      Result<Reply> result = co_await work(caller);
      if (!result) {
        status =
            refuse(call, caller, state->is_cancelled_by_shutdown ? as_shutdown_error(result.error()) : result.error());
      } else if (state->reactor != nullptr) {
        *state->reply = std::move(*result);
        if (text == ReplyText::as_it_comes) make_text_valid(*state->reply);
      }
    } catch (const std::exception& bug) {
      status = refuse(call, caller, bug);
    }
    state->finish(std::move(status));
  }

  static std::function<bool()> cancel_by_shutdown(ServiceDependencies& deps, const std::shared_ptr<State>& state) {
    return [&deps, weak = std::weak_ptr(state)] {
      asio::post(deps.executor, [weak] {
        const auto called = weak.lock();
        if (!called) return;
        called->is_cancelled_by_shutdown = true;
        called->cancellation.emit(asio::cancellation_type::terminal);
      });
      return true;
    };
  }

  ServiceDependencies& deps_;
  std::shared_ptr<State> state_;
};

/// For calls that are answered at once: `answer(caller)` returns Result<Reply>, on the daemon's thread.
template <typename Reply, typename Answer>
grpc::ServerUnaryReactor* answer_at_once(ServiceDependencies& deps, const grpc::CallbackServerContext* context,
                                         std::string_view call, Reply* reply, Answer answer,
                                         Answers answers = Answers::who_has_a_place) {
  return UnaryCall<Reply>::start(
      deps, context, call, reply,
      [answer = std::move(answer)](const ProcessIdentity& caller) -> Task<Reply> { co_return answer(caller); },
      answers);
}

}  // namespace jackin::ipc
