// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/types.h>
// Needs sys/types.h before it.
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "common/os/hardening.hpp"

namespace jackin::os {
namespace {

auto refused(std::string_view what) {
  return failure(Reason::internal, "cannot protect this process: " + error_from_errno(what, errno).message);
}

}  // namespace

Result<> harden_process(const std::vector<int>& keep) {
  const rlimit none{0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) return refused("core dumps");
  // When the process is already being traced, this call ends it, which is safe too (ptrace(2) on macOS).
  if (ptrace(PT_DENY_ATTACH, 0, nullptr, 0) != 0) return refused("PT_DENY_ATTACH");
  umask(077);
  std::signal(SIGPIPE, SIG_IGN);

  int lowest = 0;
  do {
    lowest = open("/dev/null", O_RDWR);
    if (lowest < 0) return refused("/dev/null");
  } while (lowest <= STDERR_FILENO);

  const int limit = getdtablesize();
  for (int fd = STDERR_FILENO + 1; fd < limit; ++fd) {
    if (std::find(keep.begin(), keep.end(), fd) == keep.end()) close(fd);
  }
  return {};
}

void allow_locked_memory() {
  rlimit limit{};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_MEMLOCK, &limit);
}

}  // namespace jackin::os
