// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/mint/frame.hpp"
#include "daemon/mint/mint_interaction.hpp"
#include "daemon/process/pty.hpp"

namespace jackin::test {

/// A claude whose every move the test makes. Outlives the programs it starts.
class ScriptedClaude final : public PtyLauncher {
 public:
  explicit ScriptedClaude(asio::io_context& io) : change_(io, asio::steady_timer::time_point::max()) {}

  void draws(std::string_view bytes);
  void closes_its_terminal();
  /// Ends, which closes its terminal too unless something it has started `keeps_terminal`.
  void exits(int code, bool keeps_terminal = false);
  /// Is a program that has just been started.
  void starts_over();

  /// What was typed since this was asked last.
  std::string typed() { return std::exchange(typed_, {}); }
  const ProgramCall& call() const { return call_; }
  const std::vector<TerminalSize>& sizes() const { return sizes_; }  ///< At the start and after each resize.
  bool was_ended() const { return was_ended_; }

  /// From now on no terminal is left.
  void run_out() { none_left_ = true; }

  Task<std::unique_ptr<PtyProgram>> start(ProgramCall call, TerminalSize size) override;

 private:
  class Program;

  asio::steady_timer change_;
  std::string output_;
  std::string typed_;
  ProgramCall call_;
  std::vector<TerminalSize> sizes_;
  bool closed_ = false;
  bool was_ended_ = false;
  bool none_left_ = false;
  std::optional<int> exit_code_;
};

/// The user at the other end, who remembers everything.
class ScriptedUser final : public mint::MintInteraction {
 public:
  explicit ScriptedUser(asio::io_context& io) : change_(io, asio::steady_timer::time_point::max()) {}

  std::optional<TerminalSize> size = TerminalSize{24, 80};
  bool has_browser = true;

  std::vector<std::string> steps;
  std::vector<std::string> urls;
  std::vector<std::string> opened;
  std::vector<mint::FrameUpdate> updates;
  mint::Frame shown;  ///< What the updates add up to.
  std::function<void()> after_frame;
  std::function<void(const std::string&)> when_url;
  std::function<void(const std::string&)> when_opened;

  void does(mint::UserInput input);
  /// The client has gone: Cancel from now on.
  void leaves();

  /// The text on the screen that is shown, rows ended by \n, without blank rows at the end.
  std::string screen() const;
  /// Every text that was ever sent.
  std::string received() const;

  std::optional<TerminalSize> terminal() const override { return size; }
  bool can_open_browser() const override { return has_browser; }
  void step(std::string_view step, std::string_view) override { steps.emplace_back(step); }
  void frame(const mint::FrameUpdate& update) override;
  void authorize_url(const std::string& url) override;
  void open_browser(const std::string& url) override;
  Task<mint::UserInput> next_input() override;

 private:
  std::deque<mint::UserInput> inputs_;
  bool gone_ = false;
  asio::steady_timer change_;
};

}  // namespace jackin::test
