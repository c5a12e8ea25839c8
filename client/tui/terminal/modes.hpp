// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "client/terminal/raw_mode.hpp"

namespace jackin::tui {

/// Full-screen mode of a terminal for the lifetime of this object: raw mode, the alternate screen, bracketed paste
/// (mode 2004) and mouse events (1006). At most one object in a process. Restores the terminal at every end of the
/// program except SIGKILL. Does not handle SIGHUP, SIGINT and SIGTERM if the program catches them.
class FullScreen {
 public:
  /// Errors: io_failed when `input` is not a terminal, or `output` cannot be written.
  static Result<FullScreen> enter(int input, int output, bool mouse);

  /// `suspend` restores the terminal, for example before the process stops. `resume` enters full-screen mode again.
  void suspend() noexcept;
  void resume() noexcept;

 private:
  FullScreen(client::RawMode raw, int output, std::string_view enter);

  client::RawMode raw_;
  int output_;
  std::string_view enter_;
};

}  // namespace jackin::tui
