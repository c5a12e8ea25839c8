// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "common/result.hpp"

namespace jackin::client {

/// Puts a terminal into raw mode for the lifetime of this object: keys arrive one by one, without echo, and Ctrl-C is a
/// byte. Output processing stays on. At most one object in a process. The terminal's settings and cursor are restored
/// however the program ends (return, exception, crash, a signal), except by SIGKILL. SIGHUP, SIGINT and SIGTERM are
/// left to the program where it catches or ignores them.
class RawMode {
 public:
  /// `input` is the terminal to read from; the cursor is shown again on `output`. `leave` is written there first, at
  /// each end; it must outlive the program. Errors: io_failed when `input` is not a terminal.
  static Result<RawMode> enter(int input, int output, std::string_view leave = {});

  RawMode(RawMode&& other) noexcept;
  RawMode& operator=(RawMode&&) = delete;
  ~RawMode();

  /// Replaces the bytes that `enter` was given, e.g. when the program has set another mode.
  void leave_with(std::string_view leave) noexcept;

  /// Restores the terminal for a while, e.g. before the process stops, and sets raw mode again.
  void suspend() noexcept;
  void resume() noexcept;

 private:
  explicit RawMode(bool active) : active_(active) {}

  bool active_;
};

}  // namespace jackin::client
