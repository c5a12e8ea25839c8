// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/code_typing.hpp"

#include <algorithm>

namespace jackin::mint {
namespace {

using namespace std::chrono_literals;

// claude does not redraw a complete prompt. An animated prompt never pauses, so the wait has a limit.
constexpr Clock::Duration pause_before_paste = 300ms;
constexpr Clock::Duration longest_wait_for_pause = 2s;
// claude may show a prompt even when its URL cannot be read.
constexpr Clock::Duration wait_without_url = 15s;
// An echo shows that claude received the paste; without an echo the paste was lost.
constexpr Clock::Duration pause_after_echo = 100ms;
constexpr Clock::Duration longest_wait_after_echo = 2s;
constexpr Clock::Duration wait_for_echo = 1500ms;
constexpr int most_pastes = 3;

}  // namespace

void CodeTyping::output(Time now) {
  last_output_ = now;
  if (stage_ == Stage::pasted) echoed_ = true;
}

void CodeTyping::url_shown(Time now) {
  if (!url_shown_) url_shown_ = now;
}

std::optional<CodeTyping::Time> CodeTyping::due() const {
  switch (stage_) {
    case Stage::held:
      if (url_shown_) return std::min(last_output_ + pause_before_paste, *url_shown_ + longest_wait_for_pause);
      return std::max(last_output_ + pause_before_paste, started_ + wait_without_url);
    case Stage::pasted:
      if (echoed_) return std::min(last_output_ + pause_after_echo, pasted_ + longest_wait_after_echo);
      return pasted_ + wait_for_echo;
    case Stage::idle:
    case Stage::entered:
      break;
  }
  return std::nullopt;
}

CodeTyping::Act CodeTyping::act(Time now) {
  const auto when = due();
  if (!when || now < *when) return Act::nothing;
  if (stage_ == Stage::held || (!echoed_ && pastes_ < most_pastes)) {
    if (stage_ == Stage::held) pastes_ = 0;
    stage_ = Stage::pasted;
    echoed_ = false;
    pasted_ = now;
    ++pastes_;
    return Act::paste;
  }
  stage_ = Stage::entered;
  entered_ = now;
  return Act::enter;
}

}  // namespace jackin::mint
