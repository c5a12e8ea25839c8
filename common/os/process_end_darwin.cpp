// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/event.h>
#include <unistd.h>

#include <cerrno>

#include "common/os/process_end.hpp"

namespace jackin {

ProcessEnd::ProcessEnd(pid_t pid) : watch_(kqueue()) {
  if (watch_ < 0) return;
  fcntl(watch_, F_SETFD, FD_CLOEXEC);
  struct kevent change {};
  EV_SET(&change, static_cast<uintptr_t>(pid), EVFILT_PROC, EV_ADD | EV_ONESHOT, NOTE_EXIT, 0, nullptr);
  // ESRCH: the process is gone already.
  if (kevent(watch_, &change, 1, nullptr, 0, nullptr) != 0) {
    close(watch_);
    watch_ = -1;
  }
}

ProcessEnd::~ProcessEnd() {
  if (watch_ >= 0) close(watch_);
}

bool ProcessEnd::wait(std::chrono::milliseconds limit) {
  if (watch_ < 0) return true;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limit);
  const timespec time{seconds.count(), std::chrono::nanoseconds(limit - seconds).count()};
  struct kevent event {};
  int count = 0;
  do {
    count = kevent(watch_, nullptr, 0, &event, 1, &time);
  } while (count < 0 && errno == EINTR);
  return count > 0;
}

}  // namespace jackin
