// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "client/core/token_session.hpp"
#include "client/terminal/style.hpp"

namespace jackin::client {

/// The process around a setup or a rotation: where its output goes.
struct TokenOutlet {
  std::function<void(const std::string&)> show;  ///< Prints to the terminal, or to stderr without one.
  std::function<void(bool)> take_keys;           ///< Whether to read keys one by one, without echo.
  std::function<void()> stop_job;                ///< Handles Ctrl-Z.
  std::function<CellSize()> size;                ///< The size of the terminal.
};

/// A setup or a rotation at the command line: shows a session and passes the user's input to it. One thread.
class TokenUi : public TokenView {
 public:
  /// `session` must outlive it.
  TokenUi(TokenSession& session, TokenOutlet outlet) : session_(session), outlet_(std::move(outlet)) {}
  TokenUi(const TokenUi&) = delete;
  TokenUi& operator=(const TokenUi&) = delete;

  /// Handle bytes from stdin, and the end of stdin.
  virtual void input(std::string_view bytes) = 0;
  virtual void input_ended() = 0;
  /// Whether to read stdin now.
  virtual bool wants_input() const = 0;
  /// The size of the terminal changed, or another program used the terminal in between.
  virtual void redraw() {}
  /// Clears the redrawn part of the terminal before the report or an error is printed.
  virtual void finish(bool succeeded) = 0;

 protected:
  TokenSession& session_;
  TokenOutlet outlet_;
};

}  // namespace jackin::client
