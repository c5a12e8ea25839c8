// SPDX-License-Identifier: Apache-2.0
// The mint on real pseudo-terminals, with the stand-in for claude (tests/fakes/claude) as a process. With
// JACKIN_TEST_CLAUDE also with a real claude (JACKIN_TEST_CLAUDE_ENVIRONMENT: its environment, NAME=VALUE separated by
// blanks; JACKIN_TEST_CLAUDE_TOKEN: the file with the token that it will get).

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <asio/connect.hpp>
#include <asio/detached.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/read.hpp>
#include <asio/redirect_error.hpp>
#include <asio/write.hpp>
#include <cerrno>
#include <cstdlib>
#include <sstream>

#include "daemon/mint/authorize_url.hpp"
#include "daemon/mint/mint.hpp"
#include "tests/support/await.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/mint/scripted.hpp"
#include "tests/unit/mint/tokens.hpp"

namespace jackin::mint {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Passes claude's address on, as jackin-relay does.
constexpr std::string_view relay = R"(#!/usr/bin/env python3
import os, socket, sys
with socket.socket(socket.AF_UNIX) as daemon:
    daemon.connect(os.environ["JACKIN_RELAY_SOCKET"])
    daemon.sendall((os.environ["JACKIN_RELAY_NONCE"] + " " + sys.argv[1]).encode())
)";

// Records the pid of the started process.
class PidKeeper final : public PtyLauncher {
 public:
  explicit PidKeeper(std::unique_ptr<PtyLauncher> launcher) : launcher_(std::move(launcher)) {}

  Task<std::unique_ptr<PtyProgram>> start(ProgramCall call, TerminalSize size) override {
    CO_TRY(auto program, co_await launcher_->start(std::move(call), size));
    pid = program->pid();
    co_return program;
  }

  pid_t pid = 0;

 private:
  std::unique_ptr<PtyLauncher> launcher_;
};

class OnARealTerminal : public testing::Test {
 protected:
  void SetUp() override {
    test::write_file(request.relay, relay);
    ASSERT_EQ(chmod(request.relay.c_str(), 0700), 0);
    if (const char* real = std::getenv("JACKIN_TEST_CLAUDE")) {
      use_real_claude(real);
    } else {
      test::write_file(folder / "token", token);
      mode("");
    }
    asio::co_spawn(io, accept_relays(), asio::detached);
  }

  void use_real_claude(const char* path) {
    is_real = true;
    request.claude.path = path;
    std::istringstream variables(std::getenv("JACKIN_TEST_CLAUDE_ENVIRONMENT"));
    for (std::string each; variables >> each;) {
      request.client.set(each.substr(0, each.find('=')), each.substr(each.find('=') + 1));
    }
    token = test::read_file(std::getenv("JACKIN_TEST_CLAUDE_TOKEN"));
  }

  void mode(const std::string& mode) {
    test::write_file(folder / ".fake-claude", "MODE=" + mode + "\nTOKEN_FILE=" + (folder / "token").string() + "\n");
  }

  asio::awaitable<void> accept_relays() {
    for (;;) {
      auto connection = co_await relays.async_accept(asio::use_awaitable);
      std::string text;
      asio::error_code end;
      co_await asio::async_read(connection, asio::dynamic_buffer(text), asio::redirect_error(asio::use_awaitable, end));
      const auto blank = text.find(' ');
      EXPECT_TRUE(browser_calls.deliver(text.substr(0, blank), text.substr(blank + 1)));
    }
  }

  // A user who consents in the browser that claude opens.
  void consent_in_browser() {
    user.when_opened = [this](const std::string& url) {
      asio::co_spawn(io, open_callback(std::string(url)), asio::detached);
    };
  }

  asio::awaitable<void> open_callback(std::string url) {
    const std::string target(query_parameter(url, "redirect_uri"));
    constexpr std::string_view host = "http%3A%2F%2Flocalhost%3A";
    EXPECT_TRUE(target.starts_with(host)) << target;
    const auto port = static_cast<std::uint16_t>(std::stoi(target.substr(host.size())));
    asio::ip::tcp::socket browser(io);
    const asio::ip::tcp::endpoint claude(asio::ip::address_v4::loopback(), port);
    co_await browser.async_connect(claude, asio::use_awaitable);
    const std::string ask = "GET /callback?code=anycode&state=" + std::string(query_parameter(url, "state")) +
                            " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    co_await asio::async_write(browser, asio::buffer(ask), asio::use_awaitable);
    std::string reply;
    asio::error_code end;
    co_await asio::async_read(browser, asio::dynamic_buffer(reply), asio::redirect_error(asio::use_awaitable, end));
  }

