// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>

#include "common/result.hpp"

namespace jackin::client {

/// Reports signals through a descriptor for poll, in place of asynchronous handlers. At most one object in a process.
/// The destructor restores the former actions.
class SignalWatch {
 public:
  /// Catches `signals` from now on. Errors: io_failed if no pipe can be created.
  static Result<SignalWatch> start(std::initializer_list<int> signals);

  SignalWatch(SignalWatch&&) noexcept;
  SignalWatch& operator=(SignalWatch&&) = delete;
  ~SignalWatch();

  /// Readable when a signal is pending.
  int fd() const noexcept;

  /// Returns the next pending signal, without waiting.
  std::optional<int> next();

 private:
  struct State;
  explicit SignalWatch(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace jackin::client
