// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/cancellation_signal.hpp>
#include <asio/io_context.hpp>

#include "daemon/core/daemon_core.hpp"
#include "daemon/ipc/activity.hpp"

namespace jackin {

/// The work of the daemon after its start: recovery, and the deletion of old records and of temporary files of killed
/// writers. It repeats the deletion of files every hour. Daemon's thread only; all arguments must outlive it.
class RecoveryWork {
 public:
  /// Work that must end before the daemon does counts in `own_work`.
  RecoveryWork(asio::io_context& io, DaemonCore& core, ipc::Activity& own_work)
      : io_(io), core_(core), own_work_(own_work) {}

  /// Returns at once: a store can be slow, and clients do not depend on recovery. Once.
  void start();
  /// Cancels the work that waits for a later time.
  void stop();

 private:
  asio::awaitable<void> begin();
  asio::awaitable<void> sweep();
  asio::awaitable<void> sweep_again();
  asio::awaitable<void> recover_again();

  asio::io_context& io_;
  DaemonCore& core_;
  ipc::Activity& own_work_;
  asio::cancellation_signal again_;
  asio::cancellation_signal sweeping_;
};

}  // namespace jackin