  // A user who consents on another machine and enters the code at once.
  void consent_with_code() {
    user.has_browser = false;
    user.when_url = [this](const std::string& url) {
      const auto code = "anycode#" + std::string(query_parameter(url, "state"));
      user.does(Code{Secret::copy_of(code)});
    };
  }

  Result<MintedToken> capture() { return test::await(io, mint.capture(std::move(request), user)); }

  void expect_captured(const Result<MintedToken>& minted) {
    ASSERT_TRUE(minted) << minted.error().message;
    EXPECT_EQ(minted->token.view(), token);
    EXPECT_TRUE(minted->known_shape);
    EXPECT_THAT(user.steps, testing::ElementsAre("captured"));
    for (std::size_t i = 0; i + 6 <= token.size(); ++i) {
      ASSERT_EQ(user.received().find(token.substr(i, 6)), std::string::npos) << i;
    }
  }

  static MintRequest request_in(const test::TempDir& folder) {
    MintRequest request;
    request.claude = {JACKIN_FAKE_CLAUDE, {{2, 1, 197}}};
    request.client = Environment{{{"HOME", folder.path().string()}, {"PATH", std::getenv("PATH")}}};
    request.relay = folder / "relay";
    request.socket = folder / "socket";
    return request;
  }

  test::Random random{std::random_device{}()};
  std::string token = test::random_token(random);
  bool is_real = false;
  test::TempDir folder;
  MintRequest request = request_in(folder);
  asio::io_context io;
  std::unique_ptr<Clock> clock = system_clock(io.get_executor());
  PidKeeper terminals{system_pty_launcher(io.get_executor(), *clock)};
  asio::local::stream_protocol::acceptor relays{io,
                                                asio::local::stream_protocol::endpoint((folder / "socket").string())};
  BrowserCalls browser_calls;
  test::ScriptedUser user{io};
  Mint mint{terminals, *clock, browser_calls};
};

class AtWidth : public OnARealTerminal, public testing::WithParamInterface<int> {};

TEST_P(AtWidth, BrowserAnswers_TokenCaptured) {
  user.size = TerminalSize{24, GetParam()};
  consent_in_browser();
  expect_captured(capture());
  EXPECT_THAT(user.opened, SizeIs(1));
}

TEST_P(AtWidth, CodeEntered_TokenCaptured) {
  user.size = TerminalSize{24, GetParam()};
  consent_with_code();
  expect_captured(capture());
  EXPECT_THAT(user.opened, IsEmpty());
  ASSERT_THAT(user.urls, SizeIs(1));
  EXPECT_TRUE(is_authorize_url(user.urls[0]));
}

TEST_P(AtWidth, ResizedAtPrompt_TokenCaptured) {
  user.size = TerminalSize{24, GetParam()};
  user.has_browser = false;
  user.when_url = [this](const std::string& url) {
    user.does(Resize{{40, GetParam() == 64 ? 143 : 64}});
    const auto code = "anycode#" + std::string(query_parameter(url, "state"));
    user.does(Code{Secret::copy_of(code)});
    user.when_url = nullptr;
  };
  expect_captured(capture());
}

TEST_P(AtWidth, ResizedAfterCode_TokenCaptured) {
  user.size = TerminalSize{24, GetParam()};
  consent_with_code();
  bool resized = false;
  user.after_frame = [&] {
    if (resized || user.urls.empty() || user.screen().find("***") == std::string::npos) return;
    resized = true;
    user.does(Resize{{30, GetParam() == 40 ? 97 : 40}});
  };
  expect_captured(capture());
}

INSTANTIATE_TEST_SUITE_P(Of, AtWidth, testing::Values(40, 64, 80, 97, 110, 143, 300));

