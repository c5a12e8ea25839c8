#include "client/link/running_daemon.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "client/link/process.hpp"

namespace jackin::client {

std::optional<DaemonRecord> running_daemon(const Paths& paths) {
  const int lock = open(paths.daemon_lock().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (lock < 0) return std::nullopt;
  std::optional<DaemonRecord> record;
  // Whoever gets the lock knows that no daemon has it. Shared, so that clients that look at once do not see each other.
  if (flock(lock, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    std::array<char, 16 * 1024> buffer{};
    const ssize_t count = pread(lock, buffer.data(), buffer.size(), 0);
    if (count > 0) record = parse_daemon_record({buffer.data(), static_cast<std::size_t>(count)});
  }
  close(lock);
  return record;
}

bool wait_for_end(const DaemonRecord& daemon, std::chrono::seconds limit) {
  return wait_for_process_end(daemon.pid, limit);
}

}  // namespace jackin::client
