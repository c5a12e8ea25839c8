// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <vector>

#include "common/environment.hpp"
#include "daemon/async/clock.hpp"
#include "daemon/async/task.hpp"
#include "daemon/async/wake_up.hpp"
#include "daemon/lifecycle/dependencies.hpp"
#include "daemon/lifecycle/recovery.hpp"

namespace jackin::lifecycle {

/// The runs of recovery and relocation in the life of a daemon: at its start, and each time that doctor checks the
/// system. Logs what they did. Daemon's thread.
class RecoveryRuns {
 public:
  /// `unattended` has stores that never ask the user. `started_at`: when this daemon was started, by `Clock::uptime`.
  /// Both dependencies must outlive the runs.
  RecoveryRuns(asio::any_io_executor executor, Dependencies& attended, Dependencies& unattended,
               Clock::Duration started_at);

  /// Recovery, and then relocation, when the daemon starts; `own` is its environment. Once. True when an operation is
  /// stuck, so that another run makes sense when no program of the earlier daemon can still run.
  asio::awaitable<bool> run_at_start(const Environment& own);

  /// Recovery alone, unattended.
  asio::awaitable<void> run_again(const Environment& own);

  /// Waits until `run_at_start` has ended: an operation in recovery is not a leftover yet, but it can become one.
  /// Errors: cancelled.
  Task<> start_ended();

  /// Both with stores that may ask the user, who may have fixed what blocked recovery. Returns the recovered
  /// operations; none when the database cannot be read.
  asio::awaitable<std::vector<Recovered>> run_attended(const Environment& client);

 private:
  asio::awaitable<void> relocate();

  Dependencies& attended_;
  Dependencies& unattended_;
  Clock::Duration started_at_;
  bool is_starting_ = true;
  async::WakeUp start_over_;
};

}  // namespace jackin::lifecycle
