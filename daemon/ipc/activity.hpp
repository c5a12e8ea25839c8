#pragma once

#include <cstddef>
#include <memory>
#include <set>

#include "daemon/ipc/client_person.hpp"
#include "daemon/platform/clock.hpp"

namespace jackin::ipc {

/// What runs on behalf of clients: the work of every call, and every operation, also one whose client has gone. Lets
/// the daemon end in order. Daemon's thread only.
class Activity {
  struct Count;

 public:
  explicit Activity(asio::any_io_executor executor);
  ~Activity();

  /// Counts from its making to its destruction, which may be after the Activity's own.
  class Share {
   public:
    Share(Share&&) noexcept = default;
    Share& operator=(Share&&) = delete;
    ~Share();

   private:
    friend class Activity;
    explicit Share(std::shared_ptr<Count> count);
    std::shared_ptr<Count> count_;
  };
  Share begin();
  std::size_t running() const;

  /// A person stands here from the one call to the other.
  void enter(const std::shared_ptr<ClientPerson>& person);
  void leave(const std::shared_ptr<ClientPerson>& person);
  /// Cancels every person: what has captured no token yet ends.
  void cancel_all();

  /// Returns true when nothing runs any more, false when something still does after `limit`.
  asio::awaitable<bool> ended(Clock& clock, Clock::Duration limit);

 private:
  asio::any_io_executor executor_;
  std::shared_ptr<Count> count_;
  std::set<std::shared_ptr<ClientPerson>> persons_;
};

}  // namespace jackin::ipc
