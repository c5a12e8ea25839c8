// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "client/terminal/raw_mode.hpp"

namespace jackin::tui {

/// The whole screen of a terminal for the lifetime of this object: raw mode, the alternate screen, bracketed paste
/// (mode 2004) and mouse events (1006). At most one object in a process. The terminal is restored however the program
/// ends, except by SIGKILL; SIGHUP, SIGINT and SIGTERM are left to the program where it catches them.
class FullScreen {
 public:
  /// Errors: io_failed when `input` is not a terminal, or `output` cannot be written.
  static Result<FullScreen> enter(int input, int output, bool mouse);

  /// Restores the terminal for a while, e.g. before the process stops, and takes it again.
  void suspend() noexcept;
  void resume() noexcept;

 private:
  FullScreen(client::RawMode raw, int output, std::string_view enter);

  client::RawMode raw_;
  int output_;
  std::string_view enter_;
};

}  // namespace jackin::tui
