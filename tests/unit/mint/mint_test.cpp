// SPDX-License-Identifier: Apache-2.0
// A session with a scripted claude, on a clock that the test advances.

#include "daemon/mint/mint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/token_forms.hpp"
#include "tests/unit/mint/artist.hpp"
#include "tests/unit/mint/scripted.hpp"

namespace jackin::mint {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class MintTest : public testing::Test {
 protected:
  void start() {
    MintRequest request;
    request.claude = {"/opt/claude", version};
    request.client = client;
    request.relay = "/opt/jackin-relay";
    request.socket = "/run/jackind.sock";
    running = std::make_unique<test::Started<Result<MintedToken>>>(io, mint.capture(std::move(request), user));
    settle();
  }

  // Runs everything that does not wait for time.
  void settle() {
    io.restart();
    io.poll();
  }

  // Advances the clock in small steps, so that each wait ends at its own time.
  void pass(Clock::Duration duration) {
    for (; duration > 0ms; duration -= 10ms) {
      clock.advance(std::min<Clock::Duration>(duration, 10ms));
      settle();
    }
  }

  void draw(std::string_view bytes) {
    claude.draws(bytes);
    settle();
  }

  static std::string rows(const std::vector<std::string>& texts) {
    std::string bytes;
    for (const auto& text : texts) bytes += text + "\r\r\n";
    return bytes;
  }

  void draw_prompt() {
    draw(rows({" Browser didn't open?", ""}) + rows(test::wrapped(url, 80, 0)) + "\r\n Paste code here >");
  }

  void draw_token() { draw(rows(test::wrapped(token, 80, 1)) + "\r\n Store this token securely.\r\n"); }

  Result<MintedToken> result() { return running->result(); }
  bool has_ended() const { return running->has_ended(); }

  // The failure: the reason, and the message.
  std::string failed() {
    if (!has_ended()) return "(still running)";
    const auto got = result();
    return got ? "(did not fail)" : std::string(to_code(got.error().reason)) + ": " + got.error().message;
  }

  test::Random random{17};
  std::string token = test::random_token(random);
  std::string url = test::random_authorize_url(random);
  std::string callback_url =
      "https://claude.com/cai/oauth/authorize?code=true&redirect_uri=http%3A%2F%2Flocalhost%3A4%2Fcallback&state=1";

  DottedVersion version{{2, 1, 197}};

