// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "client/cli/token_ui.hpp"
#include "common/remedy_command.hpp"
#include "common/secret.hpp"

namespace jackin::client {

/// The error for a mint that cannot read a code. Without a terminal, claude's browser page shows a code that the user
/// must enter.
Error no_consent_possible();

/// A setup or a rotation without a terminal: prints `open: URL` to stderr and reads one line with the code from stdin,
/// after any blank lines. When stdin ends without a code, the operation ends as soon as claude runs.
class TokenWithoutTerminal : public TokenUi {
 public:
  /// `yes`: one question is answered with its first choice. Without `yes`, a question ends the operation with
  /// needs_confirmation.
  /// `prompts`: the user types on a terminal without cursor movement, and the client prints what it waits for.
  /// `typed`: the command as typed, for remedies.
  TokenWithoutTerminal(TokenSession& session, TokenOutlet outlet, bool yes, bool prompts, TypedCommand typed = {})
      : TokenUi(session, std::move(outlet)), yes_(yes), prompts_(prompts), typed_(std::move(typed)) {}

  void input(std::string_view bytes, Time now) override;
  void input_ended() override;
  bool wants_input() const override { return minting_ && !whole_ && !ended_; }
  void finish(bool) override {}

  void on_step(const v1::StepReached& step) override;
  void on_frame(const v1::Frame&) override {}
  void on_authorize_url(const std::string& url) override;
  void on_notice(const v1::Notice& notice) override;
  void on_question(const v1::Question& question) override;
  void on_browser_failed(const std::string&) override {}

 private:
  void line_is_whole();
  void send_code();

  bool yes_;
  bool prompts_;
  TypedCommand typed_;
  bool minting_ = false;
  bool whole_ = false;  // the line in line_ is the whole code, not sent yet
  bool sent_ = false;
  bool ended_ = false;
  std::string url_;
  Secret line_;
};

}  // namespace jackin::client
