// SPDX-License-Identifier: Apache-2.0
#include "client/core/token_session.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <utility>

#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace {

// The choice that loses nothing (`jackin.v1.Question`); null when the question has none.
const v1::Choice* keeping_choice(const v1::Question& question) {
  const auto& choices = question.choices();
  const auto keeping = std::find_if(choices.begin(), choices.end(), [](const v1::Choice& choice) {
    return choice.key().kind() == v1::CHOICE_KIND_KEEP;
  });
  return keeping == choices.end() ? nullptr : &*keeping;
}

}  // namespace

void TokenSession::handle_events(TokenView& view) {
  while (auto event = stream_.next()) handle(*event, view);
}

void TokenSession::handle(v1::TokenEvent& event, TokenView& view) {
  switch (event.event_case()) {
    case v1::TokenEvent::kStep:
      // From this step on the daemon finishes the operation even if the client disconnects.
      if (event.step().step() == v1::STEP_CAPTURED) captured_ = true;
      asking_ = false;
      view.on_step(event.step());
      break;
    case v1::TokenEvent::kFrame:
      if (!captured_) view.on_frame(event.frame());
      break;
    case v1::TokenEvent::kAuthorizeUrl:
      view.on_authorize_url(printable(event.authorize_url(), 8192));
      break;
    case v1::TokenEvent::kOpenBrowser: {
      const auto started = open_browser_(event.open_browser());
      if (!started) {
        browser_failed(started.error().message, view);
      } else {
        browser_ = *started;
      }
      break;
    }
    case v1::TokenEvent::kNotice:
      view.on_notice(event.notice());
      break;
    case v1::TokenEvent::kQuestion:
      asking_ = true;
      view.on_question(event.question());
      break;
    case v1::TokenEvent::kReport:
      report_ = std::move(*event.mutable_report());
      break;
    case v1::TokenEvent::kBegun:
      operation_ = event.begun().id();
      break;
    case v1::TokenEvent::EVENT_NOT_SET:
      break;
  }
}

void TokenSession::reap_browser(TokenView& view) {
  int status = 0;
  if (browser_ <= 0 || waitpid(browser_, &status, WNOHANG) != browser_) return;
  browser_ = -1;
  const bool failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
  if (failed) browser_failed("the program that opens it failed", view);
}

void TokenSession::browser_failed(const std::string& message, TokenView& view) {
  v1::UserInput input;
  input.mutable_browser_failed()->set_message(message);
  stream_.send(std::move(input));
  view.on_browser_failed(message);
}

void TokenSession::send_keys(std::string_view keys) {
  v1::UserInput input;
  // Without a string on the stack, which would keep a copy.
  input.set_keys(keys.data(), keys.size());
  stream_.send(std::move(input));
}

void TokenSession::send_code(std::string_view code) {
  v1::UserInput input;
  input.set_code(code.data(), code.size());
  stream_.send(std::move(input));
}

void TokenSession::send_size(int rows, int columns) {
  v1::UserInput input;
  input.mutable_resize()->set_rows(static_cast<unsigned>(rows));
  input.mutable_resize()->set_columns(static_cast<unsigned>(columns));
  stream_.send(std::move(input));
}

void TokenSession::answer(const v1::Choice& choice) {
  asking_ = false;
  v1::UserInput input;
  *input.mutable_answer()->mutable_choice() = choice.key();
  stream_.send(std::move(input));
}

bool TokenSession::offers_keeping(const v1::Question& question) {
  return keeping_choice(question) != nullptr;
}

bool TokenSession::answer_unasked(const v1::Question& question) {
  if (!tried_again_ && !question.choices().empty()) {
    tried_again_ = true;
    answer(question.choices(0));
    return true;
  }
  const v1::Choice* const keeping = keeping_choice(question);
  if (keeping == nullptr) return false;
  answer(*keeping);
  return true;
}

void TokenSession::cancel() {
  if (std::exchange(cancelling_, true)) return;
  v1::UserInput input;
  input.mutable_cancel();
  stream_.send(std::move(input));
}

void TokenSession::give_up(Error error) {
  own_error_ = std::move(error);
  cancel();
}

void TokenSession::interrupt() {
  // The user can refuse a question even after the capture, because the operation waits for the answer. A question may
  // also be in transit.
  if (captured_ && !asking_ && !cancelling_ && stream_.runs_to_its_end(operation_)) {
    departure_ = Departure::detached;
  } else if (!cancelling_) {
    cancel();
  } else {
    departure_ = Departure::unconfirmed;
  }
}

void TokenSession::leave() {
  if (!cancelling_) interrupt();
  if (departure_ == Departure::none) interrupt();
}

TokenEnd TokenSession::finish() {
  if (departure_ != Departure::none) stream_.hang_up();
  const auto outcome = stream_.outcome();
  TokenEnd end;
  if (outcome && report_) {
    end.report = std::move(report_);
    return end;
  }
  end.departure = departure_;
  if (departure_ != Departure::none) return end;
  if (own_error_) {
    end.error = own_error_;
  } else if (!outcome) {
    end.error = outcome.error();
  } else {
    end.error = Error{Reason::internal, "jackind ended the operation without a report",
                      Remedy::of(RemedyAction::show_daemon_log)};
  }
  return end;
}

}  // namespace jackin::client
