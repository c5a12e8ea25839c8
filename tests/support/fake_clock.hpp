// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "daemon/async/clock.hpp"

namespace jackin::test {

/// A clock that stands until the test turns it. Daemon's thread only, but for `now` and `uptime`. Declare it after the
/// io_context whose coroutines wait on it, so that it goes first.
class FakeClock final : public Clock {
 public:
  /// Stands at `now`, an hour after boot.
  explicit FakeClock(Moment now = Date(std::chrono::year(2026) / 11 / 23) + std::chrono::hours(12));
  ~FakeClock() override;

  Moment now() const override;
  Duration uptime() const override;
  asio::awaitable<bool> wait(Duration duration) override;

  /// KeyedMutex both clocks by `duration`. Every wait that is due by then ends, the earliest first, equals in the order
  /// in which they began; their coroutines go on when the io_context runs next. A wait that begins only then (a loop's
  /// next round) counts from the new time.
  void advance(Duration duration);

  /// The wall clock jumps, as when somebody sets it; waits do not notice.
  void set_now(Moment now);

  /// How many waits are pending.
  std::size_t waiting() const;
  /// How long until the first of them is due; nothing when there is none.
  std::optional<Duration> next_due() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace jackin::test
