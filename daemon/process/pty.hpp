// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <memory>
#include <span>

#include "daemon/async/task.hpp"
#include "daemon/process/program_runner.hpp"

namespace jackin {

struct TerminalSize {
  int rows = 24;
  int columns = 80;
  friend bool operator==(const TerminalSize&, const TerminalSize&) = default;
};

/// A program on a pseudo-terminal of its own: session leader, the terminal its controlling one. The destructor hangs
/// the terminal up and kills the process group; `end()` does it and waits. Daemon's thread only.
class PtyProgram {
 public:
  virtual ~PtyProgram() = default;

  /// Reads what the program wrote, at least one byte, into `buffer` (which the caller wipes). 0 when the terminal has
  /// closed: the program and all that held the terminal are gone. Errors: cancelled, io_failed.
  virtual Task<std::size_t> read(std::span<char> buffer) = 0;

  /// Types `bytes`. Errors: cancelled, io_failed (terminal closed).
  virtual Task<> write(std::string_view bytes) = 0;

  /// Tells the program of a new size (SIGWINCH). Errors: io_failed.
  virtual Result<> resize(TerminalSize size) = 0;

  /// Waits for the program's own end; the exit code, 128 + signal when a signal ended it. Can be awaited once, beside
  /// reads. Errors: cancelled.
  virtual Task<int> wait() = 0;

  /// Ends the process group: SIGHUP, SIGTERM, after `grace` SIGKILL; returns when the program is reaped.
  virtual asio::awaitable<void> end(std::chrono::milliseconds grace = std::chrono::milliseconds(500)) = 0;

  virtual pid_t pid() const = 0;
};

/// Starts programs on pseudo-terminals; handed in like ProgramRunner.
class PtyLauncher {
 public:
  virtual ~PtyLauncher() = default;

  /// Returns once the program runs. `call.input`, `limit` and `output_limit` do not apply. Errors: program_missing,
  /// program_failed, io_failed (no pseudo-terminal left: the message says so), cancelled.
  virtual Task<std::unique_ptr<PtyProgram>> start(ProgramCall call, TerminalSize size) = 0;
};

std::unique_ptr<PtyLauncher> system_pty_launcher(asio::any_io_executor executor, Clock& clock);

}  // namespace jackin
