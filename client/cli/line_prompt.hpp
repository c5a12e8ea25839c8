#pragma once

#include <string>
#include <string_view>

#include "client/cli/surroundings.hpp"
#include "client/view/signal_watch.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// Questions a line at a time, on any terminal: no colour, no cursor movement. Ctrl-C, and whatever else `signals`
/// catches, ends a question. One thread.
class LinePrompt {
 public:
  /// All must outlive it. `screen` is the terminal to write to; answers are read from `around.in`.
  LinePrompt(const Surroundings& around, SignalWatch& signals, int screen)
      : around_(around), signals_(signals), screen_(screen) {}

  /// Writes a line. Text from outside must be printable.
  void say(std::string_view line);

  /// Writes `question` and reads a line; blanks around it are dropped. Errors: cancelled (a signal, or the end of the
  /// input).
  Result<std::string> ask(std::string_view question);

  SignalWatch& signals() { return signals_; }

 private:
  const Surroundings& around_;
  SignalWatch& signals_;
  int screen_;
  std::string read_;
};

/// Where a person can be asked: the terminal that is drawn on, when there is also one to type at; -1: nobody can.
/// Unlike `screen_for` it need not move its cursor.
int prompt_screen(const Surroundings& around, Format format);

}  // namespace jackin::client
