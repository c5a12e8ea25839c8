// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/daemon_lock.hpp"

#include "common/os/private_files.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <string>
#include <utility>

#include "common/presence.hpp"
#include "common/scope.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::ipc {
namespace fs = std::filesystem;
namespace {

Result<os::Descriptor> open_lock(const fs::path& path) {
  os::Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file) {
    Error error = error_from_errno("cannot open " + printable(path.string()), errno);
    error.remedy = Remedy::inspect({path.parent_path().string(), path.string()});
    return failure(std::move(error));
  }
  struct stat found {};
  if (fstat(file.get(), &found) != 0 || !S_ISREG(found.st_mode) || found.st_uid != geteuid()) {
    return failure(Reason::permission_denied, printable(path.string()) + " is not a file of this user's",
                   Remedy::inspect({path.string()}));
  }
  // Every process that can open the file can hold the lock.
  if ((found.st_mode & 077) != 0 && fchmod(file.get(), S_IRUSR | S_IWUSR) != 0) {
    return failure(error_from_errno("cannot make " + printable(path.string()) + " private", errno));
  }
  return file;
}

// flock(2) has no time limit: a timer's signal interrupts it. The timer repeats, in case the first signal arrives just
// before the call.
class Interruption {
 public:
  explicit Interruption(std::chrono::seconds first) {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigaction(SIGALRM, &action, &before_);
    const itimerval timer{.it_interval = {.tv_sec = 0, .tv_usec = 100'000},
                          .it_value = {.tv_sec = static_cast<time_t>(first.count()), .tv_usec = 1}};
    setitimer(ITIMER_REAL, &timer, nullptr);
  }
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption() {
    const itimerval none{};
    setitimer(ITIMER_REAL, &none, nullptr);
    sigaction(SIGALRM, &before_, nullptr);
  }

 private:
  struct sigaction before_ {};
};

// Whether the lock was taken; false when another process still holds it after `limit`.
Result<bool> lock_within(int fd, std::chrono::seconds limit) {
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
  if (errno != EWOULDBLOCK) return failure(error_from_errno("cannot lock", errno));
  if (limit.count() == 0) return false;
  const auto until = std::chrono::steady_clock::now() + limit;
  const Interruption interruption(limit);
  while (flock(fd, LOCK_EX) != 0) {
    if (errno != EINTR) return failure(error_from_errno("cannot lock", errno));
    if (std::chrono::steady_clock::now() >= until) return false;
  }
  return true;
}

Result<> write_record(int fd, const DaemonRecord& record) {
  const std::string text = format_daemon_record(record);
  // A reader without the lock may see a partial write, so the record shows whether it is complete.
  if (ftruncate(fd, 0) != 0 || pwrite(fd, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return failure(error_from_errno("cannot write the daemon's lock file", errno));
  }
  return {};
}

DaemonRecord read_record(int fd) {
  std::array<char, 16 * 1024> buffer{};
  const ssize_t count = pread(fd, buffer.data(), buffer.size(), 0);
  if (count <= 0) return {};
  return parse_daemon_record({buffer.data(), static_cast<std::size_t>(count)}).value_or(DaemonRecord());
}

}  // namespace

DaemonLock::DaemonLock(const Paths& paths, os::Descriptor starting, os::Descriptor lock, DaemonRecord record)
    : path_(paths.daemon_lock()),
      home_(paths.home),
      starting_(std::move(starting)),
      lock_(std::move(lock)),
      record_(std::move(record)) {}

Result<std::variant<DaemonLock, DaemonRunsAlready>> DaemonLock::take(const Paths& paths, DaemonRecord record,
                                                                     std::chrono::seconds limit) {
  TRY(os::make_private_folder(paths.state_dir, paths.home));
  TRY(os::Descriptor starting, open_lock(paths.state_dir / "jackind.starting"));
  TRY(const bool may_start, lock_within(starting.get(), limit));
  if (!may_start) {
    return failure(Reason::timed_out, "another jackind has been starting for " + std::to_string(limit.count()) + " s",
                   Remedy::of_processes(RemedyAction::show_processes, {}).noting("and end the jackind that hangs"));
  }
  TRY(os::Descriptor lock, open_lock(paths.daemon_lock()));
  TRY(bool ours, lock_within(lock.get(), std::chrono::seconds(0)));
  if (!ours) {
    DaemonRecord holder = read_record(lock.get());
    if (!holder.stopping) return DaemonRunsAlready{std::move(holder)};
    TRY(ours, lock_within(lock.get(), limit));
    if (!ours) {
      return failure(Reason::timed_out,
                     "jackind with pid " + std::to_string(holder.pid) + " has been stopping for " +
                         std::to_string(limit.count()) + " s",
                     Remedy::of_processes(RemedyAction::kill_processes, {holder.pid}));
    }
  }
  TRY(write_record(lock.get(), record));
  return DaemonLock(paths, std::move(starting), std::move(lock), std::move(record));
}

Result<bool> DaemonLock::take_earlier(const Paths& paths, std::chrono::seconds limit) {
  struct stat there {};
  struct stat own {};
  const fs::path file = paths.earlier_daemon_lock();
  const bool has_lock = lstat(file.c_str(), &there) == 0;
  TRY(const bool has_database, is_there(paths.earlier_database()));
  if (!has_lock && !has_database) return false;
  if (has_lock && fstat(lock_.get(), &own) == 0 && own.st_dev == there.st_dev && own.st_ino == there.st_ino) {
    return true;
  }
  TRY(os::make_private_folder(file.parent_path(), paths.home));
  TRY(os::Descriptor lock, open_lock(file));
  TRY(bool ours, lock_within(lock.get(), std::chrono::seconds(0)));
  if (!ours) {
    // Earlier versions write no start time. The lock is held, so its holder's pid is still its own.
    const DaemonRecord holder = read_record(lock.get());
    if (holder.start_time != 0) return false;
    if (holder.pid > 0 && !holder.stopping) kill(holder.pid, SIGTERM);
    TRY(ours, lock_within(lock.get(), limit));
    if (!ours) {
      return failure(Reason::timed_out,
                     "jackind with pid " + std::to_string(holder.pid) +
                         ", of an earlier version, has been stopping for " + std::to_string(limit.count()) + " s",
                     Remedy::of_processes(RemedyAction::kill_processes, {holder.pid}));
    }
  }
  TRY(write_record(lock.get(), record_));
  earlier_ = std::move(lock);
  return true;
}

void DaemonLock::listening(const fs::path& socket) {
  record_.socket = socket.string();
  // If this fails, clients try the default socket of the daemon.
  (void)write_record(lock_.get(), record_);
  if (earlier_) (void)write_record(earlier_.get(), record_);
  starting_.close();
}

Result<bool> DaemonLock::keep() {
  struct stat held {};
  struct stat there {};
  if (fstat(lock_.get(), &held) == 0 && lstat(path_.c_str(), &there) == 0 && held.st_dev == there.st_dev &&
      held.st_ino == there.st_ino) {
    return true;
  }
  TRY(os::make_private_folder(path_.parent_path(), home_));
  TRY(os::Descriptor lock, open_lock(path_));
  TRY(const bool ours, lock_within(lock.get(), std::chrono::seconds(0)));
  if (!ours) return false;
  TRY(write_record(lock.get(), record_));
  lock_ = std::move(lock);
  return true;
}

void DaemonLock::stopping() {
  record_.stopping = true;
  // If this fails, a daemon that starts meanwhile takes this one for running, and its client asks again.
  (void)write_record(lock_.get(), record_);
  if (earlier_) (void)write_record(earlier_.get(), record_);
}

}  // namespace jackin::ipc
