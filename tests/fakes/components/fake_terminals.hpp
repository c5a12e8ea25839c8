// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/process/pty.hpp"

namespace jackin::test {

/// What a program on a FakeTerminals does. Shared with the program, so that a test sees it after the program is gone.
struct TerminalScript {
  std::string output;  ///< Drawn at once.
  int exit_code = 0;   ///< After the output, or when it is ended.
  bool stays = false;  ///< Waits for somebody to end it.
  std::string typed;   ///< What was typed so far.
  bool ended = false;  ///< Somebody ended it, or it ended by itself.
  TerminalSize size;
  ProgramCall call;                 ///< How it was started.
  std::function<void()> when_read;  ///< Called each time the daemon waits for output, once all has been drawn.
};

/// Pseudo-terminals without any: each program started is the next script.
class FakeTerminals final : public PtyLauncher {
 public:
  explicit FakeTerminals(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  /// The next program that is started does this.
  std::shared_ptr<TerminalScript> expect(std::string output, int exit_code = 0, bool stays = false);

  /// Nothing is expected any more.
  void forget_expected() { scripts_.clear(); }

  /// From now on no terminal is left.
  void run_out() { none_left_ = true; }

  int started() const { return started_; }

  Task<std::unique_ptr<PtyProgram>> start(ProgramCall call, TerminalSize size) override;

 private:
  asio::any_io_executor executor_;
  std::vector<std::shared_ptr<TerminalScript>> scripts_;
  int started_ = 0;
  bool none_left_ = false;
};

}  // namespace jackin::test
