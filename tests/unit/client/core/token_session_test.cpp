// SPDX-License-Identifier: Apache-2.0
// A setup or a rotation in a graphical client.

#include "client/core/token_session.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "proto/enum_conversion.hpp"
#include "tests/unit/client/core/fake_stream.hpp"

namespace jackin::client {
namespace {

// A client with panes: it records the content of each pane.
class Panes : public TokenView {
 public:
  void on_step(const v1::StepReached& step) override { steps.push_back(word_of_proto(step.step())); }
  void on_frame(const v1::Frame& frame) override { claude = frame.rows(0).runs(0).text(); }
  void on_authorize_url(const std::string& address) override { link = address; }
  void on_notice(const v1::Notice& notice) override { notices.push_back(notice.message()); }
  void on_question(const v1::Question& question) override { dialog = question; }
  void on_browser_failed(const std::string& message) override { browser_problem = message; }

  std::vector<std::string> steps;
  std::vector<std::string> notices;
  std::string claude;
  std::string link;
  std::string browser_problem;
  std::optional<v1::Question> dialog;
};

v1::TokenEvent frame_event(const std::string& text) {
  v1::TokenEvent event;
  event.mutable_frame()->add_rows()->add_runs()->set_text(text);
  return event;
}

class TokenSessionTest : public testing::Test {
 protected:
  void take(const v1::TokenEvent& event) {
    stream_.events.push_back(event);
    session_.handle_events(panes_);
  }

  v1::TokenReport report_for(const std::string& workspace) {
    v1::TokenEvent event;
    event.mutable_report()->mutable_scope()->set_workspace(workspace);
    take(event);
    return event.report();
  }

