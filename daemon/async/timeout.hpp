// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "daemon/async/clock.hpp"

namespace jackin::async {

/// Calls a function once when a duration has passed, unless it is destroyed earlier. The function runs on `executor`,
/// never inside the constructor and never after the destructor. Daemon's thread only; `clock` must outlive the
/// io_context's last run. Movable.
class Timeout {
 public:
  Timeout() = default;
  Timeout(asio::any_io_executor executor, Clock& clock, Clock::Duration after, std::function<void()> due);
  Timeout(Timeout&& other) noexcept = default;
  Timeout& operator=(Timeout&& other) noexcept;
  ~Timeout();

  /// Cancels the timeout: the function is not called.
  void cancel() noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace jackin::async
