// SPDX-License-Identifier: Apache-2.0
#include "daemon/async/timeout.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <exception>
#include <utility>

namespace jackin::async {

// The waiting coroutine keeps its cancellation state in the signal's own memory (asio 1.22, co_spawn). The signal must
// exist until the coroutine has ended, so the completion handler shares it.
struct Timeout::State {
  asio::cancellation_signal given_up;
  std::function<void()> due;
};

Timeout::Timeout(asio::any_io_executor executor, Clock& clock, Clock::Duration after, std::function<void()> due)
    : state_(std::make_shared<State>()) {
  state_->due = std::move(due);
  asio::co_spawn(
      executor, clock.wait(after),
      asio::bind_cancellation_slot(state_->given_up.slot(), [state = state_](std::exception_ptr failed, bool passed) {
        const auto call = std::exchange(state->due, nullptr);
        if (!failed && passed && call) call();
      }));
}

Timeout& Timeout::operator=(Timeout&& other) noexcept {
  if (this != &other) {
    cancel();
    state_ = std::move(other.state_);
  }
  return *this;
}

Timeout::~Timeout() {
  cancel();
}

void Timeout::cancel() noexcept {
  const auto state = std::move(state_);
  if (!state || !state->due) return;
  state->due = nullptr;
  state->given_up.emit(asio::cancellation_type::terminal);
}

}  // namespace jackin::async
