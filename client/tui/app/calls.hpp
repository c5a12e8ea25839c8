// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/client_context.h>

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <set>
#include <thread>

#include "client/rpc/liveness.hpp"
#include "client/tui/model/place.hpp"
#include "common/error.hpp"

namespace jackin::tui {

/// Whether an operation may go on although its call failed: the connection was lost, the daemon did not answer, or it
/// cancelled the call since it ends.
bool may_go_on_after(const Error& error);

/// Whether the daemon has ended, or ends, so that an operation that failed for `error` failed for this. Asks the daemon
/// if `error` does not tell. Blocking, bounded.
bool daemon_ends_after(const client::Connection& connection, const Error& error);

/// Calls to the daemon that can be stopped together. Thread-safe.
class StoppableCalls {
 public:
  /// Returns a function that runs a call and registers it here. This object must outlive the call. A call that begins
  /// after `stop` ends at once.
  client::RunCall runner();
  /// Cancels the running calls.
  void stop();

 private:
  bool run(grpc::ClientContext& context, const std::function<void()>& work);

  std::mutex mutex_;
  std::set<grpc::ClientContext*> running_;
  bool stopped_ = false;
};

/// Runs blocking calls, each on its own thread. One caller thread at a time. The destructor stops the calls and waits
/// for them.
class Calls {
 public:
  Calls() = default;
  Calls(const Calls&) = delete;
  Calls& operator=(const Calls&) = delete;
  ~Calls();

  /// Runs `work` on a thread. `ticket` names the call for `stop`; 0 if the call is never stopped alone.
  void start(std::function<void(const client::RunCall&)> work, Ticket ticket = 0);
  void stop(Ticket ticket);

 private:
  struct Call {
    Ticket ticket = 0;
    StoppableCalls calls{};
    std::atomic<bool> done{false};
    std::thread thread{};
  };
  std::list<Call> calls_;
};

}  // namespace jackin::tui
