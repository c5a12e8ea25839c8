// SPDX-License-Identifier: Apache-2.0
// A setup with a terminal and without one: the input that is sent to the daemon, and the output.

#include <gtest/gtest.h>
#include <vterm.h>

#include <algorithm>
#include <chrono>

#include "client/cli/token_on_terminal.hpp"
#include "client/cli/token_without_terminal.hpp"
#include "client/terminal/clipboard.hpp"
#include "tests/unit/client/core/fake_stream.hpp"

namespace jackin::client {
namespace {

constexpr const char* url = "https://claude.ai/oauth/authorize?code=true&client_id=9d1c250a&state=abc";

v1::TokenEvent link(const std::string& address = url) {
  v1::TokenEvent event;
  event.set_authorize_url(address);
  return event;
}

v1::TokenEvent open_event(const std::string& address) {
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
  v1::TokenEvent event = question_event("The store failed. Where should jackind store the token?",
                                        {v1::CHOICE_KIND_TRY_AGAIN, v1::CHOICE_KIND_GIVE_UP});
  event.mutable_question()->mutable_choices(0)->set_text("a file of yours");
  event.mutable_question()->mutable_choices(0)->mutable_key()->set_store(v1::SOURCE_KIND_FILE);
  event.mutable_question()->mutable_choices(1)->set_text("nowhere");
  return event;
}

class TokenUiTest : public testing::Test {
 protected:
  TokenOutlet outlet() {
    TokenOutlet outlet;
    outlet.show = [this](const std::string& text) { shown_ += text; };
    outlet.take_keys = [this](bool taken) { keys_ = taken; };
    outlet.take_whole_screen = [this](bool taken) {
      EXPECT_TRUE(keys_);
      has_whole_screen_ = taken;
      shown_ += taken ? "\x1b[?1049h" : "\x1b[?1049l";
    };
    outlet.stop_job = [this] { ++stops_; };
    outlet.size = [this] { return size_; };
    return outlet;
  }

  // A session and the lines that show it.
  template <typename Ui>
  class Dialogue {
   public:
    template <typename... Options>
    explicit Dialogue(TokenUiTest& test, Options... options)
        : session(test.stream_, [&test](const std::string& address) { return test.open_browser(address); }),
          ui(session, test.outlet(), options...),
          test_(test),
          stream_(test.stream_) {}

    // Types, and waits until what was typed is complete.
    void type(std::string_view bytes) {
      ui.input(bytes, test_.now_);
      test_.now_ += InputParser::chunk_pause;
      ui.pass_time(test_.now_);
    }

    void take(const v1::TokenEvent& event) {
      stream_.events.push_back(event);
      session.handle_events(ui);
    }

    TokenSession session;
    Ui ui;

   private:
    TokenUiTest& test_;
    FakeStream& stream_;
  };
  using OnTerminal = Dialogue<TokenOnTerminal>;
  using WithoutTerminal = Dialogue<TokenWithoutTerminal>;

  Result<pid_t> open_browser(const std::string& address) {
    opened_.push_back(address);
    if (browser_error_) return failure(*browser_error_);
    return -1;
  }

  std::vector<v1::UserInput>& sent() { return stream_.sent; }

