// SPDX-License-Identifier: Apache-2.0
#include "client/hook/process_state.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#ifdef __APPLE__
#include <sys/types.h>
// ptrace.h needs the types of the header above.
#include <sys/ptrace.h>
#else
#include <sys/prctl.h>
#endif

#include "common/os/core_dumps.hpp"

namespace jackin::client {
namespace {

// No other process of this user can trace this one afterwards. Returns false when the system refuses.
bool forbid_tracing() {
#ifdef __APPLE__
  return ptrace(PT_DENY_ATTACH, 0, nullptr, 0) == 0;
#else
  return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
#endif
}

}  // namespace

std::vector<int> open_descriptors() {
  std::vector<int> open;
#ifdef __APPLE__
  constexpr const char* folder = "/dev/fd";
#else
  constexpr const char* folder = "/proc/self/fd";
#endif
  DIR* listing = opendir(folder);
  if (listing == nullptr) {
    const long limit = std::min(sysconf(_SC_OPEN_MAX), 65536L);
    for (int fd = 3; fd < limit; ++fd) {
      if (fcntl(fd, F_GETFD) >= 0) open.push_back(fd);
    }
    return open;
  }
  while (const dirent* entry = readdir(listing)) {
    const char* end = entry->d_name + std::strlen(entry->d_name);
    int fd = -1;
    if (std::from_chars(entry->d_name, end, fd).ptr != end || fd < 3 || fd == dirfd(listing)) continue;
    open.push_back(fd);
  }
  closedir(listing);
  std::sort(open.begin(), open.end());
  return open;
}

InheritedState harden_client() {
  InheritedState inherited;
  getrlimit(RLIMIT_CORE, &inherited.core_limit);
  sigprocmask(SIG_SETMASK, nullptr, &inherited.signal_mask);
  signal(SIGPIPE, SIG_IGN);

  if (!os::forbid_core_dumps() || !forbid_tracing()) {
    std::fputs("error: the system refuses to disable tracing of this process\n", stderr);
    std::exit(125);
  }
  return inherited;
}

void hand_back(const InheritedState& inherited, int keep) {
  for (const int fd : open_descriptors()) {
    const bool was_inherited = std::binary_search(inherited.descriptors.begin(), inherited.descriptors.end(), fd);
    if (!was_inherited && fd != keep) fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
  setrlimit(RLIMIT_CORE, &inherited.core_limit);
  signal(SIGPIPE, SIG_DFL);
  sigprocmask(SIG_SETMASK, &inherited.signal_mask, nullptr);
}

}  // namespace jackin::client
