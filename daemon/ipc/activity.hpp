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

/// What runs on behalf of clients: the work of every call, and every operation, also one whose client has gone. Lets
/// the daemon end in order. Daemon's thread only.
class Activity {
  struct Entry;
  struct Count;

 public:
  explicit Activity(asio::any_io_executor executor);
  ~Activity();

  /// What a call is to those who wait for its end.
  struct Call {
    std::string_view name;  ///< A literal, as in the log.
    ProcessIdentity caller;
    /// Ends the call early. False when it has done something that lasts, and so runs to its end.
    std::function<bool()> cancel;
  };

  /// Counts from its making to its destruction, which may be after the Activity's own.
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

  /// A user stands here from the one call to the other.
  void enter(const std::shared_ptr<ClientUser>& user);
  void leave(const std::shared_ptr<ClientUser>& user);
  /// `end` is called once when the daemon ends, unless the handle is gone by then: for what would go on for ever and is
  /// not waited for. It may drop its handle, which may outlive the Activity.
  std::shared_ptr<void> at_end(std::function<void()> end);

  /// Tells every user that the daemon is about to end: what has captured no token yet ends, what has goes on.
  void send_away();
  /// Cancels every user, also one who is asked where a token shall go, and every call that can be. And ends what goes
  /// on for ever.
  void cancel_all();

  /// Waits for what has begun before this call, and for nothing that begins after it. To be called once. Returns true
  /// when that has ended, false when something of it still runs after `limit` or when the wait was given up.
  asio::awaitable<bool> earlier_ended(Clock& clock, Clock::Duration limit);
  /// The calls that `earlier_ended` waits for.
  std::vector<Call> earlier_calls() const;
  /// Cancels those of them that can be.
  void cancel_earlier_calls();
  /// Those that were cancelled and still run are not waited for any longer.
  void leave_earlier_calls();
  /// The same for all that runs.
  asio::awaitable<bool> ended(Clock& clock, Clock::Duration limit);
  /// Nobody waits any longer, and from here on nobody begins to.
  void give_up();

 private:
  asio::any_io_executor executor_;
  std::shared_ptr<WakeUp> changed_;
  std::shared_ptr<Count> earlier_;
  std::shared_ptr<Count> count_;
  bool has_given_up_ = false;
  std::set<std::shared_ptr<ClientUser>> users_;
  std::shared_ptr<std::list<std::function<void()>>> ends_ = std::make_shared<std::list<std::function<void()>>>();
};

}  // namespace jackin::ipc
