// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/config_lock.hpp"

#include "common/os/private_files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <string>
#include <string_view>
#include <thread>

#include "common/presence.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/process/program_runner.hpp"

namespace jackin::config {
namespace fs = std::filesystem;

namespace {

// flock(2) waits without limit or not at all, so a limited wait polls. The pause is too short for a user to notice and
// long enough to cost little.
constexpr std::chrono::milliseconds pause{10};

Result<os::Descriptor> open_lock(const fs::path& path) {
  os::Descriptor fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!fd && errno == ELOOP) {
    return failure(Reason::permission_denied, "config.lock is a link, not a regular file",
                   Remedy::of_path(RemedyAction::remove_file, path.string()));
  }
  if (!fd) {
    Error error = error_from_errno("config.lock cannot be opened", errno);
    error.remedy = Remedy::inspect({path.parent_path().string(), path.string()});
    return failure(std::move(error));
  }
  return fd;
}

// jackin creates the file with the user's umask. Every process that can open it for reading can lock it (flock(2)).
void tighten(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0 || status.st_uid != geteuid() || (status.st_mode & (S_IRWXG | S_IRWXO)) == 0) return;
  // If this fails, the lock works as before.
  static_cast<void>(fchmod(fd, S_IRUSR | S_IWUSR));
}

// Whether the path still names this file: another process may have removed it during the wait.
bool is_still_there(int fd, const fs::path& path) {
  struct stat ours {};
  struct stat named {};
  return fstat(fd, &ours) == 0 && stat(path.c_str(), &named) == 0 && ours.st_dev == named.st_dev &&
         ours.st_ino == named.st_ino;
}

std::optional<pid_t> recorded_holder(int fd) {
  std::array<char, 32> text{};
  const ssize_t count = pread(fd, text.data(), text.size(), 0);
  if (count <= 0) return std::nullopt;
  pid_t pid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + count, pid);
  if (error != std::errc() || pid <= 0) return std::nullopt;
  return pid;
}

Error locked(int fd) {
  const auto pid = recorded_holder(fd);
  const auto holder = pid ? identify_process(*pid) : std::nullopt;
  if (!holder) {
    return {Reason::config_locked, "another process locks the configuration; config.lock does not contain its pid",
            Remedy::try_again("when it has ended")};
  }
  std::string who = "process " + std::to_string(*pid);
  if (!holder->command.empty()) who += " (" + printable(holder->command, 60) + ")";
  return {Reason::config_locked, "the configuration is locked by " + who,
          Remedy::of_processes(RemedyAction::show_processes, {*pid}).noting("try again when it has ended")};
}

void record_holder(int fd) {
  const std::string text = std::to_string(getpid()) + "\n";
  // The pid is for messages only; a full disk must not prevent locking.
  if (ftruncate(fd, 0) == 0 && pwrite(fd, text.data(), text.size(), 0) < 0) return;
}

}  // namespace

Result<ConfigLock> ConfigLock::acquire(const Paths& paths, std::chrono::milliseconds lock_limit) {
  const fs::path path = paths.config_lock();
  TRY(const bool has_folder, is_there(paths.config_dir));
  if (!has_folder) {
    TRY(os::make_private_folder(paths.config_dir, paths.home));
  }
  const auto deadline = std::chrono::steady_clock::now() + lock_limit;
  for (;;) {
    TRY(os::Descriptor fd, open_lock(path));
    tighten(fd.get());
    while (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno != EWOULDBLOCK) return failure(error_from_errno("config.lock cannot be locked", errno));
      if (std::chrono::steady_clock::now() >= deadline) return failure(locked(fd.get()));
      std::this_thread::sleep_for(pause);
    }
    if (!is_still_there(fd.get(), path)) continue;
    record_holder(fd.get());
    return ConfigLock(std::move(fd));
  }
}

ConfigLock::~ConfigLock() {
  // Clears the pid, so that the file does not name a process that no longer holds the lock.
  if (fd_ && ftruncate(fd_.get(), 0) != 0) return;
}

}  // namespace jackin::config
