// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "daemon/async/clock.hpp"
#include "daemon/async/task.hpp"

namespace jackin::secrets {

/// Per-key mutual exclusion, in the order of the requests. Two calls of `op` for one account would make the 1Password
/// app prompt twice at once; the operating system's store has the same problem. A strand does not lock across
/// suspensions. Daemon's thread only; `clock` must outlive the waits.
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

}  // namespace jackin::secrets