  FakeStream stream_;
  Panes panes_;
  std::vector<std::string> opened_;
  Result<pid_t> browser_ = -1;
  TokenSession session_{stream_, [this](const std::string& address) {
                          opened_.push_back(address);
                          return browser_;
                        }};
};

// Showing.

TEST_F(TokenSessionTest, Events_Shown) {
  take(step_event(v1::STEP_MINT));
  take(frame_event("Paste code here"));
  v1::TokenEvent event;
  event.set_authorize_url("https://claude.ai/\x1b[31mx");
  take(event);
  event.mutable_notice()->set_message("by the way");
  take(event);
  EXPECT_EQ(panes_.steps, std::vector<std::string>{"mint"});
  EXPECT_EQ(panes_.claude, "Paste code here");
  EXPECT_EQ(panes_.link.find('\x1b'), std::string::npos);
  EXPECT_EQ(panes_.notices, std::vector<std::string>{"by the way"});
}

TEST_F(TokenSessionTest, FrameAfterCapture_NotShown) {
  take(frame_event("before"));
  take(step_event(v1::STEP_CAPTURED));
  EXPECT_TRUE(session_.is_captured());
  take(frame_event("after"));
  EXPECT_EQ(panes_.claude, "before");
}

TEST_F(TokenSessionTest, BrowserNotStarted_DaemonAndViewNotified) {
  v1::TokenEvent event;
  event.set_open_browser("https://claude.ai/1");
  take(event);
  EXPECT_EQ(opened_, std::vector<std::string>{"https://claude.ai/1"});
  EXPECT_TRUE(stream_.sent.empty());
  browser_ = failure(Reason::program_missing, "no browser");
  take(event);
  ASSERT_EQ(stream_.sent.size(), 1U);
  EXPECT_EQ(stream_.sent[0].browser_failed().message(), "no browser");
  EXPECT_EQ(panes_.browser_problem, "no browser");
}

TEST_F(TokenSessionTest, BrowserFailed_DaemonAndViewNotified) {
  browser_ = fork();
  if (*browser_ == 0) _exit(3);
  v1::TokenEvent event;
  event.set_open_browser("https://claude.ai/1");
  take(event);
  while (panes_.browser_problem.empty()) session_.reap_browser(panes_);
  EXPECT_TRUE(stream_.sent.at(0).has_browser_failed());
}

TEST_F(TokenSessionTest, Input_Sent) {
  session_.send_keys("abc\x1b[A\r");
  session_.send_code("code#state");
  session_.send_size(30, 40);
  ASSERT_EQ(stream_.sent.size(), 3U);
  EXPECT_EQ(stream_.sent[0].keys(), "abc\x1b[A\r");
  EXPECT_EQ(stream_.sent[1].code(), "code#state");
  EXPECT_EQ(stream_.sent[2].resize().rows(), 30U);
  EXPECT_EQ(stream_.sent[2].resize().columns(), 40U);
}

// Questions.

TEST_F(TokenSessionTest, Question_OpenUntilAnswered) {
  take(question_event("Where?", {v1::CHOICE_KIND_TRY_AGAIN, v1::CHOICE_KIND_GIVE_UP}));
  ASSERT_TRUE(panes_.dialog);
  EXPECT_TRUE(session_.is_asking());
  session_.answer(panes_.dialog->choices(1));
  EXPECT_FALSE(session_.is_asking());
  ASSERT_EQ(stream_.sent.size(), 1U);
  EXPECT_EQ(stream_.sent[0].answer().choice().kind(), v1::CHOICE_KIND_GIVE_UP);
}

TEST_F(TokenSessionTest, AnswerUnasked_TriesAgainThenKeeps) {
  const v1::Question question =
      question_event("", {v1::CHOICE_KIND_TRY_AGAIN, v1::CHOICE_KIND_KEEP, v1::CHOICE_KIND_GIVE_UP}).question();
  EXPECT_TRUE(TokenSession::offers_keeping(question));
  EXPECT_TRUE(session_.answer_unasked(question));
  EXPECT_TRUE(session_.answer_unasked(question));
  ASSERT_EQ(stream_.sent.size(), 2U);
  EXPECT_EQ(stream_.sent[0].answer().choice().kind(), v1::CHOICE_KIND_TRY_AGAIN);
  EXPECT_EQ(stream_.sent[1].answer().choice().kind(), v1::CHOICE_KIND_KEEP);
}

TEST_F(TokenSessionTest, AnswerUnaskedTwice_NothingToKeep_False) {
  const v1::Question question = question_event("", {v1::CHOICE_KIND_TRY_AGAIN, v1::CHOICE_KIND_GIVE_UP}).question();
  EXPECT_FALSE(TokenSession::offers_keeping(question));
  EXPECT_TRUE(session_.answer_unasked(question));
  EXPECT_FALSE(session_.answer_unasked(question));
  EXPECT_EQ(stream_.sent.size(), 1U);
}

// Leaving.

TEST_F(TokenSessionTest, InterruptBeforeCapture_CancelsAndWaits) {
  take(step_event(v1::STEP_MINT));
  session_.interrupt();
  EXPECT_EQ(stream_.cancels(), 1);
  EXPECT_EQ(session_.departure(), Departure::none);
  EXPECT_FALSE(session_.is_over());
}

TEST_F(TokenSessionTest, InterruptTwice_DoesNotWait) {
  take(step_event(v1::STEP_MINT));
  session_.interrupt();
  session_.interrupt();
  EXPECT_EQ(stream_.cancels(), 1);
  EXPECT_EQ(session_.departure(), Departure::unconfirmed);
  EXPECT_TRUE(session_.is_over());
  EXPECT_EQ(session_.finish().departure, Departure::unconfirmed);
  EXPECT_TRUE(stream_.was_hung_up);
}

TEST_F(TokenSessionTest, InterruptAfterCapture_AsksAboutItsOwnOperation) {
  v1::TokenEvent begun;
  begun.mutable_begun()->set_id("op-7");
  take(begun);
  take(step_event(v1::STEP_CAPTURED));
  session_.interrupt();
  EXPECT_EQ(stream_.asked_about, "op-7");
}

TEST_F(TokenSessionTest, InterruptAfterCapture_Detaches) {
  take(step_event(v1::STEP_MINT));
  take(step_event(v1::STEP_CAPTURED));
  session_.interrupt();
  EXPECT_EQ(stream_.cancels(), 0);
  EXPECT_EQ(session_.departure(), Departure::detached);
  stream_.result = failure(Reason::cancelled, "the call was cancelled");
  const TokenEnd end = session_.finish();
  EXPECT_EQ(end.departure, Departure::detached);
  EXPECT_FALSE(end.report);
  EXPECT_FALSE(end.error);
}

TEST_F(TokenSessionTest, InterruptAfterCapture_DaemonWaits_Cancels) {
  take(step_event(v1::STEP_CAPTURED));
  // The daemon waits for an answer; its question is in transit.
  stream_.finishes_alone = false;
  session_.interrupt();
  EXPECT_EQ(stream_.cancels(), 1);
  EXPECT_EQ(session_.departure(), Departure::none);
  session_.interrupt();
  EXPECT_EQ(session_.departure(), Departure::unconfirmed);
}

TEST_F(TokenSessionTest, Leave_DoesNotWait) {
  take(step_event(v1::STEP_MINT));
  session_.leave();
  EXPECT_EQ(stream_.cancels(), 1);
  EXPECT_TRUE(session_.is_over());
}

TEST_F(TokenSessionTest, InterruptAtQuestionAfterCapture_Cancels) {
  take(step_event(v1::STEP_CAPTURED));
  take(question_event("Where?", {v1::CHOICE_KIND_TRY_AGAIN, v1::CHOICE_KIND_GIVE_UP}));
  session_.interrupt();
  EXPECT_EQ(stream_.cancels(), 1);
  EXPECT_EQ(session_.departure(), Departure::none);
}

// Results.

TEST_F(TokenSessionTest, Finish_Report) {
  report_for("my-app");
  stream_.has_ended = true;
  EXPECT_TRUE(session_.is_over());
  const TokenEnd end = session_.finish();
  ASSERT_TRUE(end.report);
  EXPECT_EQ(end.report->scope().workspace(), "my-app");
  EXPECT_FALSE(end.error);
}

TEST_F(TokenSessionTest, Finish_ReportWhileUserLeft_Report) {
  take(step_event(v1::STEP_CAPTURED));
  session_.interrupt();
  report_for("my-app");
  EXPECT_TRUE(session_.finish().report);
}

TEST_F(TokenSessionTest, Finish_DaemonsError) {
  stream_.result = failure(Reason::mint_refused, "claude refused the code");
  const TokenEnd end = session_.finish();
  ASSERT_TRUE(end.error);
  EXPECT_EQ(end.error->reason, Reason::mint_refused);
}

TEST_F(TokenSessionTest, Finish_GivenUp_ClientsReason) {
  session_.give_up({Reason::needs_confirmation, "no one can consent", {}});
  session_.give_up({Reason::needs_confirmation, "no one can consent", {}});
  EXPECT_EQ(stream_.cancels(), 1);
  stream_.result = failure(Reason::cancelled, "cancelled");
  const TokenEnd end = session_.finish();
  ASSERT_TRUE(end.error);
  EXPECT_EQ(end.error->reason, Reason::needs_confirmation);
}

TEST_F(TokenSessionTest, Finish_NoReport_Error) {
  const TokenEnd end = session_.finish();
  ASSERT_TRUE(end.error);
  EXPECT_EQ(end.error->reason, Reason::internal);
}

}  // namespace
}  // namespace jackin::client
