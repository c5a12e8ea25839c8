// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "client/hook/arguments.hpp"
#include "client/rpc/connection.hpp"
#include "client/rpc/exit_code.hpp"
#include "client/rpc/liveness.hpp"
#include "client/terminal/json.hpp"
#include "client/terminal/signal_watch.hpp"
#include "client/terminal/style.hpp"
#include "common/dates.hpp"
#include "common/environment.hpp"
#include "common/paths.hpp"
#include "common/remedy_command.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// What a command needs from its process: the environment, the three standard descriptors and the clock.
struct CommandContext {
  Environment environment;
  std::function<Moment()> now;
  int in = 0;
  int out = 1;
  int err = 2;
  TypedCommand typed = {};  ///< The command as typed; for errors whose remedy is to repeat it.
  std::function<int(const HookCommand&)> launch = {};  ///< Runs `exec` or `env`; does not return when it succeeds.

  /// Writes all of `text` to stdout. Errors: cancelled when the reader has closed the pipe, else those of the system.
  Result<> print(const std::string& text) const;
  /// Writes all of `text` to stderr. Ignores errors.
  void complain(const std::string& text) const;

  /// Reports an error on stderr, in the command's format. Returns the exit code for it.
  int fail(const Error& error, Format format) const;

  /// Ends a command: writes `text` to stdout and returns `code`. When the write fails, reports the error and returns
  /// exit_failed. A reader that has closed the pipe does not change the exit code.
  int report(const std::string& text, Format format, int code = exit_done) const;

  /// The same for output that was written already; `written` is the result of the write.
  int reported(const Result<>& written, Format format, int code = exit_done) const;

  /// Colours and glyphs of stdout.
  OutputStyle output_style() const { return output_style_of(out, environment); }
  /// The width of stdout; 0 when it is not a terminal: any width.
  int columns() const;

  Result<Connection> connect(Autostart autostart = Autostart::yes) const;
  /// `connect` for the functions of client/core. The context must outlive it.
  Connect connector() const;
};

/// Writes all of `text` to `fd`. Errors: cancelled when the reader has closed the pipe, else those of the system.
Result<> write_text(int fd, std::string_view text);

/// Returns a RunCall that runs the work on a separate thread. A signal that `signals` catches during that time cancels
/// the call. `signals` must outlive it.
RunCall interruptible(SignalWatch& signals);

}  // namespace jackin::client
