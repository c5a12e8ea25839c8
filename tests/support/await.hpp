// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace jackin::test {

/// A coroutine that a test has started and observes from outside. Its io_context must outlive it.
template <typename T>
class Started {
 public:
  Started(asio::io_context& io, asio::awaitable<T> task) : io_(io), state_(std::make_shared<State>()) {
    asio::co_spawn(
        io, std::move(task),
        asio::bind_cancellation_slot(state_->cancel.slot(), [state = state_](std::exception_ptr thrown, T value) {
          state->thrown = thrown;
          state->value.emplace(std::move(value));
        }));
  }

  bool has_ended() const { return state_->value.has_value(); }

  void cancel() { state_->cancel.emit(asio::cancellation_type::terminal); }

  /// Runs the io_context until the coroutine ends. Returns its result, or throws its exception.
  T result() {
    run_until([this] { return has_ended(); });
    if (state_->thrown) std::rethrow_exception(state_->thrown);
    return std::move(*state_->value);
  }

  /// Runs the io_context, event by event, until `condition` holds.
  template <typename Condition>
  void run_until(Condition condition) {
    io_.restart();
    while (!condition()) {
      if (io_.run_one() == 0) throw std::logic_error("nothing is left to run, and what was waited for has not come");
    }
  }

 private:
  struct State {
    asio::cancellation_signal cancel;
    std::exception_ptr thrown;
    std::optional<T> value;
  };

  asio::io_context& io_;
  std::shared_ptr<State> state_;
};

/// Runs a coroutine to its end.
template <typename T>
T await(asio::io_context& io, asio::awaitable<T> task) {
  return Started<T>(io, std::move(task)).result();
}

}  // namespace jackin::test
