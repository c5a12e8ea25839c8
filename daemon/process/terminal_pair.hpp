// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/os/descriptor.hpp"
#include "common/result.hpp"
#include "daemon/process/pty.hpp"

namespace jackin::process {

/// The two ends of a new pseudo-terminal, both close-on-exec and above 2: the daemon's and the program's.
struct TerminalPair {
  os::Descriptor ours;
  os::Descriptor theirs;
};

/// Opens a pseudo-terminal of `size` with the default line discipline, UTF-8. Errors: io_failed (none is left, or the
/// system has none).
Result<TerminalPair> open_terminal_pair(TerminalSize size);

/// Sets the size of the terminal; its foreground program gets SIGWINCH. Errors: io_failed.
Result<> set_terminal_size(int terminal, TerminalSize size);

}  // namespace jackin::process
