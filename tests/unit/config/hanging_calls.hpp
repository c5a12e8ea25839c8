// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace jackin::test {

/// Calls on other threads that hang at chosen paths, as if a file system did not answer. They return at `let_return`,
/// and at the end of this object. The threads may outlive it, so they share its state.
class HangingCalls {
 public:
  HangingCalls() = default;
  HangingCalls(const HangingCalls&) = delete;
  HangingCalls& operator=(const HangingCalls&) = delete;
  ~HangingCalls() { let_return(); }

  /// The next `most` calls for `path` hang.
  void hang_at(const std::string& path, int most = 1) {
    const std::lock_guard lock(state_->mutex);
    state_->to_hang[path] = most;
  }
  void let_return() {
    if (!std::exchange(may_return_, true)) state_->returns.set_value();
  }

  /// A function that a call runs on its thread, with its path.
  std::function<void(const std::string& path)> gate() const {
    return [state = state_](const std::string& path) {
      {
        const std::lock_guard lock(state->mutex);
        ++state->calls;
        int& left = state->to_hang[path];
        if (left == 0) return;
        --left;
        ++state->hanging;
      }
      state->may_return.wait();
    };
  }

  /// How many calls there were, and how many of them hung.
  int calls() const {
    const std::lock_guard lock(state_->mutex);
    return state_->calls;
  }
  int hanging() const {
    const std::lock_guard lock(state_->mutex);
    return state_->hanging;
  }

  /// Runs the event loop until so many calls have hung.
  void run_until_hanging(asio::io_context& io, int count = 1) const {
    while (hanging() < count) {
      io.restart();
      io.poll();
      std::this_thread::yield();
    }
  }

 private:
  struct State {
    std::mutex mutex;  // guards the three below
    std::map<std::string, int> to_hang;
    int calls = 0;
    int hanging = 0;
    std::promise<void> returns;
    const std::shared_future<void> may_return = returns.get_future().share();
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
  bool may_return_ = false;
};

}  // namespace jackin::test