  // Outlives io, and with it a mint that a test leaves unfinished.
  BrowserCalls browser_calls;
  asio::io_context io;
  test::FakeClock clock;
  test::ScriptedClaude claude{io};
  test::ScriptedUser user{io};
  Environment client{{{"PATH", "/bin"}, {"HOME", "/home/me"}, {"TERM", "dumb"}}};
  Mint mint{claude, clock, browser_calls};
  std::unique_ptr<test::Started<Result<MintedToken>>> running;
};

TEST_F(MintTest, TokenShown_Returned) {
  start();
  draw_token();
  claude.exits(0);
  settle();
  const auto minted = result();
  ASSERT_TRUE(minted) << minted.error().message;
  EXPECT_EQ(minted->token.view(), token);
  EXPECT_TRUE(minted->known_shape);
  EXPECT_TRUE(claude.was_ended());
}

TEST_F(MintTest, Claude_TerminalAndEnvironmentOfItsOwn) {
  client.set("ANTHROPIC_API_KEY", "sk-ant-api-xyz");
  client.set("OP_SESSION_x", "secret");
  client.set("BROWSER", "firefox");
  client.set("LANG", "C.UTF-8");
  start();
  EXPECT_EQ(claude.call().program, "/opt/claude");
  EXPECT_THAT(claude.call().arguments, ElementsAre("setup-token"));
  auto given = claude.call().environment;
  EXPECT_EQ(given.value_of(relay_nonce_variable).size(), 32U);
  given.erase(relay_nonce_variable);
  EXPECT_EQ(given, (Environment{{{"PATH", "/bin"},
                                 {"HOME", "/home/me"},
                                 {"LANG", "C.UTF-8"},
                                 {"TERM", "xterm-256color"},
                                 {"BROWSER", "/opt/jackin-relay"},
                                 {"CLAUDE_CODE_FULL_SIGN_IN_LINK", "1"},
                                 {std::string(relay_socket_variable), "/run/jackind.sock"}}}));
}

TEST_F(MintTest, Claude_UsersWidthAndEnoughRows) {
  user.size = TerminalSize{10, 40};
  start();
  ASSERT_THAT(claude.sizes(), SizeIs(1));
  EXPECT_EQ(claude.sizes()[0].columns, 40);
  EXPECT_GE(claude.sizes()[0].rows, 100);
  draw("hello");
  pass(30ms);
  EXPECT_EQ(user.shown.size, (TerminalSize{10, 40}));
}

TEST_F(MintTest, Frames_SentWhenClaudePauses) {
  start();
  draw("Open");
  pass(10ms);
  EXPECT_THAT(user.updates, IsEmpty());
  draw("ing browser");
  pass(30ms);
  EXPECT_EQ(user.screen(), "Opening browser");
  EXPECT_THAT(user.updates, SizeIs(1));
  draw("\r\n*");
  pass(30ms);
  ASSERT_THAT(user.updates, SizeIs(2));
  EXPECT_THAT(user.updates[1].rows, SizeIs(1)) << "what changed, no more";
}

TEST_F(MintTest, Frames_NoPause_SentRegularly) {
  start();
  for (int i = 0; i < 30; ++i) {
    draw("\r" + std::to_string(i));
    pass(10ms);
  }
  EXPECT_GE(user.updates.size(), 2U);
  EXPECT_LE(user.updates.size(), 4U);
}

TEST_F(MintTest, Frames_AfterTokenPrefix_NoneSent) {
  start();
  draw("Long-lived token:\r\n");
  pass(30ms);
  draw(" sk-ant-");
  EXPECT_THAT(user.steps, ElementsAre("captured"));
  pass(200ms);
  draw(token.substr(7) + "\r\n and this");
  pass(200ms);
  claude.exits(0);
  settle();
  EXPECT_EQ(result()->token.view(), token);
  EXPECT_THAT(user.updates, SizeIs(1));
  for (std::size_t i = 0; i + 6 <= token.size(); ++i) {
    EXPECT_THAT(user.received(), Not(HasSubstr(token.substr(i, 6))));
  }
  EXPECT_THAT(user.steps, ElementsAre("captured"));
}

TEST_F(MintTest, TerminalQueries_Answered) {
  start();
  draw("\x1b[>0q\x1b[c");
  EXPECT_THAT(claude.typed(), HasSubstr("jackind("));
}

TEST_F(MintTest, Url_Whole_ReportedOnce) {
  start();
  draw(rows(test::wrapped(url.substr(0, 200), 80, 0)));
  pass(30ms);
  draw("\x1b[H" + url + "\r\n\r\n Paste code here >");
  EXPECT_THAT(user.urls, IsEmpty());
  pass(2s);
  EXPECT_THAT(user.urls, ElementsAre(url));
}

TEST_F(MintTest, BrowserCall_UsersBrowserOpened) {
  start();
  const auto nonce = claude.call().environment.value_of(relay_nonce_variable);
  EXPECT_TRUE(browser_calls.deliver(nonce, callback_url));
  EXPECT_THAT(user.opened, ElementsAre(callback_url));
  draw_prompt();
  pass(5s);
  EXPECT_THAT(user.opened, SizeIs(1)) << "the one on the screen is for other browsers";
  EXPECT_THAT(user.urls, ElementsAre(url));
}

TEST_F(MintTest, BrowserCall_NotHttps_NotOpened) {
  start();
  const auto nonce = claude.call().environment.value_of(relay_nonce_variable);
  EXPECT_TRUE(browser_calls.deliver(nonce, "file:///etc/passwd"));
  EXPECT_TRUE(browser_calls.deliver(nonce, "http://claude.com/?response_type=code"));
  EXPECT_THAT(user.opened, IsEmpty());
}

TEST_F(MintTest, BrowserCall_OtherNonce_Ignored) {
  start();
  EXPECT_FALSE(browser_calls.deliver(std::string(32, '0'), callback_url));
  const auto nonce = claude.call().environment.value_of(relay_nonce_variable);
  user.does(Cancel{});
  settle();
  EXPECT_TRUE(has_ended());
  EXPECT_FALSE(browser_calls.deliver(nonce, callback_url));
  EXPECT_THAT(user.opened, IsEmpty());
}

TEST_F(MintTest, NoBrowserCall_UrlOnScreenOpened) {
  start();
  draw_prompt();
  pass(2s);
  EXPECT_THAT(user.opened, IsEmpty());
  pass(1500ms);
  EXPECT_THAT(user.opened, ElementsAre(url));
}

TEST_F(MintTest, NoBrowser_NothingOpened) {
  user.has_browser = false;
  start();
  EXPECT_TRUE(browser_calls.deliver(claude.call().environment.value_of(relay_nonce_variable), callback_url));
  draw_prompt();
  pass(5s);
  EXPECT_THAT(user.opened, IsEmpty());
  EXPECT_THAT(user.urls, ElementsAre(url));
}

TEST_F(MintTest, Code_TypedWhenPromptIsReady) {
  start();
  draw("\x1b[?2004h");
  user.does(Code{Secret::copy_of("code#state")});
  pass(3s);
  EXPECT_EQ(claude.typed(), "") << "keys typed before the prompt is drawn are lost";
  draw_prompt();
  pass(200ms);
  EXPECT_EQ(claude.typed(), "");
  pass(300ms);
  EXPECT_EQ(claude.typed(), "\x1b[200~code#state\x1b[201~");
  draw("**********");
  pass(200ms);
  EXPECT_EQ(claude.typed(), "\r");
  pass(10s);
  EXPECT_EQ(claude.typed(), "");
}

TEST_F(MintTest, Code_NotEchoed_TypedAgain) {
  start();
  draw_prompt();
  pass(1s);
  user.does(Code{Secret::copy_of("code#state")});
  pass(1s);
  EXPECT_EQ(claude.typed(), "code#state");
  pass(1s);
  EXPECT_EQ(claude.typed(), "code#state");
  draw("***");
  pass(200ms);
  EXPECT_EQ(claude.typed(), "\r");
}

TEST_F(MintTest, Code_NoUrl_TypedAfterLimit) {
  start();
  draw("Code?");
  user.does(Code{Secret::copy_of("code#state")});
  pass(14s);
  EXPECT_EQ(claude.typed(), "");
  pass(2s);
  EXPECT_EQ(claude.typed(), "code#state");
}

TEST_F(MintTest, CallbackAddress_TypedAsCode) {
  for (const bool as_keys : {false, true}) {
    claude.starts_over();
    start();
    draw_prompt();
    pass(1s);
    const std::string address = "https://platform.claude.com/oauth/code/callback?code=the-code&state=abc";
    if (as_keys) {
      user.does(Keys{Secret::copy_of(address + "\r")});
    } else {
      user.does(Code{Secret::copy_of(address)});
    }
    pass(1s);
    EXPECT_EQ(claude.typed(), "the-code#abc");
    draw("************");
    pass(200ms);
    EXPECT_EQ(claude.typed(), "\r");
    claude.exits(1);
    settle();
    EXPECT_TRUE(has_ended());
  }
}

TEST_F(MintTest, EnterWhileCodeIsTyped_EnteredOnce) {
  start();
  draw_prompt();
  pass(1s);
  user.does(Code{Secret::copy_of("code#state")});
  user.does(Keys{Secret::copy_of("\r")});
  pass(400ms);
  EXPECT_EQ(claude.typed(), "code#state");
  user.does(Keys{Secret::copy_of("\r")});
  settle();
  EXPECT_EQ(claude.typed(), "");
  draw("**********");
  pass(200ms);
  EXPECT_EQ(claude.typed(), "\r");
}

TEST_F(MintTest, Keys_PassedOn) {
  start();
  user.does(Keys{Secret::copy_of("\x1b[A")});
  user.does(Keys{Secret::copy_of("\r")});
  settle();
  EXPECT_EQ(claude.typed(), "\x1b[A\r");
}

TEST_F(MintTest, Input_AfterTokenPrefix_Ignored) {
  start();
  draw(" sk-ant-oat");
  user.does(Keys{Secret::copy_of("q")});
  user.does(Resize{{24, 40}});
  user.does(Cancel{});
  user.leaves();
  settle();
  EXPECT_EQ(claude.typed(), "");
  EXPECT_THAT(claude.sizes(), SizeIs(1));
  draw(token.substr(10) + "\r\n");
  claude.exits(0);
  settle();
  EXPECT_EQ(result()->token.view(), token);
}

TEST_F(MintTest, Resize_PassedOn) {
  start();
  draw_prompt();
  pass(200ms);
  user.does(Resize{{30, 50}});
  settle();
  ASSERT_THAT(claude.sizes(), SizeIs(2));
  EXPECT_EQ(claude.sizes()[1], (TerminalSize{claude.sizes()[0].rows, 50}));
  draw("\x1b[2J\x1b[H" + rows(test::wrapped(url, 50, 0)));
  pass(200ms);
  EXPECT_EQ(user.shown.size, (TerminalSize{30, 50}));
  EXPECT_THAT(user.screen(), HasSubstr(url.substr(0, 50) + "\n" + url.substr(50, 50)));
  draw("\x1b[2J\x1b[H" + rows(test::wrapped(token, 50, 1)));
  claude.exits(0);
  settle();
  EXPECT_EQ(result()->token.view(), token);
}

TEST_F(MintTest, UserCancels_ClaudeEnded) {
  start();
  draw_prompt();
  user.does(Cancel{});
  settle();
  EXPECT_THAT(failed(), HasSubstr("cancelled: "));
  EXPECT_TRUE(claude.was_ended());
}

TEST_F(MintTest, ClientGone_ClaudeEnded) {
  start();
  user.leaves();
  settle();
  EXPECT_THAT(failed(), HasSubstr("cancelled: "));
  EXPECT_TRUE(claude.was_ended());
}

TEST_F(MintTest, Cancelled_ClaudeEnded) {
  start();
  draw_prompt();
  running->cancel();
  settle();
  EXPECT_THAT(failed(), HasSubstr("cancelled: "));
  EXPECT_TRUE(claude.was_ended());
}

TEST_F(MintTest, Cancelled_WholeTokenKept) {
  start();
  draw_token();
  running->cancel();
  settle();
  ASSERT_TRUE(has_ended());
  EXPECT_EQ(result()->token.view(), token);
}

TEST_F(MintTest, NoConsent_TimesOut) {
  start();
  draw_prompt();
  pass(14min);
  EXPECT_FALSE(has_ended());
  pass(61s);
  EXPECT_THAT(failed(), HasSubstr("timed_out: "));
  EXPECT_TRUE(claude.was_ended());
}

TEST_F(MintTest, Refused_ErrorQuotesClaude) {
  start();
  draw("OAuth error: \x1b[31mInvalid code\x1b[m\r\n\r\nid 9d1c250a-e61b-44d9-88ed-5944d1962f5e\r\n");
  claude.exits(1);
  settle();
  const auto why = failed();
  EXPECT_THAT(why,
              HasSubstr("mint_refused: claude ended without a token (exit code 1): OAuth error: Invalid code id "));
  EXPECT_THAT(why, Not(HasSubstr("9d1c")));
}

TEST_F(MintTest, Refused_UrlShown_OnlyKnownSentencesQuoted) {
  const auto fail_with = [&](std::string_view screen) {
    draw(screen);
    claude.exits(1);
    settle();
    return failed();
  };
  start();
  draw_prompt();
  pass(2s);
  EXPECT_EQ(
      fail_with("\x1b[2J\x1b[H something new\r\n"),
      "mint_refused: claude ended without a token (exit code 1); its screen is not quoted because it may show a token");
}

TEST_F(MintTest, Refused_TokenMayBeOnScreen_KnownSentenceQuoted) {
  start();
  EXPECT_TRUE(browser_calls.deliver(claude.call().environment.value_of(relay_nonce_variable), callback_url));
  draw(" OAuth error: No authorization code received\r\n " + token.substr(30, 11) + "\r\n");
  claude.exits(1);
  settle();
  EXPECT_EQ(failed(),
            "mint_refused: claude ended without a token (exit code 1): OAuth error: No authorization code received");
}

TEST_F(MintTest, Refused_DisguisedToken_NoPieceQuoted) {
  const auto body = token.substr(13);
  std::string spaced;
  std::string grouped;
  std::string marked;
  for (std::size_t i = 0; i < body.size(); ++i) {
    spaced += body.substr(i, 1) + " ";
    grouped += body.substr(i, 1) + (i % 4 == 3 ? "." : "");
    marked += body.substr(i, 1) + "\u0301";
  }
  for (const auto& drawn : {spaced, grouped, marked, body}) {
    start();
    draw_prompt();
    pass(2s);
    draw("\x1b[2J\x1b[H OAuth error: here: " + drawn + "\r\n");
    claude.exits(1);
    settle();
    EXPECT_EQ(test::shown_piece(failed(), token), "") << failed();
    claude.starts_over();
  }
}

TEST_F(MintTest, Refused_KeysTyped_NothingUnknownQuoted) {
  start();
  user.does(Keys{Secret::copy_of("x")});
  settle();
  draw("word\r\n");
  claude.exits(1);
  settle();
  EXPECT_THAT(failed(), Not(HasSubstr("word")));
}

TEST_F(MintTest, Lifetime_Reported) {
  start();
  draw(" Your OAuth token (valid for 90 days):\r\n\r\n");
  draw_token();
  claude.exits(0);
  settle();
  EXPECT_EQ(result()->lifetime, std::chrono::days(90));
}

TEST_F(MintTest, Lifetime_SameForEveryToken_Estimate) {
  for (const auto& [release, lifetime] : std::vector<std::pair<int, std::optional<std::chrono::days>>>{
           {197, std::nullopt}, {330, std::chrono::days(365)}}) {
    version = {{2, 1, release}};
    start();
    draw(" Your OAuth token (valid for 1 year):\r\n\r\n");
    draw_token();
    claude.exits(0);
    settle();
    EXPECT_EQ(result()->lifetime, lifetime) << release;
    claude.starts_over();
  }
}

TEST_F(MintTest, ClaudeKilled_ErrorNamesSignal) {
  start();
  claude.exits(128 + 9);
  settle();
  EXPECT_EQ(failed(), "mint_refused: claude ended without a token (signal 9)");
}

TEST_F(MintTest, ClaudeEnds_RestOfOutputRead) {
  start();
  claude.exits(0, /*keeps_terminal=*/true);
  settle();
  EXPECT_FALSE(has_ended());
  draw_token();
  pass(300ms);
  ASSERT_TRUE(has_ended());
  EXPECT_EQ(result()->token.view(), token);
}

TEST_F(MintTest, OtherProgramKeepsTerminal_NotDelayed) {
  start();
  claude.exits(1, /*keeps_terminal=*/true);
  settle();
  pass(300ms);
  EXPECT_THAT(failed(), HasSubstr("mint_refused: "));
}

TEST_F(MintTest, TerminalClosed_ClaudeEnded) {
  start();
  claude.closes_its_terminal();
  settle();
  pass(1100ms);
  EXPECT_THAT(failed(), HasSubstr("mint_refused: claude closed its terminal"));
  EXPECT_TRUE(claude.was_ended());
}

TEST_F(MintTest, TokenShown_ClaudeDoesNotEnd_Ended) {
  start();
  draw_token();
  pass(2900ms);
  EXPECT_FALSE(has_ended());
  pass(200ms);
  ASSERT_TRUE(has_ended());
  EXPECT_EQ(result()->token.view(), token);
  EXPECT_TRUE(claude.was_ended());
}

TEST_F(MintTest, PartOfToken_CaptureIncomplete) {
  start();
  draw(" " + token.substr(0, 79));
  claude.exits(139);
  settle();
  EXPECT_THAT(failed(), HasSubstr("capture_incomplete: "));
}

TEST_F(MintTest, RestOfTokenMissing_CaptureIncomplete) {
  start();
  draw(" sk-ant-oat01-");
  pass(11s);
  EXPECT_THAT(failed(), HasSubstr("capture_incomplete: "));
  EXPECT_TRUE(claude.was_ended());
}

TEST_F(MintTest, UnknownShape_Reported) {
  start();
  const auto odd = "sk-ant-oat02-" + token.substr(13) + "longer";
  draw(rows(test::wrapped(odd, 80, 1)) + "\r\n Store this token.");
  claude.exits(0);
  settle();
  const auto minted = result();
  ASSERT_TRUE(minted) << minted.error().message;
  EXPECT_EQ(minted->token.view(), odd);
  EXPECT_FALSE(minted->known_shape);
}

TEST_F(MintTest, UserWithoutTerminal_NoFrames) {
  user.size.reset();
  start();
  draw(rows(test::wrapped(url, claude.sizes()[0].columns, 0)) + "\r\n Paste code here >");
  pass(1s);
  EXPECT_THAT(user.updates, IsEmpty());
  EXPECT_THAT(user.urls, ElementsAre(url));
  user.does(Code{Secret::copy_of("code#state")});
  pass(1s);
  draw("***");
  pass(200ms);
  EXPECT_EQ(claude.typed(), "code#state\r");
  draw_token();
  claude.exits(0);
  settle();
  EXPECT_EQ(result()->token.view(), token);
}

TEST_F(MintTest, UserWithoutTerminal_CodeRefused_Fails) {
  user.size.reset();
  start();
  draw(rows(test::wrapped(url, claude.sizes()[0].columns, 0)) + "\r\n Paste code here >");
  user.does(Code{Secret::copy_of("wrong")});
  pass(2s);
  draw(
      "\x1b[2J\x1b[H OAuth error: Invalid code. Please make sure the full code was copied\r\n\r\n Press Enter to "
      "retry.");
  pass(200ms);
  EXPECT_EQ(failed(),
            "mint_refused: claude refused the code: Invalid code. Copy the whole code, including what follows #");
  EXPECT_TRUE(claude.was_ended());
}

TEST_F(MintTest, UserWithoutTerminal_ClaudeFailsOrAsksAgain_FailsAtOnce) {
  for (const auto& [drawn, error] :
       {std::pair("OAuth error: timeout of 15000ms exceeded",
                  "mint_refused: claude returned no token for the code: OAuth error: timeout of 15000ms exceeded"),
        std::pair("That doesn't look like the full code. Copy all of it, including the # in the middle.",
                  "mint_refused: claude refused the code: Invalid code. Copy the whole code, including what follows "
                  "#")}) {
    claude.starts_over();
    user.size.reset();
    start();
    draw(rows(test::wrapped(url, claude.sizes()[0].columns, 0)) + "\r\n Paste code here >");
    user.does(Code{Secret::copy_of("wrong")});
    pass(2s);
    draw(std::string("\x1b[2J\x1b[H ") + drawn + "\r\n");
    pass(200ms);
    EXPECT_EQ(failed(), error);
  }
}

TEST_F(MintTest, UserWithoutTerminal_UnknownAnswer_FailsAfterLimit) {
  user.size.reset();
  start();
  draw(rows(test::wrapped(url, claude.sizes()[0].columns, 0)) + "\r\n Paste code here >");
  user.does(Code{Secret::copy_of("wrong")});
  pass(2s);
  draw("\x1b[2J\x1b[H something new\r\n");
  pass(20s);
  EXPECT_FALSE(claude.was_ended());
  pass(11s);
  EXPECT_THAT(failed(), HasSubstr("mint_refused: claude returned no token for the code"));
}

TEST_F(MintTest, CodeRefused_SignInOver_FailsAtOnce) {
  for (const bool typed : {false, true}) {
    claude.starts_over();
    start();
    draw_prompt();
    pass(1s);
    if (typed) {
      user.does(Keys{Secret::copy_of("wrong\r")});
    } else {
      user.does(Code{Secret::copy_of("wrong")});
    }
    pass(2s);
    draw(
        "\x1b[2J\x1b[H OAuth error: Invalid code. Please make sure the full code was copied\r\n Press Enter to retry.");
    pass(200ms);
    EXPECT_EQ(failed(),
              "mint_refused: claude refused the code: Invalid code. Copy the whole code, including what follows #");
    EXPECT_TRUE(claude.was_ended());
  }
}

TEST_F(MintTest, CodeRefused_ClaudeAsksAgain_UserMayTryAgain) {
  start();
  draw_prompt();
  pass(1s);
  user.does(Code{Secret::copy_of("wrong")});
  pass(2s);
  draw("\x1b[2J\x1b[H That doesn't look like the full code. Copy all of it, including the # in the\r\n middle.\r\n");
  pass(60s);
  EXPECT_FALSE(claude.was_ended());
  draw_token();
  claude.exits(0);
  settle();
  EXPECT_EQ(result()->token.view(), token);
}

TEST_F(MintTest, CodeRefused_ClaudeAsksAgainAndIsKilled_SignalReported) {
  start();
  draw_prompt();
  pass(1s);
  user.does(Code{Secret::copy_of("wrong")});
  pass(2s);
  draw("\x1b[2J\x1b[H That doesn't look like the full code. Copy all of it, including the # in the\r\n middle.\r\n");
  pass(200ms);
  claude.exits(128 + 9);
  settle();
  EXPECT_EQ(
      failed(),
      "mint_refused: claude ended without a token (signal 9): That doesn't look like the full code. Copy all of it, "
      "including the # in the middle.");
}

TEST_F(MintTest, NetworkFails_UserMayTryAgain) {
  start();
  draw_prompt();
  pass(1s);
  user.does(Code{Secret::copy_of("code#state")});
  pass(2s);
  draw("\x1b[2J\x1b[H OAuth error: timeout of 15000ms exceeded\r\n Press Enter to retry.");
  pass(60s);
  EXPECT_FALSE(claude.was_ended());
}

TEST_F(MintTest, NoPseudoTerminal_Fails) {
  claude.run_out();
  start();
  EXPECT_EQ(failed(), "io_failed: no pseudo-terminal is left");
}

}  // namespace
}  // namespace jackin::mint