  // The content of the terminal at the end.
  std::vector<std::string> screen() const {
    VTerm* term = vterm_new(size_.rows, size_.columns);
    vterm_set_utf8(term, 1);
    VTermScreen* cells = vterm_obtain_screen(term);
    vterm_screen_enable_altscreen(cells, 1);
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

  FakeStream stream_;
  std::vector<std::string> opened_;
  std::string shown_;
  std::optional<Error> browser_error_;
  CellSize size_{24, 60};
  bool keys_ = false;
  bool has_whole_screen_ = false;
  TokenUi::Time now_{std::chrono::hours(1)};
  int stops_ = 0;
};

using Lines = std::vector<std::string>;

// Without a terminal.

TEST_F(TokenUiTest, NoTerminal_Link_PrintedAndLineSent) {
  WithoutTerminal dialogue(*this, false, false);
  EXPECT_FALSE(dialogue.ui.wants_input());
  dialogue.take(step_event(v1::STEP_MINT));
  dialogue.take(link());
  EXPECT_EQ(shown_, std::string("open: ") + url + "\n");
  EXPECT_TRUE(dialogue.ui.wants_input());
  dialogue.type("the-co");
  dialogue.type("de#state\r\nmore");
  ASSERT_EQ(sent().size(), 1U);
  EXPECT_EQ(sent()[0].code(), "the-code#state");
  EXPECT_FALSE(dialogue.ui.wants_input());
}

TEST_F(TokenUiTest, PlainTerminal_Link_PrintedWithPrompt) {
  WithoutTerminal dialogue(*this, false, true);
  dialogue.take(step_event(v1::STEP_MINT));
  dialogue.take(link());
  EXPECT_EQ(shown_,
            std::string("open: ") + url + "\nthen type the code that the page shows at the end, and press Enter\n");
}

TEST_F(TokenUiTest, NoTerminal_SameLinkAgain_PrintedOnce) {
  WithoutTerminal dialogue(*this, false, false);
  dialogue.take(step_event(v1::STEP_MINT));
  dialogue.take(link());
  const std::string once = shown_;
  dialogue.take(link());
  EXPECT_EQ(shown_, once);
}

TEST_F(TokenUiTest, NoTerminal_UnterminatedLine_Sent) {
  WithoutTerminal dialogue(*this, false, false);
  dialogue.take(step_event(v1::STEP_MINT));
  dialogue.take(link());
  dialogue.type("code#state");
  dialogue.ui.input_ended();
  ASSERT_EQ(sent().size(), 1U);
  EXPECT_EQ(sent()[0].code(), "code#state");
  EXPECT_FALSE(dialogue.session.own_error());
}

TEST_F(TokenUiTest, NoTerminal_LineBeforeLink_SentAfterLink) {
  WithoutTerminal dialogue(*this, false, false);
  dialogue.take(step_event(v1::STEP_MINT));
  dialogue.type("code#state\n");
  EXPECT_TRUE(sent().empty());
  EXPECT_FALSE(dialogue.ui.wants_input());
  dialogue.take(link());
  ASSERT_EQ(sent().size(), 1U);
  EXPECT_EQ(sent()[0].code(), "code#state");
}

TEST_F(TokenUiTest, NoTerminal_BlankLinesFirst_PassedOver) {
  WithoutTerminal dialogue(*this, false, false);
  dialogue.take(step_event(v1::STEP_MINT));
  dialogue.take(link());
  for (const char* const part : {"\n", " \r\n\n", "  ", "\t code#", "state \n"}) dialogue.type(part);
  ASSERT_EQ(sent().size(), 1U);
  EXPECT_EQ(sent()[0].code(), "code#state");
}

TEST_F(TokenUiTest, NoTerminal_BlankLinesAlone_NeedsConfirmation) {
  WithoutTerminal dialogue(*this, false, false);
  dialogue.take(step_event(v1::STEP_MINT));
  dialogue.take(link());
  dialogue.type("\n  \r\n");
  EXPECT_TRUE(dialogue.ui.wants_input());
  dialogue.ui.input_ended();
  EXPECT_TRUE(sent().empty() || !sent()[0].has_code());
  ASSERT_TRUE(dialogue.session.own_error());
  EXPECT_EQ(dialogue.session.own_error()->reason, Reason::needs_confirmation);
}

TEST_F(TokenUiTest, NoTerminal_InputEnds_NeedsConfirmation) {
  WithoutTerminal dialogue(*this, false, false);
  dialogue.take(step_event(v1::STEP_MINT));
  EXPECT_TRUE(dialogue.ui.wants_input());
  dialogue.ui.input_ended();
  EXPECT_FALSE(dialogue.ui.wants_input());
  EXPECT_EQ(stream_.cancels(), 1);
  ASSERT_TRUE(dialogue.session.own_error());
  EXPECT_EQ(dialogue.session.own_error()->reason, Reason::needs_confirmation);
}

TEST_F(TokenUiTest, NoTerminal_NoMint_NoInputWanted) {
  WithoutTerminal dialogue(*this, false, false);
  dialogue.take(step_event(v1::STEP_RESOLVE));
  EXPECT_FALSE(dialogue.ui.wants_input());
}

TEST_F(TokenUiTest, NoTerminal_Question_NeedsYes) {
  WithoutTerminal refused(*this, false, false);
  refused.take(question());
  ASSERT_TRUE(refused.session.own_error());
  EXPECT_EQ(refused.session.own_error()->reason, Reason::needs_confirmation);
  sent().clear();
  WithoutTerminal answered(*this, true, false);
  answered.take(question());
  ASSERT_EQ(sent().size(), 1U);
  EXPECT_EQ(sent()[0].answer().choice().kind(), v1::CHOICE_KIND_TRY_AGAIN);
  EXPECT_FALSE(answered.session.own_error());
  // After a second failure the client does not try again: the operation ends with the daemon's own error.
  answered.take(question());
  ASSERT_EQ(sent().size(), 2U);
  EXPECT_TRUE(sent()[1].has_cancel());
  EXPECT_FALSE(answered.session.own_error());
  answered.take(question());
  EXPECT_EQ(sent().size(), 2U);
}

// On a terminal.

TEST_F(TokenUiTest, Terminal_Frame_ShownBelowSteps) {
  OnTerminal dialogue(*this, TerminalStyle{});
  dialogue.take(step_event(v1::STEP_PROGRAM, "claude 2.1.197  /usr/bin/claude"));
  dialogue.take(step_event(v1::STEP_MINT));
  dialogue.take(frame("Paste code here if prompted >"));
  EXPECT_EQ(screen(), (Lines{"✓ claude 2.1.197  /usr/bin/claude", "› waiting for your consent",
                             "Paste code here if prompted >"}));
}

TEST_F(TokenUiTest, Terminal_TokenCaptured_ClaudeScreenRemoved) {
  OnTerminal dialogue(*this, TerminalStyle{});
  dialogue.take(step_event(v1::STEP_PROGRAM, "claude 2.1.197  /usr/bin/claude"));
  dialogue.take(step_event(v1::STEP_MINT));
  EXPECT_TRUE(keys_);
  dialogue.take(frame("Paste code here if prompted >"));
  dialogue.take(step_event(v1::STEP_CAPTURED));
  EXPECT_FALSE(keys_);
  EXPECT_FALSE(dialogue.ui.wants_input());
  dialogue.take(frame("nothing of this may be seen"));
  dialogue.take(step_event(v1::STEP_STORE, "file ~/x"));
  dialogue.ui.finish(true);
  EXPECT_EQ(screen(), (Lines{"✓ claude 2.1.197  /usr/bin/claude", "✓ consent given", "✓ token captured",
                             "✓ token stored  file ~/x"}));
  EXPECT_EQ(shown_.find("nothing of this"), std::string::npos);
}

TEST_F(TokenUiTest, Terminal_Failure_StepMarked) {
  OnTerminal dialogue(*this, TerminalStyle{});
  dialogue.take(step_event(v1::STEP_PROGRAM, "claude 2.1.197  /usr/bin/claude"));
  dialogue.take(step_event(v1::STEP_MINT));
  dialogue.take(frame("OAuth error"));
  dialogue.ui.finish(false);
  EXPECT_EQ(screen(), (Lines{"✓ claude 2.1.197  /usr/bin/claude", "✗ waiting for your consent"}));
  EXPECT_FALSE(keys_);
}

TEST_F(TokenUiTest, Terminal_YesAndStoreFailsTwice_BothStepsMarkedFailed) {
  TerminalStyle style;
  style.yes = true;
  OnTerminal dialogue(*this, style);
  dialogue.take(step_event(v1::STEP_CAPTURED));
  dialogue.take(step_event(v1::STEP_STORE, "file ~/x"));
  dialogue.take(question());
  ASSERT_EQ(sent().size(), 1U);
  EXPECT_EQ(sent()[0].answer().choice().kind(), v1::CHOICE_KIND_TRY_AGAIN);
  dialogue.take(step_event(v1::STEP_STORE, "file ~/x"));
  dialogue.take(question());
  ASSERT_EQ(sent().size(), 2U);
  EXPECT_TRUE(sent()[1].has_cancel());
  dialogue.ui.finish(false);
  EXPECT_EQ(screen(), (Lines{"✓ token captured", "✗ storing the token  file ~/x", "✗ storing the token  file ~/x"}));
}

TEST_F(TokenUiTest, Terminal_StepWithWarning_NotMarkedDone) {
  OnTerminal dialogue(*this, TerminalStyle{});
  dialogue.take(step_event(v1::STEP_VERIFY));
  v1::TokenEvent event;
  event.mutable_notice()->set_severity(v1::SEVERITY_WARNING);
  event.mutable_notice()->set_message("the token could not be checked");
  dialogue.take(event);
  dialogue.take(step_event(v1::STEP_STORE, "file ~/x"));
  event.mutable_notice()->set_severity(v1::SEVERITY_INFO);
  event.mutable_notice()->set_message("by the way");
  dialogue.take(event);
  dialogue.ui.finish(true);
  EXPECT_EQ(screen(), (Lines{"warning: the token could not be checked", "! checking the token", "note: by the way",
                             "✓ token stored  file ~/x"}));
}

TEST_F(TokenUiTest, Keys_Mint_SentUnchanged) {
  OnTerminal dialogue(*this, TerminalStyle{});
  EXPECT_FALSE(dialogue.ui.wants_input());
  dialogue.take(step_event(v1::STEP_MINT));
  EXPECT_TRUE(dialogue.ui.wants_input());
  dialogue.type("abc\x1b[A\r");
  ASSERT_EQ(sent().size(), 1U);
  EXPECT_EQ(sent()[0].keys(), "abc\x1b[A\r");
}

TEST_F(TokenUiTest, Keys_EnterOnTheEmptyLine_NotSent) {
  OnTerminal dialogue(*this, TerminalStyle{});
  dialogue.take(step_event(v1::STEP_MINT));
  dialogue.take(link());
  dialogue.type("\r");
  EXPECT_TRUE(sent().empty());
  EXPECT_NE(shown_.find("Paste the code first, then press Enter."), std::string::npos);
  dialogue.type("a\r");
  dialogue.type("\r");
  ASSERT_EQ(sent().size(), 1U);
  EXPECT_EQ(sent()[0].keys(), "a\r");
}

TEST_F(TokenUiTest, Keys_CtrlCAndCtrlZ_NotSent) {
  OnTerminal dialogue(*this, TerminalStyle{});
  dialogue.take(step_event(v1::STEP_MINT));
  dialogue.type(
      "a\x1a"
      "b\x03");
  ASSERT_EQ(sent().size(), 3U);
  EXPECT_EQ(sent()[0].keys(), "a");
  EXPECT_EQ(sent()[1].keys(), "b");
  EXPECT_TRUE(sent()[2].has_cancel());
  EXPECT_EQ(stops_, 1);
}

TEST_F(TokenUiTest, Browser_NotStarted_DaemonAndUserNotified) {
  OnTerminal dialogue(*this, TerminalStyle{});
  dialogue.take(step_event(v1::STEP_MINT));
  dialogue.take(open_event("https://claude.ai/1"));
  EXPECT_EQ(opened_, Lines{"https://claude.ai/1"});
  EXPECT_TRUE(sent().empty());
  browser_error_ = Error{Reason::program_missing, "neither $BROWSER nor xdg-open exists", {}};
  dialogue.take(open_event("https://claude.ai/2"));
  ASSERT_EQ(sent().size(), 1U);
  EXPECT_TRUE(sent()[0].has_browser_failed());
  EXPECT_NE(shown_.find("neither $BROWSER nor xdg-open exists"), std::string::npos);
}

// The link as long as claude's, and the rows of claude's prompt below its picture.
const std::string long_link = "https://claude.com/cai/oauth/authorize?code=true&state=" + std::string(291, 'x');
constexpr const char* prompt = " Paste code here if prompted >";

v1::TokenEvent prompt_frame(int columns) {
  v1::TokenEvent event;
  v1::Frame& frame = *event.mutable_frame();
  frame.mutable_size()->set_rows(40);
  frame.mutable_size()->set_columns(static_cast<unsigned>(columns));
  unsigned row = 0;
  const auto add = [&](const std::string& text) {
    frame.add_rows()->set_row(row++);
    frame.mutable_rows(frame.rows_size() - 1)->add_runs()->set_text(text);
  };
  for (int i = 0; i < 12; ++i) add("  ░░░░░░   █████▓▓░");
  add(" Browser didn't open? Use the url below to sign in (c to copy)");
  for (std::size_t at = 0; at < long_link.size(); at += static_cast<std::size_t>(columns)) {
    add(long_link.substr(at, static_cast<std::size_t>(columns)));
  }
  ++row;
  add(prompt);
  return event;
}

// The rows of a text that the terminal wraps.
Lines wrapped(const std::string& text, int columns) {
  Lines rows;
  for (std::size_t at = 0; at < text.size(); at += static_cast<std::size_t>(columns)) {
    rows.push_back(text.substr(at, static_cast<std::size_t>(columns)));
  }
  return rows;
}

bool has_rows(const Lines& screen, const Lines& rows) {
  return std::search(screen.begin(), screen.end(), rows.begin(), rows.end()) != screen.end();
}

TEST_F(TokenUiTest, Link_EverySize_WholeWithPromptAndKeys) {
  for (const CellSize size : {CellSize{24, 80}, CellSize{30, 90}, CellSize{20, 60}, CellSize{12, 40}}) {
    size_ = size;
    shown_.clear();
    OnTerminal dialogue(*this, TerminalStyle{});
    dialogue.take(step_event(v1::STEP_PROGRAM, "claude 2.1.197  /usr/bin/claude"));
    dialogue.take(step_event(v1::STEP_MINT));
    dialogue.take(link(long_link));
    dialogue.take(prompt_frame(size.columns));
    const Lines rows = screen();
    EXPECT_TRUE(has_rows(rows, wrapped(long_link, size.columns))) << size.columns << testing::PrintToString(rows);
    ASSERT_FALSE(rows.empty());
    EXPECT_EQ(rows.back(), prompt) << size.columns;
    EXPECT_NE(testing::PrintToString(rows).find("Ctrl-G, then C: copy"), std::string::npos) << size.columns;
    EXPECT_EQ(shown_.find("░"), std::string::npos);
  }
}

TEST_F(TokenUiTest, Link_TooFewRows_SaysSoAboveThePrompt) {
  size_ = {6, 40};
  OnTerminal dialogue(*this, TerminalStyle{});
  dialogue.take(step_event(v1::STEP_MINT));
  dialogue.take(link(long_link));
  dialogue.take(prompt_frame(size_.columns));
  EXPECT_EQ(screen(), (Lines{"› waiting for your consent", "The window is too small for the link.",
                             "Ctrl-G, then C: copy link, Q: QR code", prompt}));
}

TEST_F(TokenUiTest, Link_Hyperlink_WhereTheTerminalKnowsIt) {
  TerminalStyle style;
  OnTerminal linked(*this, style);
  linked.take(step_event(v1::STEP_MINT));
  linked.take(link(long_link));
  EXPECT_NE(shown_.find("\x1b]8;;" + long_link + "\x1b\\" + long_link + "\x1b]8;;\x1b\\"), std::string::npos);
  shown_.clear();
  style.hyperlinks = false;
  OnTerminal plain(*this, style);
  plain.take(step_event(v1::STEP_MINT));
  plain.take(link(long_link));
  EXPECT_EQ(shown_.find("\x1b]8"), std::string::npos);
  EXPECT_NE(shown_.find(long_link), std::string::npos)
      << "the terminal wraps it, so that it is copied without line ends";
}

TEST_F(TokenUiTest, Link_TokenCaptured_Removed) {
  OnTerminal dialogue(*this, TerminalStyle{});
  dialogue.take(step_event(v1::STEP_MINT));
  dialogue.take(link(long_link));
  dialogue.take(step_event(v1::STEP_CAPTURED));
  EXPECT_EQ(screen(), (Lines{"✓ consent given", "› token captured"}));
}

TEST_F(TokenUiTest, CopyKeys_LinkOnClipboard) {
  OnTerminal dialogue(*this, TerminalStyle{});
  dialogue.take(step_event(v1::STEP_MINT));
  dialogue.take(link());
  const std::string sequence = clipboard_sequence(url).value_or("");
  dialogue.type("c");
  EXPECT_EQ(shown_.find("\x1b]52"), std::string::npos) << "a letter alone is claude's";
  ASSERT_EQ(sent().size(), 1U);
  EXPECT_EQ(sent()[0].keys(), "c");
  for (const char* const keys : {"\x07"
                                 "c",
                                 "\x07"
                                 "C"}) {
    const std::size_t before = shown_.size();
    dialogue.type(keys);
    EXPECT_NE(shown_.find(sequence, before), std::string::npos);
    EXPECT_TRUE(has_rows(screen(), {"The link was sent to the clipboard."}));
  }
  dialogue.type("\x07");
  EXPECT_NE(testing::PrintToString(screen()).find("C: copy the link, Q: QR code"), std::string::npos);
  dialogue.type("x");
  EXPECT_EQ(sent().size(), 1U) << "the key after Ctrl-G is not claude's";
  dialogue.type("x");
  EXPECT_EQ(sent().size(), 2U);
}

TEST_F(TokenUiTest, Paste_SentAsCode) {
  OnTerminal dialogue(*this, TerminalStyle{});
  dialogue.take(step_event(v1::STEP_MINT));
  dialogue.take(link());
  dialogue.type("\x1b[200~ c0de#st\rate \x1b[201~");
  ASSERT_EQ(sent().size(), 1U);
  EXPECT_EQ(sent()[0].code(), "c0de#state");
  dialogue.type("\x1b[200~ \r\x1b[201~");
  EXPECT_EQ(sent().size(), 1U);
  dialogue.type("\x1b[200~" + std::string(5000, 'x') + "\x1b[201~");
  EXPECT_EQ(sent().size(), 1U);
  EXPECT_NE(shown_.find("That is too long for a code."), std::string::npos);
}

TEST_F(TokenUiTest, Keys_InPieces_SentTogether) {
  OnTerminal dialogue(*this, TerminalStyle{});
  dialogue.take(step_event(v1::STEP_MINT));
  const std::string code = "c0de#state";
  for (const char& key : code) {
    dialogue.ui.input({&key, 1}, now_);
    now_ += std::chrono::milliseconds(1);
    dialogue.ui.pass_time(now_);
  }
  EXPECT_TRUE(sent().empty());
  ASSERT_TRUE(dialogue.ui.deadline());
  dialogue.ui.pass_time(*dialogue.ui.deadline());
  ASSERT_EQ(sent().size(), 1U);
  EXPECT_EQ(sent()[0].keys(), code);
}

class QrTest : public TokenUiTest {
 protected:
  static TerminalStyle style() {
    TerminalStyle style;
    style.qr = true;
    return style;
  }
  bool shows_qr() const { return shown_.rfind("▀") != std::string::npos && has_whole_screen_; }
};

TEST_F(QrTest, Fits_AloneUntilAKey) {
  size_ = {40, 100};
  OnTerminal dialogue(*this, style());
  dialogue.take(step_event(v1::STEP_MINT));
  dialogue.take(frame("Opening browser"));
  dialogue.take(link());
  EXPECT_TRUE(shows_qr());
  EXPECT_EQ(screen().back(), "Scan the code with a phone. Any key returns to claude.");
  dialogue.take(frame("Paste code here"));
  EXPECT_EQ(shown_.find("Paste code here"), std::string::npos);
  v1::TokenEvent notice;
  notice.mutable_notice()->set_message("by the way");
  dialogue.take(notice);
  EXPECT_TRUE(has_whole_screen_);
  dialogue.type("x");
  EXPECT_FALSE(has_whole_screen_);
  EXPECT_TRUE(sent().empty()) << "the key is not claude's";
  const Lines rows = screen();
  EXPECT_EQ(rows.front(), "note: by the way");
  EXPECT_EQ(rows.back(), "Paste code here");
  EXPECT_TRUE(has_rows(rows, {"› waiting for your consent"}));
  dialogue.type("\x07q");
  EXPECT_TRUE(has_whole_screen_);
}

TEST_F(QrTest, NotRequested_ShownByKeys) {
  size_ = {40, 100};
  OnTerminal dialogue(*this, TerminalStyle{});
  dialogue.take(step_event(v1::STEP_MINT));
  dialogue.take(link());
  EXPECT_FALSE(has_whole_screen_);
  dialogue.type("\x07Q");
  EXPECT_TRUE(shows_qr());
}

TEST_F(QrTest, TooSmall_SaysWhatIsMissingAndAppearsWhenItFits) {
  const int rows = static_cast<int>(qr_code(url).lines.size()) + 1;
  const int columns = qr_code(url).columns;
  size_ = {rows - 1, columns - 2};
  OnTerminal dialogue(*this, style());
  dialogue.take(step_event(v1::STEP_MINT));
  dialogue.take(link());
  EXPECT_FALSE(has_whole_screen_);
  EXPECT_NE(testing::PrintToString(screen()).find("QR code: 1 row, 2 columns more"), std::string::npos)
      << testing::PrintToString(screen());
  size_ = {rows, columns - 2};
  dialogue.ui.redraw();
  EXPECT_NE(testing::PrintToString(screen()).find("The QR code needs 2 more columns."), std::string::npos)
      << testing::PrintToString(screen());
  size_ = {rows, columns};
  dialogue.ui.redraw();
  EXPECT_TRUE(shows_qr());
  size_ = {rows - 1, columns};
  dialogue.ui.redraw();
  EXPECT_FALSE(has_whole_screen_);
  EXPECT_TRUE(has_rows(screen(), {"› waiting for your consent"}));
}

TEST_F(QrTest, Paste_ReturnsAndIsSent) {
  size_ = {40, 100};
  OnTerminal dialogue(*this, style());
  dialogue.take(step_event(v1::STEP_MINT));
  dialogue.take(link());
  dialogue.type("\x1b[200~code#state\x1b[201~");
  EXPECT_FALSE(has_whole_screen_);
  ASSERT_EQ(sent().size(), 1U);
  EXPECT_EQ(sent()[0].code(), "code#state");
}

TEST_F(QrTest, TokenCapturedOrFailed_MainScreenBack) {
  size_ = {40, 100};
  OnTerminal captured(*this, style());
  captured.take(step_event(v1::STEP_MINT));
  captured.take(link());
  captured.take(step_event(v1::STEP_CAPTURED));
  EXPECT_FALSE(has_whole_screen_);
  EXPECT_EQ(screen(), (Lines{"✓ consent given", "› token captured"}));
  shown_.clear();
  OnTerminal failed(*this, style());
  failed.take(step_event(v1::STEP_MINT));
  failed.take(link());
  failed.type("\x03");
  EXPECT_EQ(stream_.cancels(), 1);
  failed.ui.finish(false);
  EXPECT_FALSE(has_whole_screen_);
  EXPECT_EQ(screen(), (Lines{"✗ waiting for your consent"}));
}

TEST_F(TokenUiTest, Redraw_SizeChanged_SentToDaemon) {
  OnTerminal dialogue(*this, TerminalStyle{});
  dialogue.take(step_event(v1::STEP_PROGRAM, "claude 2.1.197  /usr/bin/claude"));
  dialogue.take(step_event(v1::STEP_MINT));
  dialogue.take(frame("Paste code here"));
  dialogue.ui.redraw();
  EXPECT_TRUE(sent().empty());
  size_ = {30, 40};
  dialogue.ui.redraw();
  ASSERT_EQ(sent().size(), 1U);
  EXPECT_EQ(sent()[0].resize().rows(), 30U);
  EXPECT_EQ(sent()[0].resize().columns(), 40U);
  EXPECT_EQ(screen(), (Lines{"✓ claude 2.1.197  /usr/bin/claude", "› waiting for your consent", "Paste code here"}));
}

TEST_F(TokenUiTest, Question_Number_Answers) {
  OnTerminal dialogue(*this, TerminalStyle{});
  dialogue.take(step_event(v1::STEP_CAPTURED));
  dialogue.take(question());
  EXPECT_TRUE(dialogue.ui.wants_input());
  EXPECT_NE(shown_.find("  2  nowhere\r\n"), std::string::npos);
  dialogue.type("7\n");
  EXPECT_TRUE(sent().empty());
  dialogue.type("2");
  dialogue.type("\n");
  ASSERT_EQ(sent().size(), 1U);
  EXPECT_EQ(sent()[0].answer().choice().kind(), v1::CHOICE_KIND_GIVE_UP);
  EXPECT_FALSE(dialogue.ui.wants_input());
}

TEST_F(TokenUiTest, Question_WordInPlaceOfNumber_Answers) {
  for (const auto& [word, kind] :
       {std::pair("file", v1::CHOICE_KIND_TRY_AGAIN), std::pair("give_up", v1::CHOICE_KIND_GIVE_UP)}) {
    sent().clear();
    OnTerminal dialogue(*this, TerminalStyle{});
    dialogue.take(step_event(v1::STEP_CAPTURED));
    dialogue.take(question());
    dialogue.type(std::string(word) + "\n");
    ASSERT_EQ(sent().size(), 1U) << word;
    EXPECT_EQ(sent()[0].answer().choice().kind(), kind) << word;
  }
}

TEST_F(TokenUiTest, Notice_EscapeSequence_RemovedAndRemedyShown) {
  OnTerminal dialogue(*this, TerminalStyle{});
  v1::TokenEvent event;
  event.mutable_notice()->set_severity(v1::SEVERITY_WARNING);
  event.mutable_notice()->set_message("claude is\x1b]0;evil\a new");
  event.mutable_notice()->mutable_remedy()->set_action(v1::REMEDY_ACTION_CHECK);
  dialogue.take(event);
  EXPECT_EQ(screen(), (Lines{"warning: claude is new", "try: jackinctl doctor"}));
}

TEST_F(TokenUiTest, NoConfirmation_KeepOffered_TriesAgainThenKeeps) {
  const v1::TokenEvent what_now =
      question_event("", {v1::CHOICE_KIND_TRY_AGAIN, v1::CHOICE_KIND_KEEP, v1::CHOICE_KIND_GIVE_UP});
  const auto expect_kept = [&](auto& dialogue) {
    sent().clear();
    dialogue.take(what_now);
    dialogue.take(what_now);
    ASSERT_EQ(sent().size(), 2U);
    EXPECT_EQ(sent()[0].answer().choice().kind(), v1::CHOICE_KIND_TRY_AGAIN);
    EXPECT_EQ(sent()[1].answer().choice().kind(), v1::CHOICE_KIND_KEEP);
    EXPECT_FALSE(dialogue.session.own_error()) << "the daemon's error names the command";
  };
  WithoutTerminal piped(*this, false, false);
  expect_kept(piped);
  TerminalStyle style;
  style.yes = true;
  OnTerminal unasked(*this, style);
  expect_kept(unasked);
}

TEST_F(TokenUiTest, Terminal_YesAndSecondQuestion_Cancels) {
  TerminalStyle style;
  style.yes = true;
  OnTerminal dialogue(*this, style);
  dialogue.take(question());
  dialogue.take(question());
  EXPECT_EQ(stream_.cancels(), 1);
}

}  // namespace
}  // namespace jackin::client
