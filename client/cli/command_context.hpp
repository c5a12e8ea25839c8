// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "client/rpc/connection.hpp"
#include "client/rpc/exit_code.hpp"
#include "client/terminal/json.hpp"
#include "client/terminal/style.hpp"
#include "common/dates.hpp"
#include "common/environment.hpp"
#include "common/paths.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// What a command runs among: the process's environment, its three descriptors and the clock.
struct CommandContext {
  Environment environment;
  std::function<Moment()> now;
  int in = 0;
  int out = 1;
  int err = 2;
  std::string command = {};  ///< What was typed, as it can be pasted; for errors that say: again.

  /// Writes all of `text` to stdout. Errors: cancelled when nobody reads it any more, else as the system has it.
  Result<> print(const std::string& text) const;
  /// Writes all of `text` to stderr, as far as it goes.
  void complain(const std::string& text) const;

  /// Says an error on stderr, in the command's format; the exit code that goes with it.
  int fail(const Error& error, Format format) const;

  /// A command's last word: `text` on stdout and `code`; the error said and exit_failed when it cannot be written. A
  /// reader that has gone has had enough, and changes nothing.
  int report(const std::string& text, Format format, int code = exit_done) const;

  /// The same for what was written already, with that result.
  int reported(const Result<>& written, Format format, int code = exit_done) const;

  /// Colours and width of stdout.
  OutputStyle output_style() const { return output_style_of(out, environment); }
  /// 0 when stdout is no terminal: any width.
  int columns() const;

  Result<Connection> connect(Autostart autostart = Autostart::yes) const;
  /// Connects and makes a call that changes nothing: `client::ask`. Errors: as there.
  Result<> ask(const std::function<grpc::Status(const Connection&, grpc::ClientContext&)>& call) const;
};

/// Writes all of `text` to `fd`. Errors: cancelled when nobody reads it any more, else as the system has it.
Result<> write_text(int fd, std::string_view text);

}  // namespace jackin::client
