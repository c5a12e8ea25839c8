// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "daemon/async/clock.hpp"
#include "daemon/async/task.hpp"

namespace jackin::async {

/// Per-key mutual exclusion between coroutines. The lock of a key goes to its waiters in the order of their requests.
/// It prevents two simultaneous calls of `op` for one account, for which the 1Password app would show two prompts. The
/// operating system's store would do the same. A strand does not serve: it is not held while a coroutine is suspended.
/// Daemon's thread only; `clock` must outlive the waits.
class KeyedMutex {
 private:
  struct State;

 public:
  /// An acquired lock. Its destructor releases it to the next waiter.
  class Lock {
   public:
    Lock(Lock&& other) noexcept = default;
    Lock& operator=(Lock&& other) = delete;
    ~Lock();

   private:
    friend class KeyedMutex;
    Lock(std::weak_ptr<State> state, std::string key) : state_(std::move(state)), key_(std::move(key)) {}
    std::weak_ptr<State> state_;  // empty once moved from
    std::string key_;
  };

  explicit KeyedMutex(Clock& clock);
  ~KeyedMutex();

  /// Waits for the lock, at most `limit`. Errors: timed_out, cancelled.
  Task<Lock> take(std::string key, std::chrono::seconds limit);

 private:
  std::shared_ptr<State> state_;
};

}  // namespace jackin::async
