// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "client/cli/token_ui.hpp"
#include "client/terminal/frame_view.hpp"
#include "client/terminal/live_region.hpp"
#include "common/remedy_command.hpp"

namespace jackin::client {

/// How to draw a setup or a rotation on a terminal.
struct TerminalStyle {
  OutputStyle output;
  bool qr = false;          ///< Show the link as a QR code too.
  bool opens_here = false;  ///< The client opens a browser; the link is the alternative.
  bool hyperlinks = true;   ///< The terminal supports or ignores OSC 8.
  bool yes = false;         ///< The client answers questions without the user (`answer_unasked`).
  TypedCommand typed{};     ///< The command as typed, for remedies.
};

/// A setup or a rotation on a terminal. Shows the steps as they are reached, and below them claude's screen while
/// claude needs the user. Shows the whole link on one line. Draws inline, not on the alternate screen, so that steps,
/// link and errors remain readable afterwards.
class TokenOnTerminal : public TokenUi {
 public:
  TokenOnTerminal(TokenSession& session, TokenOutlet outlet, TerminalStyle style)
      : TokenUi(session, std::move(outlet)), style_(style), sent_size_(outlet_.size()) {}

  void input(std::string_view bytes) override;
  void input_ended() override { session_.leave(); }
  bool wants_input() const override { return keys_taken_ || session_.is_asking(); }
  void redraw() override;
  void finish(bool succeeded) override;

  void on_step(const v1::StepReached& step) override;
  void on_frame(const v1::Frame& frame) override;
  void on_authorize_url(const std::string& url) override;
  void on_notice(const v1::Notice& notice) override;
  void on_question(const v1::Question& question) override;
  void on_browser_failed(const std::string& message) override;

 private:
  void take_keys(bool taken);
  void paint();
  void print(const std::vector<std::string>& lines);
  enum class StepEnd {
    done,
    warned,  ///< Ended with a warning.
    failed,
  };
  void complete_step(StepEnd end);
  void show_notice(const v1::Notice& notice);
  std::vector<std::string> link_lines(CellSize size) const;
  void answer(std::string_view line);

  TerminalStyle style_;
  CellSize sent_size_;  // the terminal size that was sent to the daemon
  FrameView frame_;
  LiveRegion region_;
  std::vector<std::string> printed_;
  v1::StepReached step_;
  bool step_was_warned_ = false;
  std::string url_;
  bool keys_taken_ = false;
  v1::Question question_;
  std::string typed_;
};

}  // namespace jackin::client
