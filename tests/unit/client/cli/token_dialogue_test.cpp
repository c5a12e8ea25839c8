// SPDX-License-Identifier: Apache-2.0
// Both ways of a setup, with terminal and without, judged by what is sent to the daemon and what is shown.

#include <gtest/gtest.h>
#include <vterm.h>

#include "client/cli/token_on_terminal.hpp"
#include "client/cli/token_without_terminal.hpp"

namespace jackin::client {
namespace {

constexpr const char* url = "https://claude.ai/oauth/authorize?code=true&client_id=9d1c250a&state=abc";

v1::TokenEvent step(const std::string& name, const std::string& detail = {}) {
  v1::TokenEvent event;
  event.mutable_step()->set_step(name);
  event.mutable_step()->set_detail(detail);
  return event;
}

v1::TokenEvent link(const std::string& address = url) {
  v1::TokenEvent event;
  event.set_authorize_url(address);
  return event;
}

v1::TokenEvent open(const std::string& address) {
  v1::TokenEvent event;
  event.set_open_browser(address);
  return event;
}

v1::TokenEvent frame(const std::string& text) {
  v1::TokenEvent event;
  event.mutable_frame()->mutable_size()->set_rows(20);
  event.mutable_frame()->mutable_size()->set_columns(60);
  event.mutable_frame()->add_rows()->add_runs()->set_text(text);
  return event;
}

v1::TokenEvent question() {
  v1::TokenEvent event;
  event.mutable_question()->set_text("The store failed. Where shall the token be kept?");
  v1::Choice& file = *event.mutable_question()->add_choices();
  file.set_key("file");
  file.set_text("a file of yours");
  v1::Choice& stop = *event.mutable_question()->add_choices();
  stop.set_key("stop");
  stop.set_text("nowhere");
  return event;
}

class TokenDialogueTest : public testing::Test {
 protected:
  TokenOutlet outlet() {
    TokenOutlet outlet;
    outlet.send = [this](v1::UserInput input) { sent_.push_back(std::move(input)); };
    outlet.show = [this](const std::string& text) { shown_ += text; };
    outlet.open_browser = [this](const std::string& address) {
      opened_.push_back(address);
      return browser_error_;
    };
    outlet.take_keys = [this](bool taken) { keys_ = taken; };
    outlet.stop_job = [this] { ++stops_; };
    outlet.size = [this] { return size_; };
    outlet.runs_to_its_end = [this] { return runs_to_its_end_; };
    return outlet;
  }

  int cancels() const {
    return static_cast<int>(
        std::count_if(sent_.begin(), sent_.end(), [](const v1::UserInput& input) { return input.has_cancel(); }));
  }

  // What stands on the terminal in the end.
  std::vector<std::string> screen() const {
    VTerm* term = vterm_new(size_.rows, size_.columns);
    vterm_set_utf8(term, 1);
    VTermScreen* cells = vterm_obtain_screen(term);
    vterm_screen_reset(cells, 1);
    vterm_input_write(term, shown_.data(), shown_.size());
    std::vector<std::string> rows;
    for (int row = 0; row < size_.rows; ++row) {
      std::string text(static_cast<std::size_t>(size_.columns) * 4, '\0');
      text.resize(vterm_screen_get_text(cells, text.data(), text.size(), {row, row + 1, 0, size_.columns}));
      text.erase(text.find_last_not_of(' ') + 1);
      rows.push_back(text);
    }
    while (!rows.empty() && rows.back().empty()) rows.pop_back();
    vterm_free(term);
    return rows;
  }

