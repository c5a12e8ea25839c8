// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "client/terminal/style.hpp"
#include "common/error.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// The names of the running operation.
struct DialogueSubject {
  std::string operation;        ///< "setup", "rotation"
  std::string scope_arguments;  ///< `Scope::arguments()`
};

/// The outputs of a setup or a rotation.
struct TokenOutlet {
  std::function<void(v1::UserInput)> send;       ///< Sends input to the daemon.
  std::function<void(const std::string&)> show;  ///< Prints to the terminal, or to stderr without one.
  std::function<std::optional<Error>(const std::string&)> open_browser;  ///< Returns nothing on success.
  std::function<void(bool)> take_keys;    ///< Whether to read keys one by one, without echo.
  std::function<void()> stop_job;         ///< Handles Ctrl-Z.
  std::function<CellSize()> size;         ///< The size of the terminal.
  std::function<bool()> runs_to_its_end;  ///< Whether the daemon finishes the operation without the client.
};

/// The client's side of a setup or a rotation: shows the daemon's events and sends the user's input. When the user
/// leaves, it detaches from an operation that finishes without the user, and cancels any other. It also answers
/// questions when no user can answer. One thread.
class TokenDialogue {
 public:
  TokenDialogue(TokenOutlet outlet, DialogueSubject subject)
      : outlet_(std::move(outlet)), subject_(std::move(subject)) {}
  TokenDialogue(const TokenDialogue&) = delete;
  TokenDialogue& operator=(const TokenDialogue&) = delete;
  virtual ~TokenDialogue() = default;

  /// Handles an event from the daemon. The caller handles the report.
  void take(const v1::TokenEvent& event);

  /// Handle bytes from stdin, and the end of stdin.
  virtual void input(std::string_view bytes) = 0;
  virtual void input_ended() = 0;
  /// Whether to read stdin now.
  virtual bool wants_input() const = 0;

  /// Handles Ctrl-C: cancels the operation if possible, else detaches. A second Ctrl-C does not wait for the daemon.
  void interrupt();
  /// The terminal is gone or the program must end: like `interrupt`, without waiting.
  void leave();
  /// The size of the terminal changed, or another program used the terminal in between.
  virtual void redraw() {}
  /// The started browser exited with a failure.
  void browser_failed(const std::string& message);

  /// Clears the live part of the terminal before the report or an error is printed.
  virtual void finish(bool succeeded) = 0;

  /// Set when the user no longer waits for the daemon. The caller then cancels the call.
  bool has_left() const { return left_; }
  /// The error to report in place of the call's own result, if any.
  const std::optional<Error>& own_error() const { return own_error_; }

 protected:
  virtual void on_step(const v1::StepReached& step) = 0;
  virtual void on_frame(const v1::Frame& frame) = 0;
  virtual void on_authorize_url(const std::string& url) = 0;
  virtual void on_notice(const v1::Notice& notice) = 0;
  virtual void on_question(const v1::Question& question) = 0;
  virtual void on_browser_failed(const std::string& message) = 0;

  void send_cancel();
  void send_answer(const std::string& choice);
  /// Answers without the user. The first answer is the first choice, which tries again. The next answer is the choice
  /// that loses nothing. Returns false when the question has no such choice.
  bool answer_unasked(const v1::Question& question);
  /// Whether the question has the choice that loses nothing (`jackin.v1.Question`).
  static bool offers_keeping(const v1::Question& question);
  /// Cancels the operation for a reason on the client's side.
  void give_up(Error error);

  TokenOutlet outlet_;
  bool captured_ = false;
  bool asking_ = false;

 private:
  DialogueSubject subject_;
  bool cancelling_ = false;
  bool tried_again_ = false;
  bool left_ = false;
  std::optional<Error> own_error_;
};

}  // namespace jackin::client
