// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "client/core/token_session.hpp"
#include "client/terminal/input.hpp"
#include "client/terminal/style.hpp"

namespace jackin::client {

/// The process around a setup or a rotation: where its output goes.
struct TokenOutlet {
  std::function<void(const std::string&)> show;  ///< Prints to the terminal, or to stderr without one.
  std::function<void(bool)> take_keys;           ///< Whether to read keys one by one, without echo, and pastes whole.
  std::function<void(bool)> take_whole_screen;   ///< Whether to show the alternate screen. Called only while
                                                 ///< keys are taken.
  std::function<void()> stop_job;                ///< Handles Ctrl-Z.
  std::function<CellSize()> size;                ///< The size of the terminal.
};

/// A setup or a rotation at the command line: shows a session and passes the user's input to it. One thread.
class TokenUi : public TokenView {
 public:
  using Time = InputParser::Time;

  /// `session` must outlive it.
  TokenUi(TokenSession& session, TokenOutlet outlet) : session_(session), outlet_(std::move(outlet)) {}
  TokenUi(const TokenUi&) = delete;
  TokenUi& operator=(const TokenUi&) = delete;

  /// Handle bytes from stdin that were read at `now`, and the end of stdin.
  virtual void input(std::string_view bytes, Time now) = 0;
  virtual void input_ended() = 0;
  /// When to call `pass_time`; nothing while the input waits for bytes only.
  virtual std::optional<Time> deadline() const { return std::nullopt; }
  /// Handles a sequence of bytes that is complete because no further byte has arrived.
  virtual void pass_time(Time /*now*/) {}
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
