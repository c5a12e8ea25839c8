// SPDX-License-Identifier: Apache-2.0
#include <sys/event.h>

#include <cerrno>

#include "daemon/process/exit_watch.hpp"

namespace jackin::process {

Result<os::Descriptor> watch_exit(pid_t pid) {
  // Not inherited by a child (kqueue(2)).
  os::Descriptor queue(kqueue());
  if (!queue) return failure(error_from_errno("cannot watch a process", errno));
  struct kevent change {};
  EV_SET(&change, static_cast<uintptr_t>(pid), EVFILT_PROC, EV_ADD | EV_ENABLE, NOTE_EXIT, 0, nullptr);
  if (kevent(queue.get(), &change, 1, nullptr, 0, nullptr) == 0) return queue;
  if (errno != ESRCH) return failure(error_from_errno("cannot watch a process", errno));
  // The process has ended and waits to be reaped: a user event that triggers at once represents that.
  EV_SET(&change, 1, EVFILT_USER, EV_ADD | EV_ENABLE, 0, 0, nullptr);
  if (kevent(queue.get(), &change, 1, nullptr, 0, nullptr) != 0) {
    return failure(error_from_errno("cannot watch a process", errno));
  }
  EV_SET(&change, 1, EVFILT_USER, 0, NOTE_TRIGGER, 0, nullptr);
  if (kevent(queue.get(), &change, 1, nullptr, 0, nullptr) != 0) {
    return failure(error_from_errno("cannot watch a process", errno));
  }
  return queue;
}

}  // namespace jackin::process
