// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "daemon/async/timeout.hpp"
#include "daemon/mint/authorize_url.hpp"
#include "daemon/mint/browser_calls.hpp"
#include "daemon/mint/code_typing.hpp"
#include "daemon/mint/frame.hpp"
#include "daemon/mint/mint.hpp"
#include "daemon/mint/screen.hpp"
#include "daemon/mint/token_capture.hpp"

namespace jackin::mint {

/// One run of `claude setup-token` from start to end, for Mint::capture. An event (output, user input, a browser
/// request, claude's exit) changes the state and calls `act`. `act` does what is due and schedules its own next call.
/// Daemon's thread only.
class Session {
 public:
  Session(const asio::any_io_executor& executor, Clock& clock, BrowserCalls& browser_calls, MintRequest request,
          MintInteraction& user);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Task<MintedToken> run(PtyLauncher& terminals);

 private:
  using Time = Clock::Duration;

  Task<> start(PtyLauncher& terminals);

  // Each runs until the session is over.
  asio::awaitable<void> draw();
  asio::awaitable<void> watch_exit();
  asio::awaitable<void> listen();
  asio::awaitable<void> type();
  asio::awaitable<void> until_over();

  void drew(std::span<const char> bytes);
  void sighted();
  void handle_input(UserInput input);
  void handle_keys(const Secret& keys);
  void give_code(Secret code);
  void resize(TerminalSize size);
  void browser_wanted(const std::string& url);
  void send(std::string_view keys);

  void act();
  void act_for_user(Time now);
  bool is_at_end(Time now);
  std::optional<Time> next_due() const;
  void send_frame();
  void read_url(Time now);
  void read_answer();
  Time when_read(Time waits_since) const;
  void open(const std::string& url);
  void end();
  void fail(Error error);

  Result<MintedToken> outcome(bool cancelled);
  Error refusal() const;
  std::string reason_shown() const;
  bool may_show_token() const;
  MintedToken minted(CapturedToken found) const;

  asio::any_io_executor executor_;
  Clock& clock_;
  MintRequest request_;
  MintInteraction& user_;
  BrowserCalls::Registration browser_call_;
  Time started_;

  std::unique_ptr<PtyProgram> program_;
  Screen screen_;
  TokenCapture capture_;
  AuthorizeUrlReader url_;
  CodeTyping code_typing_;
  Secret code_;
  Secret to_type_;

  std::optional<int> seen_rows_;  // of the user's terminal
  std::optional<Frame> last_frame_;

  // When the oldest output that is not yet sent or read arrived, and when claude last drew.
  std::optional<Time> frame_waits_;
  std::optional<Time> url_waits_;
  std::optional<Time> answer_waits_;
  Time last_output_;

  bool browser_was_wanted_ = false;
  bool typed_ = false;  // whether the user's input was typed: a code, or keys
  bool screen_url_opened_ = false;
  int opened_ = 0;

  std::optional<Time> sighted_;
  std::optional<Time> whole_;
  std::optional<Time> closed_;
  std::optional<Time> exited_;
  std::optional<int> exit_code_;
  std::optional<Error> error_;
  bool over_ = false;

  asio::steady_timer change_;  // never expires; cancelled when there is input to type, and when the session is over
  async::Timeout alarm_;
};

}  // namespace jackin::mint
