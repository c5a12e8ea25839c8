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

/// Calls to the daemon that can be stopped together. Any thread.
class StoppableCalls {
 public:
  /// Runs calls of this object, which must outlive them. A call that begins after `stop` ends at once.
  client::RunCall runner();
  /// Cancels the calls that run.
  void stop();

 private:
  bool run(grpc::ClientContext& context, const std::function<void()>& work);

  std::mutex mutex_;
  std::set<grpc::ClientContext*> running_;
  bool stopped_ = false;
};

/// Blocking calls, each on a thread of its own. One thread at a time. The destructor stops them and waits.
class Calls {
 public:
  Calls() = default;
  Calls(const Calls&) = delete;
  Calls& operator=(const Calls&) = delete;
  ~Calls();

  /// Runs `work` on a thread. `ticket` is for `stop`; 0 for a call that is not stopped by itself.
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
