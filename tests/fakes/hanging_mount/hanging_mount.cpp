// SPDX-License-Identifier: Apache-2.0
// Simulates a mount whose server does not respond, for a jackind into which this library is preloaded. A call on a path
// that begins with HANGING_MOUNT returns only after the test opens the FIFO HANGING_MOUNT_GATE for writing. With
// HANGING_MOUNT_EXEC only execve hangs. Each call that begins to hang writes its path to the FIFO
// HANGING_MOUNT_NOTICES. Nothing hangs while that FIFO has no reader.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdlib>
#include <cstring>

namespace {

struct Settings {
  // Copied at the start, because the daemon modifies its environment.
  char folder[512] = {};
  char gate[512] = {};
  char notices[512] = {};
  bool exec_only = false;

  Settings() {
    const auto take = [](char(&into)[512], const char* name) {
      if (const char* value = getenv(name)) strncpy(into, value, sizeof into - 1);
    };
    take(folder, "HANGING_MOUNT");
    take(gate, "HANGING_MOUNT_GATE");
    take(notices, "HANGING_MOUNT_NOTICES");
    exec_only = getenv("HANGING_MOUNT_EXEC") != nullptr;
  }
};

const Settings& settings() {
  static const Settings all;
  return all;
}

// Resolved at the start, so that no call needs to do it after a fork.
[[gnu::constructor]] void read_settings() {
  (void)settings();
}

template <typename Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

using Open = int (*)(const char*, int, ...);
const Open real_open = real<Open>("open");
using Exec = int (*)(const char*, char* const*, char* const*);
const Exec real_execve = real<Exec>("execve");

void hang_below(const char* path, bool is_exec) {
  const Settings& all = settings();
  const std::size_t length = strlen(all.folder);
  if (length == 0 || all.exec_only != is_exec || strncmp(path, all.folder, length) != 0) return;
  const int notices = real_open(all.notices, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (notices < 0) return;  // the test has released all calls
  (void)!write(notices, path, strlen(path));
  close(notices);
  const int gate = real_open(all.gate, O_RDONLY | O_CLOEXEC);  // waits for a writer
  if (gate >= 0) close(gate);
}

}  // namespace

extern "C" {

int stat(const char* path, struct stat* entry) noexcept {
  using Call = int (*)(const char*, struct stat*);
  static const Call call = real<Call>("stat");
  hang_below(path, false);
  return call(path, entry);
}

int lstat(const char* path, struct stat* entry) noexcept {
  using Call = int (*)(const char*, struct stat*);
  static const Call call = real<Call>("lstat");
  hang_below(path, false);
  return call(path, entry);
}

ssize_t readlink(const char* path, char* target, size_t size) noexcept {
  using Call = ssize_t (*)(const char*, char*, size_t);
  static const Call call = real<Call>("readlink");
  hang_below(path, false);
  return call(path, target, size);
}

int inotify_add_watch(int queue, const char* path, uint32_t events) noexcept {
  using Call = int (*)(int, const char*, uint32_t);
  static const Call call = real<Call>("inotify_add_watch");
  hang_below(path, false);
  return call(queue, path, events);
}

int access(const char* path, int mode) noexcept {
  using Call = int (*)(const char*, int);
  static const Call call = real<Call>("access");
  hang_below(path, false);
  return call(path, mode);
}

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const int mode = va_arg(more, int);
  va_end(more);
  hang_below(path, false);
  return real_open(path, flags, mode);
}

int execve(const char* path, char* const* argv, char* const* envp) noexcept {
  hang_below(path, true);
  return real_execve(path, argv, envp);
}
}