TEST_F(OnARealTerminal, UserWithoutTerminal_TokenCaptured) {
  user.size.reset();
  consent_with_code();
  expect_captured(capture());
  EXPECT_THAT(user.updates, IsEmpty());
}

TEST_F(OnARealTerminal, FewRows_TokenCaptured) {
  user.size = TerminalSize{6, 40};
  consent_with_code();
  expect_captured(capture());
  for (const auto& update : user.updates) EXPECT_EQ(update.size, (TerminalSize{6, 40}));
}

TEST_F(OnARealTerminal, Screen_Shown) {
  consent_with_code();
  std::string shown;
  user.after_frame = [&] { shown += user.screen(); };
  expect_captured(capture());
  EXPECT_THAT(shown, HasSubstr("Welcome to Claude Code"));
  EXPECT_THAT(shown, HasSubstr("Paste code here if prompted >"));
}

class WithAnotherClaude : public OnARealTerminal {
 protected:
  void SetUp() override {
    if (std::getenv("JACKIN_TEST_CLAUDE") != nullptr) GTEST_SKIP() << "a real claude has no such moods";
    OnARealTerminal::SetUp();
  }

  std::string failure_of(const std::string& how) {
    mode(how);
    const auto minted = capture();
    return minted ? "(none)" : std::string(to_code(minted.error().reason)) + ": " + minted.error().message;
  }
};

TEST_F(WithAnotherClaude, UnknownScreen_TokenCaptured) {
  mode("changed_screen");
  consent_with_code();
  expect_captured(capture());
}

TEST_F(WithAnotherClaude, NoBrowserCall_UrlOnScreenOpened) {
  mode("no_browser");
  user.when_url = [this](const std::string& url) {
    const auto code = "anycode#" + std::string(query_parameter(url, "state"));
    user.when_opened = [this, code](const std::string&) { user.does(Code{Secret::copy_of(code)}); };
  };
  expect_captured(capture());
  EXPECT_EQ(user.opened, user.urls);
}

TEST_F(WithAnotherClaude, UnknownShape_Reported) {
  token = "sk-ant-oat02-" + token.substr(13) + "and-more";
  test::write_file(folder / "token", token);
  consent_in_browser();
  const auto minted = capture();
  ASSERT_TRUE(minted) << minted.error().message;
  EXPECT_EQ(minted->token.view(), token);
  EXPECT_FALSE(minted->known_shape);
}

TEST_F(WithAnotherClaude, Refused_ErrorQuotesClaude) {
  consent_in_browser();
  EXPECT_THAT(failure_of("refuse"),
              testing::AllOf(HasSubstr("mint_refused: "), HasSubstr("No authorization code received")));
}

TEST_F(WithAnotherClaude, WrongCode_ErrorSaysSo) {
  user.has_browser = false;
  user.when_url = [this](const std::string&) { user.does(Code{Secret::copy_of("wrong#code")}); };
  EXPECT_THAT(failure_of(""), testing::AllOf(HasSubstr("mint_refused: "), HasSubstr("Invalid code")));
}

TEST_F(WithAnotherClaude, Noise_NothingCaptured) {
  consent_in_browser();
  EXPECT_THAT(failure_of("garbage"), HasSubstr("mint_refused: "));
}

TEST_F(WithAnotherClaude, Killed_ErrorNamesSignal) {
  consent_in_browser();
  EXPECT_THAT(failure_of("vanish"), HasSubstr("mint_refused: claude ended without a token (signal 9)"));
}

TEST_F(WithAnotherClaude, PartOfToken_CaptureIncomplete) {
  consent_in_browser();
  EXPECT_THAT(failure_of("half"), HasSubstr("capture_incomplete: "));
}

TEST_F(WithAnotherClaude, UserCancels_NoProcessLeft) {
  user.after_frame = [this] { user.does(Cancel{}); };
  EXPECT_THAT(failure_of("silent"), HasSubstr("cancelled: "));
  ASSERT_GT(terminals.pid, 0);
  EXPECT_EQ(kill(-terminals.pid, 0), -1) << "its process group is still there";
  EXPECT_EQ(errno, ESRCH);
}

}  // namespace
}  // namespace jackin::mint
