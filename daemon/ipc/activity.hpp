// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <set>
#include <string_view>
#include <vector>

#include "daemon/async/clock.hpp"
#include "daemon/ipc/client_user.hpp"
#include "daemon/process/program_runner.hpp"

namespace jackin::ipc {

/// Tracks the work that runs for clients: every call and every operation, also operations whose client has
/// disconnected. Lets the daemon end in order. Daemon's thread only.
class Activity {
  struct Entry;
  struct Count;

 public:
  explicit Activity(asio::any_io_executor executor);
  ~Activity();

  /// A call, as seen by the code that waits for its end.
  struct Call {
    std::string_view name;  ///< A literal, as in the log.
    ProcessIdentity caller;
    /// Ends the call early. False when the call has made a lasting change and therefore runs to its end.
    std::function<bool()> cancel;
  };

  /// Counts as running from its creation to its destruction. It may outlive the Activity.
  class Share {
   public:
    Share(Share&&) noexcept;
    Share& operator=(Share&&) = delete;
    ~Share();

   private:
    friend class Activity;
    Share(std::shared_ptr<Count> count, Call call);
    std::shared_ptr<Count> count_;
    std::list<Entry>::iterator entry_;
  };
  Share begin(Call call = {});
  std::size_t running() const;

  /// The user of an operation is registered from `enter` until `leave`.
  void enter(const std::shared_ptr<ClientUser>& user);
  void leave(const std::shared_ptr<ClientUser>& user);
  /// Calls `end` once when the daemon ends, unless the returned handle is destroyed before. For work that never ends by
  /// itself; the daemon does not wait for it. `end` may destroy the handle. The handle may outlive the Activity.
  std::shared_ptr<void> at_end(std::function<void()> end);

  /// Notifies every user that the daemon is about to end. An operation without a captured token ends; one with a
  /// captured token continues.
  void announce_shutdown();
  /// Cancels every operation that waits for its user, also at the choice of a store. Also ends the work that never
  /// ends by itself.
  void cancel_users();
  /// Cancels every call that can be cancelled.
  void cancel_calls();

  /// Waits for work that began before this call, and for no later work. Call once. Returns true when that work has
  /// ended, false when some still runs after `limit` or when the wait was given up.
  asio::awaitable<bool> earlier_ended(Clock& clock, Clock::Duration limit);
  /// The calls that `earlier_ended` waits for.
  std::vector<Call> earlier_calls() const;
  /// Cancels those of these calls that can be cancelled.
  void cancel_earlier_calls();
  /// Stops waiting for calls that were cancelled and still run.
  void leave_earlier_calls();
  /// As `earlier_ended`, for all running work.
  asio::awaitable<bool> ended(Clock& clock, Clock::Duration limit);
  /// Ends all waits, and makes later waits return at once.
  void give_up();

 private:
  asio::any_io_executor executor_;
  std::shared_ptr<async::WakeUp> changed_;
  std::shared_ptr<Count> earlier_;
  std::shared_ptr<Count> count_;
  bool has_given_up_ = false;
  std::set<std::shared_ptr<ClientUser>> users_;
  std::shared_ptr<std::list<std::function<void()>>> ends_ = std::make_shared<std::list<std::function<void()>>>();
};

}  // namespace jackin::ipc
