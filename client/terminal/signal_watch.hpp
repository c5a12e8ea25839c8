// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>

#include "common/result.hpp"

namespace jackin::client {

/// Signals as something to poll for, in place of handlers that run anywhere. One at a time in a process; the former
/// actions come back at the end.
class SignalWatch {
 public:
  /// Catches `signals` from now on. io_failed when no pipe is to be had.
  static Result<SignalWatch> start(std::initializer_list<int> signals);

  SignalWatch(SignalWatch&&) noexcept;
  SignalWatch& operator=(SignalWatch&&) = delete;
  ~SignalWatch();

  /// Readable when a signal has come.
  int fd() const noexcept;

  /// The next signal that came, without waiting.
  std::optional<int> next();

 private:
  struct State;
  explicit SignalWatch(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace jackin::client
