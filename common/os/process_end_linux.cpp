// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "common/os/process_end.hpp"

namespace jackin {

// glibc 2.36 has pidfd_open(3); for older ones the system call is used (Linux 5.3; it sets close-on-exec).
ProcessEnd::ProcessEnd(pid_t pid) : watch_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))) {}

ProcessEnd::~ProcessEnd() {
  if (watch_ >= 0) close(watch_);
}

bool ProcessEnd::wait(std::chrono::milliseconds limit) {
  if (watch_ < 0) return true;
  pollfd ended{watch_, POLLIN, 0};
  int count = 0;
  do {
    count = poll(&ended, 1, static_cast<int>(limit.count()));
  } while (count < 0 && errno == EINTR);
  return count > 0;
}

}  // namespace jackin
