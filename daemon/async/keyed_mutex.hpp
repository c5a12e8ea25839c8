// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "daemon/async/clock.hpp"
#include "daemon/async/task.hpp"

namespace jackin::secrets {

/// One at a time per key, in the order of asking: two calls of `op` for one account would make the 1Password app ask
/// twice at once, and so would two of the operating system's store. A strand would be no lock across suspensions.
/// Daemon's thread only; `clock` must outlive the waits.
class KeyedMutex {
 private:
  struct State;

 public:
  /// The right to go on; given back when it is destroyed, and with it to whoever waits next.
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

  /// Waits for the turn, at most `limit`. Errors: timed_out, cancelled.
  Task<Lock> take(std::string key, std::chrono::seconds limit);

 private:
  std::shared_ptr<State> state_;
};

}  // namespace jackin::secrets
