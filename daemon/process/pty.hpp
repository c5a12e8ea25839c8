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

/// A program on its own pseudo-terminal: session leader, with the terminal as its controlling one. The destructor hangs
/// up the terminal and kills the process group; `end()` does so and waits. Daemon's thread only.
class PtyProgram {
 public:
  virtual ~PtyProgram() = default;

  /// Reads at least one byte of the program's output into `buffer` (which the caller wipes). Returns 0 when the
  /// terminal has closed: the program and all processes that held the terminal have ended. Errors: cancelled,
  /// io_failed.
  virtual Task<std::size_t> read(std::span<char> buffer) = 0;

  /// Types `bytes`. Errors: cancelled, io_failed (terminal closed).
  virtual Task<> write(std::string_view bytes) = 0;

  /// Sets the terminal's size; the program gets SIGWINCH. Errors: io_failed.
  virtual Result<> resize(TerminalSize size) = 0;

  /// Waits for the program's own end; returns the exit code, 128 + signal when a signal ended it. Await it once; reads
  /// may run at the same time. Errors: cancelled.
  virtual Task<int> wait() = 0;

  /// Ends the process group: SIGHUP, SIGTERM, after `grace` SIGKILL; returns when the program is reaped.
  virtual asio::awaitable<void> end(std::chrono::milliseconds grace = std::chrono::milliseconds(500)) = 0;

  virtual pid_t pid() const = 0;
};

/// Starts programs on pseudo-terminals; passed in like ProgramRunner.
class PtyLauncher {
 public:
  virtual ~PtyLauncher() = default;

  /// Returns once the program runs. `call.input`, `limit` and `output_limit` do not apply. Errors: program_missing,
  /// program_failed, io_failed (for example, when no pseudo-terminal is left), cancelled.
  virtual Task<std::unique_ptr<PtyProgram>> start(ProgramCall call, TerminalSize size) = 0;
};

std::unique_ptr<PtyLauncher> system_pty_launcher(asio::any_io_executor executor, Clock& clock);

}  // namespace jackin
