// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "common/result.hpp"

namespace jackin::client {

/// Puts a terminal into raw mode for the lifetime of this object: keys arrive one by one, without echo, and Ctrl-C is a
/// byte. Output processing stays on. At most one object in a process. Restores the terminal's settings and cursor at
/// every end of the program (return, exception, crash, signal) except SIGKILL. Does not handle SIGHUP, SIGINT and
/// SIGTERM if the program catches or ignores them.
class RawMode {
 public:
  /// `input` is the terminal to read from; at the end the cursor is shown again on `output`. `leave` is written to
  /// `output` before that; its bytes must exist until the program ends. Errors: io_failed if `input` is not a terminal.
  static Result<RawMode> enter(int input, int output, std::string_view leave = {});

  RawMode(RawMode&& other) noexcept;
  RawMode& operator=(RawMode&&) = delete;
  ~RawMode();

  /// Replaces `leave`, for example when the program has set another mode.
  void leave_with(std::string_view leave) noexcept;

  /// `suspend` restores the terminal, for example before the process stops. `resume` sets raw mode again.
  void suspend() noexcept;
  void resume() noexcept;

 private:
  explicit RawMode(bool active) : active_(active) {}

  bool active_;
};

}  // namespace jackin::client
