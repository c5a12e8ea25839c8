// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/process/pty.hpp"

namespace jackin::test {

/// The behaviour of one program on a FakeTerminals. Shared with the program, so that the test can read it after the
/// program's end.
struct TerminalScript {
  std::string output;  ///< Drawn at once.
  int exit_code = 0;   ///< Used after the output, or when the caller ends the program.
  bool stays = false;  ///< The program runs until the caller ends it.
  std::string typed;   ///< The input received so far.
  bool ended = false;  ///< The caller ended the program, or it ended by itself.
  TerminalSize size;
  ProgramCall call;                 ///< The arguments of the start.
  std::function<void()> when_read;  ///< Called each time the daemon waits for output, after all output was drawn.
};

/// Replaces pseudo-terminals: each started program follows the next script.
class FakeTerminals final : public PtyLauncher {
 public:
  explicit FakeTerminals(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  /// Sets the script of the next program that is started.
  std::shared_ptr<TerminalScript> expect(std::string output, int exit_code = 0, bool stays = false);

  /// Discards the scripts that no program has used.
  void forget_expected() { scripts_.clear(); }

  /// From now on no pseudo-terminal is available.
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
