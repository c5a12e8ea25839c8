// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <system_error>

#include "daemon/process/terminal_pair.hpp"

namespace jackin::process {
namespace {

auto no_terminal(int error) {
  if (error == ENOSPC) {
    return failure(Reason::io_failed, "no pseudo-terminal is left on this system",
                   Remedy::try_again("when another program has closed its terminal"));
  }
  return failure(Reason::io_failed, "cannot open a pseudo-terminal: " + std::system_category().message(error),
                 Remedy::inspect({"/dev/ptmx", "/dev/pts"}));
}

}  // namespace

Result<TerminalPair> open_terminal_pair(TerminalSize size) {
  TerminalPair pair;
  pair.ours = os::Descriptor(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!pair.ours) return no_terminal(errno);
  if (grantpt(pair.ours.get()) != 0 || unlockpt(pair.ours.get()) != 0) return no_terminal(errno);
  // Not opened by name, which may not exist in another mount namespace (ioctl_tty(2), TIOCGPTPEER).
  pair.theirs = os::Descriptor(ioctl(pair.ours.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!pair.theirs) return no_terminal(errno);
  TRY(set_terminal_size(pair.ours.get(), size));
  return pair;
}

}  // namespace jackin::process
