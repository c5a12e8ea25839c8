// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "daemon/async/clock.hpp"

namespace jackin::mint {

/// Decides when to type the code that the user gave. claude loses input that arrives before its prompt is complete, and
/// only a pause in its output shows that the prompt is complete. This class knows times, not the code. All times are
/// the clock's uptime.
class CodeTyping {
 public:
  using Time = Clock::Duration;
  enum class Act { nothing, paste, enter };

  explicit CodeTyping(Time started) : started_(started), last_output_(started) {}

  /// The user has given a code.
  void give() { stage_ = Stage::held; }
  /// claude drew something.
  void output(Time now);
  /// The screen shows the URL that the code belongs to; the prompt comes with it.
  void url_shown(Time now);

  /// When to call `act`; nothing while no action is due.
  std::optional<Time> due() const;
  /// Returns the action to take now.
  Act act(Time now);

  /// Whether a code is about to be entered.
  bool is_typing() const { return stage_ == Stage::held || stage_ == Stage::pasted; }
  /// When the code was entered; nothing before that.
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
