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

/// Holds the connection to the daemon, on its own thread. It opens the connection, watches all scopes and operations,
/// and reconnects with growing pauses. Posts LinkChanged, FactsArrived, PictureComplete, RowChanged, RowRemoved,
/// OperationSeen and OperationsTold. After an orderly shutdown of the daemon, the state is `restarting` for some
/// seconds. The first attempt and each attempt that the user requests may start the daemon.
class Keeper {
 public:
  /// `inbox` must outlive it.
  Keeper(Environment environment, Paths paths, Inbox& inbox);
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;
  /// Stops the streams and waits for the thread, even if it is still trying to connect.
  ~Keeper();

  /// Connects now, if there is no connection.
  void reconnect();
  /// Reads all scopes and operations again.
  void refresh();

  /// The open connection. Any thread. Errors: daemon_unreachable if there is none.
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
  bool is_asked_ = true;  // The next attempt may start the daemon.
  bool refreshes_ = false;
  bool was_live_ = false;    // only the thread
  Moment restarts_until_{};  // only the thread: failures before this are not reported

  std::thread thread_;
};

}  // namespace jackin::tui
