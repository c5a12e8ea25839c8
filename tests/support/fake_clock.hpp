// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "daemon/async/clock.hpp"

namespace jackin::test {

/// A clock that advances only when the test calls `advance`. Daemon's thread only, except `now` and `uptime`. Declare
/// it after the io_context whose coroutines wait on it, so that it is destroyed first.
class FakeClock final : public Clock {
 public:
  /// Starts at `now`, an hour after boot.
  explicit FakeClock(Moment now = Date(std::chrono::year(2026) / 11 / 23) + std::chrono::hours(12));
  ~FakeClock() override;

  Moment now() const override;
  Duration uptime() const override;
  asio::awaitable<bool> wait(Duration duration) override;

  /// Advances both clocks by `duration`. Every wait that is due by then ends: the earliest first, equal ones in the
  /// order of their start. Their coroutines continue when the io_context runs next. A wait that starts afterwards (the
  /// next round of a loop) counts from the new time.
  void advance(Duration duration);

  /// The wall clock jumps, as after a change by the user. Waits are not affected.
  void set_now(Moment now);

  /// The number of pending waits.
  std::size_t waiting() const;
  /// The time until the first pending wait ends; nothing when no wait is pending.
  std::optional<Duration> next_due() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace jackin::test
