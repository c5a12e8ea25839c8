// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/core/token_session.hpp"
#include "proto/enum_conversion.hpp"

namespace jackin::client {

/// A setup or a rotation without a daemon: the test creates the events and reads the input.
class FakeStream : public TokenStream {
 public:
  int fd() const override { return -1; }
  std::optional<v1::TokenEvent> next() override {
    if (events.empty()) return std::nullopt;
    v1::TokenEvent event = std::move(events.front());
    events.pop_front();
    return event;
  }
  bool ended() const override { return has_ended && events.empty(); }
  void send(v1::UserInput input) override { sent.push_back(std::move(input)); }
  bool runs_to_its_end(const std::string& operation) override {
    asked_about = operation;
    return finishes_alone;
  }
  void hang_up() override { was_hung_up = true; }
  Result<> outcome() override { return result; }

  int cancels() const {
    return static_cast<int>(
        std::count_if(sent.begin(), sent.end(), [](const v1::UserInput& input) { return input.has_cancel(); }));
  }

  std::deque<v1::TokenEvent> events;
  std::vector<v1::UserInput> sent;
  bool has_ended = false;
  bool finishes_alone = true;
  std::string asked_about;
  bool was_hung_up = false;
  Result<> result;
};

inline v1::TokenEvent step_event(v1::Step name, const std::string& detail = {}) {
  v1::TokenEvent event;
  event.mutable_step()->set_step(name);
  event.mutable_step()->set_detail(detail);
  return event;
}

/// A question with these choices; the text of each is the word of its kind.
inline v1::TokenEvent question_event(const std::string& text, const std::vector<v1::ChoiceKind>& kinds) {
  v1::TokenEvent event;
  event.mutable_question()->set_text(text);
  for (const v1::ChoiceKind kind : kinds) {
    v1::Choice& choice = *event.mutable_question()->add_choices();
    choice.mutable_key()->set_kind(kind);
    choice.set_text(word_of_proto(kind));
  }
  return event;
}

}  // namespace jackin::client
