// SPDX-License-Identifier: Apache-2.0
#include "client/core/token_session.hpp"

#include <algorithm>
#include <utility>

#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace {

constexpr std::string_view keep_it = "keep";

}  // namespace

void TokenDialogue::take(const v1::TokenEvent& event) {
  switch (event.event_case()) {
    case v1::TokenEvent::kStep:
      // From this step on the daemon finishes the operation even if the client disconnects.
      if (event.step().step() == "captured") captured_ = true;
      asking_ = false;
      on_step(event.step());
      break;
    case v1::TokenEvent::kFrame:
      if (!captured_) on_frame(event.frame());
      break;
    case v1::TokenEvent::kAuthorizeUrl:
      on_authorize_url(printable(event.authorize_url(), 8192));
      break;
    case v1::TokenEvent::kOpenBrowser:
      if (const auto failed = outlet_.open_browser(event.open_browser())) browser_failed(failed->message);
      break;
    case v1::TokenEvent::kNotice:
      on_notice(event.notice());
      break;
    case v1::TokenEvent::kQuestion:
      asking_ = true;
      on_question(event.question());
      break;
    case v1::TokenEvent::kReport:
    case v1::TokenEvent::EVENT_NOT_SET:
      break;
  }
}

void TokenDialogue::interrupt() {
  // The user can refuse a question even after the capture, because the operation waits for the answer. A question may
  // also be in transit.
  if (captured_ && !asking_ && !cancelling_ && outlet_.runs_to_its_end()) {
    own_error_ = {Reason::cancelled, "detached; jackind finishes this " + subject_.operation + " by itself",
                  "jackinctl probe " + subject_.scope_arguments};
    left_ = true;
  } else if (!cancelling_) {
    send_cancel();
  } else {
    own_error_ = {Reason::cancelled, "cancelled, without waiting for jackind to confirm it", "jackinctl daemon status"};
    left_ = true;
  }
}

void TokenDialogue::leave() {
  if (!cancelling_) interrupt();
  if (!left_) interrupt();
}

void TokenDialogue::browser_failed(const std::string& message) {
  v1::UserInput input;
  input.mutable_browser_failed()->set_message(message);
  outlet_.send(std::move(input));
  on_browser_failed(message);
}

void TokenDialogue::send_cancel() {
  if (std::exchange(cancelling_, true)) return;
  v1::UserInput input;
  input.mutable_cancel();
  outlet_.send(std::move(input));
}

void TokenDialogue::send_answer(const std::string& choice) {
  asking_ = false;
  v1::UserInput input;
  input.mutable_answer()->set_choice(choice);
  outlet_.send(std::move(input));
}

bool TokenDialogue::offers_keeping(const v1::Question& question) {
  const auto& choices = question.choices();
  return std::any_of(choices.begin(), choices.end(), [](const v1::Choice& choice) { return choice.key() == keep_it; });
}

bool TokenDialogue::answer_unasked(const v1::Question& question) {
  if (!tried_again_ && !question.choices().empty()) {
    tried_again_ = true;
    send_answer(question.choices(0).key());
    return true;
  }
  if (!offers_keeping(question)) return false;
  send_answer(std::string(keep_it));
  return true;
}

void TokenDialogue::give_up(Error error) {
  own_error_ = std::move(error);
  if (!cancelling_) send_cancel();
}

}  // namespace jackin::client
