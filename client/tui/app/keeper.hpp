// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "client/rpc/connection.hpp"
#include "client/tui/app/calls.hpp"
#include "client/tui/app/inbox.hpp"
#include "common/environment.hpp"
#include "common/paths.hpp"

namespace jackin::tui {

/// Keeps the connection to the daemon, on a thread: opens it, watches every scope and every operation, and tries again
/// with growing pauses when it is lost. Posts LinkChanged, FactsArrived, PictureComplete, RowChanged, RowRemoved,
/// OperationSeen and OperationsTold. A daemon that ended in order counts as restarting for some seconds. The first
/// attempt starts a daemon, and so does one that the user asks for.
class Keeper {
 public:
  /// `inbox` must outlive it.
  Keeper(Environment environment, Paths paths, Inbox& inbox);
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;
  /// Ends the streams and waits for the thread: for an attempt to connect, as long as that lasts.
  ~Keeper();

  /// Tries at once, if there is no connection.
  void reconnect();
  /// Asks for everything again.
  void refresh();

  /// The connection while it lives. Any thread. Errors: daemon_unreachable.
  Result<client::Connection> connection();
  client::Connect connector();

 private:
  void run();
  // Why a connection was given up without a failure.
  enum class End {
    asked,     // to refresh, or to stop
    in_order,  // by the daemon
  };
  Result<End> serve(const client::Connection& connection);
  void disconnect();
  void tell_failure(const Error& error, std::chrono::seconds pause, bool was_connected);
  std::optional<Link> mismatch();
  Result<> watch_scopes(const client::Connection& connection, StoppableCalls& streams);
  Result<> watch_operations(const client::Connection& connection, StoppableCalls& streams);
  bool wait(std::chrono::milliseconds pause);

  const Environment environment_;
  const Paths paths_;
  Inbox& inbox_;

  std::mutex mutex_;  // guards the members below, except the thread
  std::condition_variable changed_;
  std::optional<client::Connection> connection_;
  StoppableCalls* streams_ = nullptr;
  bool stopping_ = false;
  bool is_asked_ = true;  // for an attempt that may start a daemon
  bool refreshes_ = false;
  bool was_live_ = false;    // only the thread
  Moment restarts_until_{};  // only the thread: no attempt that fails before is told

  std::thread thread_;
};

}  // namespace jackin::tui