  std::vector<v1::UserInput> sent_;
  std::vector<std::string> opened_;
  std::string shown_;
  std::optional<Error> browser_error_;
  CellSize size_{24, 60};
  bool keys_ = false;
  bool runs_to_its_end_ = true;
  int stops_ = 0;
};

using Lines = std::vector<std::string>;

// Without a terminal.

TEST_F(TokenDialogueTest, WithoutATerminalSaysWhatToOpenAndSendsTheLine) {
  TokenWithoutTerminal dialogue(outlet(), {"setup", "my-app"}, false, false);
  EXPECT_FALSE(dialogue.wants_input());
  dialogue.take(step("mint"));
  dialogue.take(link());
  EXPECT_EQ(shown_, std::string("open: ") + url + "\n");
  EXPECT_TRUE(dialogue.wants_input());
  dialogue.input("the-co");
  dialogue.input("de#state\r\nmore");
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(sent_[0].code(), "the-code#state");
  EXPECT_FALSE(dialogue.wants_input());
}

TEST_F(TokenDialogueTest, OnATerminalThatDrawsNothingSaysWhatItWaitsFor) {
  TokenWithoutTerminal dialogue(outlet(), {"setup", "my-app"}, false, true);
  dialogue.take(step("mint"));
  dialogue.take(link());
  EXPECT_EQ(shown_, std::string("open: ") + url + "\nthen type the code that the page ends in, and Enter\n");
}

TEST_F(TokenDialogueTest, WithoutATerminalSaysTheSameLinkOnce) {
  TokenWithoutTerminal dialogue(outlet(), {"setup", "my-app"}, false, false);
  dialogue.take(step("mint"));
  dialogue.take(link());
  const std::string once = shown_;
  dialogue.take(link());
  EXPECT_EQ(shown_, once);
}

TEST_F(TokenDialogueTest, WithoutATerminalTakesALineThatDoesNotEnd) {
  TokenWithoutTerminal dialogue(outlet(), {"setup", "my-app"}, false, false);
  dialogue.take(step("mint"));
  dialogue.take(link());
  dialogue.input("code#state");
  dialogue.input_ended();
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(sent_[0].code(), "code#state");
  EXPECT_FALSE(dialogue.own_error());
}

TEST_F(TokenDialogueTest, WithoutATerminalKeepsALineThatComesBeforeTheLink) {
  TokenWithoutTerminal dialogue(outlet(), {"setup", "my-app"}, false, false);
  dialogue.take(step("mint"));
  dialogue.input("code#state\n");
  EXPECT_TRUE(sent_.empty());
  EXPECT_FALSE(dialogue.wants_input());
  dialogue.take(link());
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(sent_[0].code(), "code#state");
}

TEST_F(TokenDialogueTest, WithoutATerminalGivesUpAtOnceWhenNobodyCanSayTheCode) {
  TokenWithoutTerminal dialogue(outlet(), {"setup", "my-app"}, false, false);
  dialogue.take(step("mint"));
  EXPECT_TRUE(dialogue.wants_input());
  dialogue.input_ended();
  EXPECT_FALSE(dialogue.wants_input());
  EXPECT_EQ(cancels(), 1);
  ASSERT_TRUE(dialogue.own_error());
  EXPECT_EQ(dialogue.own_error()->reason, Reason::needs_confirmation);
}

TEST_F(TokenDialogueTest, WithoutATerminalAndWithoutAMintNobodyIsAsked) {
  TokenWithoutTerminal dialogue(outlet(), {"setup", "my-app"}, false, false);
  dialogue.take(step("resolve"));
  EXPECT_FALSE(dialogue.wants_input());
}

TEST_F(TokenDialogueTest, WithoutATerminalAQuestionNeedsYes) {
  TokenWithoutTerminal refused(outlet(), {"setup", "my-app"}, false, false);
  refused.take(question());
  ASSERT_TRUE(refused.own_error());
  EXPECT_EQ(refused.own_error()->reason, Reason::needs_confirmation);
  sent_.clear();
  TokenWithoutTerminal answered(outlet(), {"setup", "my-app"}, true, false);
  answered.take(question());
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(sent_[0].answer().choice(), "file");
  EXPECT_FALSE(answered.own_error());
  // What fails again is not tried for ever: the operation ends with the daemon's own error.
  answered.take(question());
  ASSERT_EQ(sent_.size(), 2U);
  EXPECT_TRUE(sent_[1].has_cancel());
  EXPECT_FALSE(answered.own_error());
  answered.take(question());
  EXPECT_EQ(sent_.size(), 2U);
}

// Leaving.

TEST_F(TokenDialogueTest, LeavingBeforeTheCaptureCancelsAndWaitsForTheDaemon) {
  TokenOnTerminal dialogue(outlet(), {"setup", "my-app"}, {});
  dialogue.take(step("mint"));
  dialogue.interrupt();
  EXPECT_EQ(cancels(), 1);
  EXPECT_FALSE(dialogue.has_left());
  EXPECT_FALSE(dialogue.own_error());
}

TEST_F(TokenDialogueTest, LeavingTwiceDoesNotWaitForTheDaemon) {
  TokenOnTerminal dialogue(outlet(), {"setup", "my-app"}, {});
  dialogue.take(step("mint"));
  dialogue.interrupt();
  dialogue.interrupt();
  EXPECT_EQ(cancels(), 1);
  EXPECT_TRUE(dialogue.has_left());
  EXPECT_EQ(dialogue.own_error()->reason, Reason::cancelled);
}

TEST_F(TokenDialogueTest, LeavingAfterTheCaptureDetachesAndSaysSo) {
  TokenOnTerminal dialogue(outlet(), {"setup", "my-app --role dev"}, {});
  dialogue.take(step("mint"));
  dialogue.take(step("captured"));
  dialogue.interrupt();
  EXPECT_EQ(cancels(), 0);
  EXPECT_TRUE(dialogue.has_left());
  EXPECT_EQ(dialogue.own_error()->reason, Reason::cancelled);
  EXPECT_NE(dialogue.own_error()->message.find("detached"), std::string::npos);
  EXPECT_EQ(dialogue.own_error()->remedy, "jackinctl probe my-app --role dev");
}

TEST_F(TokenDialogueTest, WhatDoesNotRunToItsEndIsNotDetachedFrom) {
  TokenOnTerminal dialogue(outlet(), {"setup", "my-app"}, {});
  dialogue.take(step("captured"));
  // The daemon waits for an answer; its question is on its way.
  runs_to_its_end_ = false;
  dialogue.interrupt();
  EXPECT_EQ(cancels(), 1);
  EXPECT_FALSE(dialogue.has_left());
  dialogue.interrupt();
  EXPECT_TRUE(dialogue.has_left());
  EXPECT_EQ(dialogue.own_error()->message.find("detached"), std::string::npos);
}

TEST_F(TokenDialogueTest, LosingTheTerminalDoesNotWait) {
  TokenOnTerminal dialogue(outlet(), {"setup", "my-app"}, {});
  dialogue.take(step("mint"));
  dialogue.leave();
  EXPECT_EQ(cancels(), 1);
  EXPECT_TRUE(dialogue.has_left());
}

TEST_F(TokenDialogueTest, AQuestionAfterTheCaptureCanBeRefused) {
  TokenOnTerminal dialogue(outlet(), {"setup", "my-app"}, {});
  dialogue.take(step("captured"));
  dialogue.take(question());
  dialogue.interrupt();
  EXPECT_EQ(cancels(), 1);
  EXPECT_FALSE(dialogue.has_left());
}

// On a terminal.

TEST_F(TokenDialogueTest, ShowsStepsAndBelowThemClaudesScreen) {
  TokenOnTerminal dialogue(outlet(), {"setup", "my-app"}, {});
  dialogue.take(step("program", "claude 2.1.197  /usr/bin/claude"));
  dialogue.take(step("mint"));
  dialogue.take(frame("Paste code here if prompted >"));
  EXPECT_EQ(screen(), (Lines{"✓ claude 2.1.197  /usr/bin/claude", "› waiting for your consent",
                             "Paste code here if prompted >"}));
}

TEST_F(TokenDialogueTest, TakesClaudesScreenAwayOnceTheTokenIsCaptured) {
  TokenOnTerminal dialogue(outlet(), {"setup", "my-app"}, {});
  dialogue.take(step("program", "claude 2.1.197  /usr/bin/claude"));
  dialogue.take(step("mint"));
  EXPECT_TRUE(keys_);
  dialogue.take(frame("Paste code here if prompted >"));
  dialogue.take(step("captured"));
  EXPECT_FALSE(keys_);
  EXPECT_FALSE(dialogue.wants_input());
  dialogue.take(frame("nothing of this may be seen"));
  dialogue.take(step("store", "file ~/x"));
  dialogue.finish(true);
  EXPECT_EQ(screen(), (Lines{"✓ claude 2.1.197  /usr/bin/claude", "✓ consent given", "✓ token captured",
                             "✓ token stored  file ~/x"}));
  EXPECT_EQ(shown_.find("nothing of this"), std::string::npos);
}

TEST_F(TokenDialogueTest, MarksTheStepThatFailed) {
  TokenOnTerminal dialogue(outlet(), {"setup", "my-app"}, {});
  dialogue.take(step("program", "claude 2.1.197  /usr/bin/claude"));
  dialogue.take(step("mint"));
  dialogue.take(frame("OAuth error"));
  dialogue.finish(false);
  EXPECT_EQ(screen(), (Lines{"✓ claude 2.1.197  /usr/bin/claude", "✗ waiting for your consent"}));
  EXPECT_FALSE(keys_);
}

TEST_F(TokenDialogueTest, WithYesARefusingStoreIsTriedOnceMoreAndNoTryIsShownAsDone) {
  TerminalStyle style;
  style.yes = true;
  TokenOnTerminal dialogue(outlet(), {"setup", "my-app"}, style);
  dialogue.take(step("captured"));
  dialogue.take(step("store", "file ~/x"));
  dialogue.take(question());
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(sent_[0].answer().choice(), "file");
  dialogue.take(step("store", "file ~/x"));
  dialogue.take(question());
  ASSERT_EQ(sent_.size(), 2U);
  EXPECT_TRUE(sent_[1].has_cancel());
  dialogue.finish(false);
  EXPECT_EQ(screen(), (Lines{"✓ token captured", "✗ storing the token  file ~/x", "✗ storing the token  file ~/x"}));
}

TEST_F(TokenDialogueTest, AStepThatWasWarnedOfIsNotShownAsDone) {
  TokenOnTerminal dialogue(outlet(), {"setup", "my-app"}, {});
  dialogue.take(step("verify"));
  v1::TokenEvent event;
  event.mutable_notice()->set_severity("warning");
  event.mutable_notice()->set_message("the token could not be checked");
  dialogue.take(event);
  dialogue.take(step("store", "file ~/x"));
  event.mutable_notice()->set_severity("info");
  event.mutable_notice()->set_message("by the way");
  dialogue.take(event);
  dialogue.finish(true);
  EXPECT_EQ(screen(), (Lines{"warning: the token could not be checked", "! checking the token", "note: by the way",
                             "✓ token stored  file ~/x"}));
}

TEST_F(TokenDialogueTest, PassesKeysOnAsTheyAre) {
  TokenOnTerminal dialogue(outlet(), {"setup", "my-app"}, {});
  EXPECT_FALSE(dialogue.wants_input());
  dialogue.take(step("mint"));
  EXPECT_TRUE(dialogue.wants_input());
  dialogue.input("abc\x1b[A\r");
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(sent_[0].keys(), "abc\x1b[A\r");
}

TEST_F(TokenDialogueTest, KeepsCtrlCAndCtrlZForItself) {
  TokenOnTerminal dialogue(outlet(), {"setup", "my-app"}, {});
  dialogue.take(step("mint"));
  dialogue.input(
      "a\x1a"
      "b\x03");
  ASSERT_EQ(sent_.size(), 3U);
  EXPECT_EQ(sent_[0].keys(), "a");
  EXPECT_EQ(sent_[1].keys(), "b");
  EXPECT_TRUE(sent_[2].has_cancel());
  EXPECT_EQ(stops_, 1);
}

TEST_F(TokenDialogueTest, OpensTheBrowserAndSaysWhenItCannot) {
  TokenOnTerminal dialogue(outlet(), {"setup", "my-app"}, {});
  dialogue.take(step("mint"));
  dialogue.take(open("https://claude.ai/1"));
  EXPECT_EQ(opened_, Lines{"https://claude.ai/1"});
  EXPECT_TRUE(sent_.empty());
  browser_error_ = Error{Reason::program_missing, "neither $BROWSER nor xdg-open is there", ""};
  dialogue.take(open("https://claude.ai/2"));
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_TRUE(sent_[0].has_browser_failed());
  EXPECT_NE(shown_.find("neither $BROWSER nor xdg-open is there"), std::string::npos);
}

TEST_F(TokenDialogueTest, ShowsTheLinkWholeOnOneLine) {
  const std::string address = std::string(url) + std::string(300, 'x');
  TokenOnTerminal plain(outlet(), {"setup", "my-app"}, {OutputStyle{}, false, false, false, false});
  plain.take(step("mint"));
  plain.take(link(address));
  EXPECT_NE(shown_.find("\r\n" + address + "\r\n"), std::string::npos);
  shown_.clear();
  TokenOnTerminal linked(outlet(), {"setup", "my-app"}, {});
  linked.take(step("mint"));
  linked.take(link(address));
  EXPECT_NE(shown_.find("\x1b]8;;" + address + "\x1b\\" + address + "\x1b]8;;\x1b\\\r\n"), std::string::npos);
}

TEST_F(TokenDialogueTest, ShowsAQrCodeOnlyWhenAskedAndWhereItFits) {
  TerminalStyle style;
  TokenOnTerminal without(outlet(), {"setup", "my-app"}, style);
  without.take(link());
  EXPECT_EQ(shown_.find("▀"), std::string::npos);
  style.qr = true;
  TokenOnTerminal small(outlet(), {"setup", "my-app"}, style);
  small.take(link());
  EXPECT_EQ(shown_.find("▀"), std::string::npos);
  EXPECT_NE(shown_.find("the QR code needs a terminal of"), std::string::npos);
  size_ = {60, 100};
  TokenOnTerminal large(outlet(), {"setup", "my-app"}, style);
  large.take(link());
  EXPECT_NE(shown_.find("▀"), std::string::npos);
}

TEST_F(TokenDialogueTest, TellsTheDaemonTheNewSizeAndDrawsAgain) {
  TokenOnTerminal dialogue(outlet(), {"setup", "my-app"}, {});
  dialogue.take(step("program", "claude 2.1.197  /usr/bin/claude"));
  dialogue.take(step("mint"));
  dialogue.take(frame("Paste code here"));
  dialogue.redraw();
  EXPECT_TRUE(sent_.empty());
  size_ = {30, 40};
  dialogue.redraw();
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(sent_[0].resize().rows(), 30U);
  EXPECT_EQ(sent_[0].resize().columns(), 40U);
  EXPECT_EQ(screen(), (Lines{"✓ claude 2.1.197  /usr/bin/claude", "› waiting for your consent", "Paste code here"}));
}

TEST_F(TokenDialogueTest, AsksWhatTheDaemonAsks) {
  TokenOnTerminal dialogue(outlet(), {"setup", "my-app"}, {});
  dialogue.take(step("captured"));
  dialogue.take(question());
  EXPECT_TRUE(dialogue.wants_input());
  EXPECT_NE(shown_.find("  2  nowhere\r\n"), std::string::npos);
  dialogue.input("7\n");
  EXPECT_TRUE(sent_.empty());
  dialogue.input("2");
  dialogue.input("\n");
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(sent_[0].answer().choice(), "stop");
  EXPECT_FALSE(dialogue.wants_input());
}

TEST_F(TokenDialogueTest, ShowsNoticesWithTheirRemedyAndNothingThatActs) {
  TokenOnTerminal dialogue(outlet(), {"setup", "my-app"}, {});
  v1::TokenEvent event;
  event.mutable_notice()->set_severity("warning");
  event.mutable_notice()->set_message("claude is\x1b]0;evil\a new");
  event.mutable_notice()->set_remedy("jackinctl doctor");
  dialogue.take(event);
  EXPECT_EQ(screen(), (Lines{"warning: claude is new", "try: jackinctl doctor"}));
}

v1::TokenEvent what_becomes_of_it() {
  v1::TokenEvent event;
  for (const char* key : {"try_again", "keep", "give_up"}) event.mutable_question()->add_choices()->set_key(key);
  return event;
}

TEST_F(TokenDialogueTest, WhereNobodyIsAskedATokenThatCannotBeWiredIsTriedOnceMoreAndKept) {
  TokenWithoutTerminal piped(outlet(), {"setup", "my-app"}, false, false);
  TerminalStyle style;
  style.yes = true;
  TokenOnTerminal unasked(outlet(), {"setup", "my-app"}, style);
  for (TokenDialogue* const dialogue : {static_cast<TokenDialogue*>(&piped), static_cast<TokenDialogue*>(&unasked)}) {
    sent_.clear();
    dialogue->take(what_becomes_of_it());
    dialogue->take(what_becomes_of_it());
    ASSERT_EQ(sent_.size(), 2U);
    EXPECT_EQ(sent_[0].answer().choice(), "try_again");
    EXPECT_EQ(sent_[1].answer().choice(), "keep");
    EXPECT_FALSE(dialogue->own_error()) << "the daemon's error names the command";
  }
}

TEST_F(TokenDialogueTest, YesOnATerminalTriesARefusingStoreOnceMoreOnly) {
  TerminalStyle style;
  style.yes = true;
  TokenOnTerminal dialogue(outlet(), {"setup", "my-app"}, style);
  dialogue.take(question());
  dialogue.take(question());
  EXPECT_EQ(cancels(), 1);
}

}  // namespace
}  // namespace jackin::client
