#pragma once

#include <string>

#include "client/cli/token_dialogue.hpp"
#include "common/secret.hpp"

namespace jackin::client {

/// A setup or a rotation without a terminal: `open: URL` on stderr, one line with the code from stdin.
class TokenWithoutTerminal : public TokenDialogue {
 public:
  /// `yes`: a question is answered with its first choice; else it ends the operation with needs_confirmation.
  TokenWithoutTerminal(TokenOutlet outlet, DialogueSubject subject, bool yes)
      : TokenDialogue(std::move(outlet), std::move(subject)), yes_(yes) {}

  void input(std::string_view bytes) override;
  void input_ended() override;
  bool wants_input() const override { return wants_code_; }
  void finish(bool) override {}

 protected:
  void on_step(const v1::StepReached& step) override;
  void on_frame(const v1::Frame&) override {}
  void on_authorize_url(const std::string& url) override;
  void on_notice(const v1::Notice& notice) override;
  void on_question(const v1::Question& question) override;
  void on_browser_failed(const std::string&) override {}

 private:
  void send_code(std::string_view code);

  bool yes_;
  bool wants_code_ = false;
  std::string url_;
  Secret line_;
};

}  // namespace jackin::client
