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

#include "common/words.hpp"
#include "daemon/mint/frame.hpp"
#include "daemon/mint/mint_interaction.hpp"
#include "daemon/process/pty.hpp"

namespace jackin::test {

/// A claude whose every action the test determines. Outlives the programs it starts.
class ScriptedClaude final : public PtyLauncher {
 public:
  explicit ScriptedClaude(asio::io_context& io) : change_(io, asio::steady_timer::time_point::max()) {}

  void draws(std::string_view bytes);
  void closes_its_terminal();
  /// Ends the program and closes its terminal, unless a program that it started `keeps_terminal`.
  void exits(int code, bool keeps_terminal = false);
  /// Becomes a program that was just started.
  void starts_over();

  /// The input since the last call.
  std::string typed() { return std::exchange(typed_, {}); }
  const ProgramCall& call() const { return call_; }
  const std::vector<TerminalSize>& sizes() const { return sizes_; }  ///< at the start and after each resize
  bool was_ended() const { return was_ended_; }

  /// From now on no terminal is available.
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

/// A user at the client, who records everything.
class ScriptedUser final : public mint::MintInteraction {
 public:
  explicit ScriptedUser(asio::io_context& io) : change_(io, asio::steady_timer::time_point::max()) {}

  std::optional<TerminalSize> size = TerminalSize{24, 80};
  bool has_browser = true;

  std::vector<std::string> steps;
  std::vector<std::string> urls;
  std::vector<std::string> opened;
  std::vector<mint::FrameUpdate> updates;
  mint::Frame shown;  ///< the sum of all updates
  std::function<void()> after_frame;
  std::function<void(const std::string&)> when_url;
  std::function<void(const std::string&)> when_opened;

  void does(mint::UserInput input);
  /// The client disconnects: Cancel from now on.
  void leaves();

  /// The text on the displayed screen, rows ended by
  /// , without blank rows at the end.
  std::string screen() const;
  /// Every text that was ever sent.
  std::string received() const;

  std::optional<TerminalSize> terminal() const override { return size; }
  bool can_open_browser() const override { return has_browser; }
  void step(Step step, std::string_view) override { steps.emplace_back(word_of(step)); }
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
