#include <sys/event.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "client/link/process.hpp"

namespace jackin::client {

std::optional<uid_t> peer_uid(int socket) {
  uid_t uid = 0;
  gid_t gid = 0;
  if (getpeereid(socket, &uid, &gid) != 0) return std::nullopt;
  return uid;
}

bool wait_for_process_end(pid_t pid, std::chrono::milliseconds limit) {
  const int queue = kqueue();
  if (queue < 0) return false;
  struct kevent event;
  EV_SET(&event, pid, EVFILT_PROC, EV_ADD, NOTE_EXIT, 0, nullptr);
  if (kevent(queue, &event, 1, nullptr, 0, nullptr) != 0) {
    const bool gone = errno == ESRCH;
    close(queue);
    return gone;
  }
  const auto until = std::chrono::steady_clock::now() + limit;
  int ready = 0;
  do {
    const auto left =
        std::max(std::chrono::nanoseconds(0), std::chrono::nanoseconds(until - std::chrono::steady_clock::now()));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    const timespec wait{static_cast<time_t>(seconds.count()), static_cast<long>((left - seconds).count())};
    ready = kevent(queue, nullptr, 0, &event, 1, &wait);
  } while (ready < 0 && errno == EINTR);
  close(queue);
  return ready > 0;
}

}  // namespace jackin::client
