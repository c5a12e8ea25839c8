// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "client/cli/command_context.hpp"
#include "client/terminal/signal_watch.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// Questions a line at a time, on any terminal: no colour, no cursor movement. Ctrl-C, and whatever else `signals`
/// catches, ends a question. One thread.
class LinePrompt {
 public:
  /// All must outlive it. `screen` is the terminal to write to; answers are read from `around.in`.
  LinePrompt(const CommandContext& cli, SignalWatch& signals, int screen)
      : cli_(cli), signals_(signals), screen_(screen) {}

  /// Writes a line. Text from outside must be printable.
  void say(std::string_view line);

  /// Writes `question` and reads a line; blanks around it are dropped. Errors: cancelled (a signal, or the end of the
  /// input).
  Result<std::string> ask(std::string_view question);

  SignalWatch& signals() { return signals_; }

 private:
  const CommandContext& cli_;
  SignalWatch& signals_;
  int screen_;
  std::string read_;
};

/// Where a user can be asked: the terminal that is drawn on, when there is also one to type at; -1: nobody can.
/// Unlike `screen_for` it need not move its cursor.
int prompt_screen(const CommandContext& cli, Format format);

}  // namespace jackin::client
