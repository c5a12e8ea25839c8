// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "common/os/hardening.hpp"

namespace jackin::os {
namespace {

auto refused(std::string_view what) {
  return failure(Reason::internal, "cannot protect this process: " + error_from_errno(what, errno).message);
}

bool close_between(unsigned first, unsigned last) {
  if (first > last) return true;
  if (close_range(first, last, 0) == 0) return true;
  if (errno != ENOSYS) return false;
  // The kernel is older than 5.9.
  const long limit = sysconf(_SC_OPEN_MAX);
  for (long fd = first; fd < limit && fd <= static_cast<long>(last); ++fd) close(static_cast<int>(fd));
  return true;
}

}  // namespace

Result<> harden_process(const std::vector<int>& keep) {
  const rlimit none{0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) return refused("core dumps");
  // This also makes root the owner of /proc/self, so the user's other processes cannot read memory and environment
  // (proc(5)).
  if (prctl(PR_SET_DUMPABLE, 0) != 0) return refused("PR_SET_DUMPABLE");
  umask(077);
  std::signal(SIGPIPE, SIG_IGN);

  int lowest = 0;
  do {
    lowest = open("/dev/null", O_RDWR);
    if (lowest < 0) return refused("/dev/null");
  } while (lowest <= STDERR_FILENO);

  std::vector<int> kept = keep;
  std::sort(kept.begin(), kept.end());
  unsigned from = STDERR_FILENO + 1;
  for (const int fd : kept) {
    if (fd < static_cast<int>(from)) continue;
    if (!close_between(from, static_cast<unsigned>(fd) - 1)) return refused("open descriptors");
    from = static_cast<unsigned>(fd) + 1;
  }
  if (!close_between(from, ~0U)) return refused("open descriptors");
  return {};
}

void allow_locked_memory() {
  rlimit limit{};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_MEMLOCK, &limit);
}

}  // namespace jackin::os
