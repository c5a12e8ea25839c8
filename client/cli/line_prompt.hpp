// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/cli/command_context.hpp"
#include "client/terminal/signal_watch.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// Asks questions one line at a time, on any terminal: no colour, no cursor movement. Ctrl-C, and any other signal that
/// `signals` catches, ends a question. One thread.
class LinePrompt {
 public:
  /// All references must outlive it. `screen` is the terminal to write to; answers are read from `around.in`.
  LinePrompt(const CommandContext& cli, SignalWatch& signals, int screen)
      : cli_(cli), signals_(signals), screen_(screen) {}

  /// Writes a line. The caller makes text from outside printable.
  void say(std::string_view line);

  /// Writes `question` and reads a line. Drops blanks around it. Errors: cancelled (a signal, or the end of the input).
  Result<std::string> ask(std::string_view question);

  SignalWatch& signals() { return signals_; }

 private:
  const CommandContext& cli_;
  SignalWatch& signals_;
  int screen_;
  std::string read_;
};

/// Returns the terminal on which the user can be asked: the output terminal, when stdin is a terminal too. Otherwise
/// returns -1. Unlike with `screen_for`, the terminal need not be able to move its cursor.
int prompt_screen(const CommandContext& cli, Format format);

/// One option of a question. Printable.
struct ChoiceOption {
  std::string name;
  std::string note = {};  ///< Shown beside the name.
  std::string key = {};   ///< What the user types to choose it; empty: its number.
  std::string id = {};    ///< Accepted in place of the name.
  bool usable = true;     ///< False: shown without a number, and the note gives the reason.
};

/// Asks the user for one option: by number, key, name or ID, in any case. A part of a name also suffices if only one
/// option contains it. An empty line chooses `preset`. A long list is shown in part; a part of a name then lists the
/// options that contain it. Returns the position of a usable option. Errors: cancelled.
Result<std::size_t> choose(LinePrompt& prompt, const std::string& title, const std::vector<ChoiceOption>& options,
                           std::optional<std::size_t> preset);

}  // namespace jackin::client
