// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/event.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "daemon/process/child_system.hpp"

namespace jackin::process {
namespace {

// macOS has no pipe2. Setting the flag afterwards suffices, since only the daemon's own thread forks. F_DUPFD_CLOEXEC
// also moves a descriptor above 0, 1 and 2.
Result<os::Descriptor> above_standard(os::Descriptor descriptor) {
  os::Descriptor moved(fcntl(descriptor.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!moved) return failure(error_from_errno("cannot make a pipe", errno));
  return moved;
}

}  // namespace

Result<Pipe> make_pipe() {
  int ends[2] = {-1, -1};
  if (pipe(ends) != 0) return failure(error_from_errno("cannot make a pipe", errno));
  os::Descriptor read_end(ends[0]);
  os::Descriptor write_end(ends[1]);
  Pipe made;
  TRY(made.read_end, above_standard(std::move(read_end)));
  TRY(made.write_end, above_standard(std::move(write_end)));
  return made;
}

void close_on_exec_from(int first) noexcept {
  const int limit = getdtablesize();
  for (int fd = first; fd < limit; ++fd) fcntl(fd, F_SETFD, FD_CLOEXEC);
}

bool end_with_parent(pid_t parent) noexcept {
  // macOS has no PR_SET_PDEATHSIG: a child of a killed daemon ends when it writes to its broken pipes.
  return getppid() == parent;
}

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
