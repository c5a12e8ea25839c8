// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/ttycom.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "daemon/process/terminal_pair.hpp"

namespace jackin::process {
namespace {

auto no_terminal(int error) {
  if (error == ENXIO || error == EAGAIN) {
    return failure(Reason::io_failed, "no pseudo-terminal is left on this system",
                   Remedy::try_again("when another program has closed its terminal"));
  }
  return failure(Reason::io_failed, "cannot open a pseudo-terminal: " + std::system_category().message(error),
                 Remedy::inspect({"/dev/ptmx"}));
}

}  // namespace

Result<TerminalPair> open_terminal_pair(TerminalSize size) {
  TerminalPair pair;
  pair.ours = os::Descriptor(posix_openpt(O_RDWR | O_NOCTTY));
  if (!pair.ours || fcntl(pair.ours.get(), F_SETFD, FD_CLOEXEC) != 0) return no_terminal(errno);
  if (grantpt(pair.ours.get()) != 0 || unlockpt(pair.ours.get()) != 0) return no_terminal(errno);
  // ptsname with a caller's buffer; macOS before 10.13.4 has no function for that.
  std::array<char, 128> name{};
  if (ioctl(pair.ours.get(), TIOCPTYGNAME, name.data()) != 0) return no_terminal(errno);
  pair.theirs = os::Descriptor(open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!pair.theirs) return no_terminal(errno);
  // macOS takes a size only once the program's end is open.
  TRY(set_terminal_size(pair.ours.get(), size));
  return pair;
}

}  // namespace jackin::process
