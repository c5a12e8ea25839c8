// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "daemon/async/clock.hpp"

namespace jackin::mint {

/// Decides when to type the code that the user gave: claude loses what is typed before its prompt stands, and nothing
/// but its pausing tells that it does. Knows time and pauses, not what is typed. All times are the clock's uptime.
class CodeTyping {
 public:
  using Time = Clock::Duration;
  enum class Act { nothing, paste, enter };

  explicit CodeTyping(Time started) : started_(started), last_output_(started) {}

  /// There is a code to type.
  void give() { stage_ = Stage::held; }
  /// claude drew something.
  void output(Time now);
  /// The URL whose code is wanted stands on the screen; the prompt comes with it.
  void url_shown(Time now);

  /// When to call `act`; nothing while there is nothing to do.
  std::optional<Time> due() const;
  /// What to do now.
  Act act(Time now);

  /// When the code was entered; nothing until it was.
  std::optional<Time> entered() const { return entered_; }

 private:
  enum class Stage { idle, held, pasted, entered };

  Time started_;
  Time last_output_;
  std::optional<Time> url_shown_;
  Time pasted_{};
  int pastes_ = 0;
  bool echoed_ = false;
  Stage stage_ = Stage::idle;
  std::optional<Time> entered_;
};

}  // namespace jackin::mint
