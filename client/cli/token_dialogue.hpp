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

/// What is going on, in words.
struct DialogueSubject {
  std::string operation;        ///< "setup", "rotation"
  std::string scope_arguments;  ///< `Scope::arguments()`
};

/// What a setup or a rotation does to the world around it.
struct TokenOutlet {
  std::function<void(v1::UserInput)> send;                               ///< To the daemon.
  std::function<void(const std::string&)> show;                          ///< To the terminal, or to stderr without one.
  std::function<std::optional<Error>(const std::string&)> open_browser;  ///< Nothing when it was started.
  std::function<void(bool)> take_keys;    ///< Whether keys shall come one by one, unechoed.
  std::function<void()> stop_job;         ///< What Ctrl-Z asks for.
  std::function<CellSize()> size;         ///< Of the terminal.
  std::function<bool()> runs_to_its_end;  ///< Whether the daemon says that the operation finishes by itself.
};

/// The user's side of a setup or a rotation: what is shown when the daemon says something, and what is sent when the
/// user does something. Knows the rule for leaving: what runs to its end without the user is detached from, all else
/// is cancelled. Knows the rule for questions that no user answers. One thread.
class TokenDialogue {
 public:
  TokenDialogue(TokenOutlet outlet, DialogueSubject subject)
      : outlet_(std::move(outlet)), subject_(std::move(subject)) {}
  TokenDialogue(const TokenDialogue&) = delete;
  TokenDialogue& operator=(const TokenDialogue&) = delete;
  virtual ~TokenDialogue() = default;

  /// Something from the daemon; the report is the caller's.
  void take(const v1::TokenEvent& event);

  /// What was read from stdin; and its end.
  virtual void input(std::string_view bytes) = 0;
  virtual void input_ended() = 0;
  /// Whether stdin shall be read now.
  virtual bool wants_input() const = 0;

  /// Ctrl-C: cancels what can be cancelled, else detaches. A second one does not wait for the daemon.
  void interrupt();
  /// The terminal is gone or the program must end: as `interrupt`, without waiting.
  void leave();
  /// The terminal has another size, or was somebody else's meanwhile.
  virtual void redraw() {}
  /// The browser that was started ended with a failure.
  void browser_failed(const std::string& message);

  /// Before the report or an error is printed: leaves the terminal clean.
  virtual void finish(bool succeeded) = 0;

  /// Set when the user does not wait for the daemon any more; the call is to be given up.
  bool has_left() const { return left_; }
  /// What to say in place of the call's own outcome, if anything.
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
  /// Answers without the user: once with the first choice, which is to try again, then with the choice that loses
  /// nothing. False when the question has no such choice.
  bool answer_unasked(const v1::Question& question);
  /// Whether the question offers what loses nothing (`jackin.v1.Question`).
  static bool offers_keeping(const v1::Question& question);
  /// Gives the operation up for a reason of this side's.
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
