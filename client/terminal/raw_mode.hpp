// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.hpp"

namespace jackin::client {

/// A terminal whose keys arrive one by one, unechoed and with Ctrl-C as a byte, for as long as this lives. Output
/// processing stays on. One at a time in a process. However the program ends (return, exception, crash; a signal that
/// it catches), the terminal gets its settings and its cursor back; only SIGKILL leaves it raw.
class RawMode {
 public:
  /// `input` is the terminal to read from, `output` the one to show the cursor on again. io_failed when `input` is no
  /// terminal.
  static Result<RawMode> enter(int input, int output);

  RawMode(RawMode&& other) noexcept;
  RawMode& operator=(RawMode&&) = delete;
  ~RawMode();

  /// Gives the terminal back for a while, e.g. to be stopped; and takes it again.
  void suspend() noexcept;
  void resume() noexcept;

 private:
  explicit RawMode(bool active) : active_(active) {}

  bool active_;
};

}  // namespace jackin::client
