// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/cli/consent_screen.hpp"
#include "client/cli/token_ui.hpp"
#include "client/terminal/frame_view.hpp"
#include "client/terminal/live_region.hpp"
#include "common/remedy_command.hpp"

namespace jackin::client {

/// How to draw a setup or a rotation on a terminal.
struct TerminalStyle {
  OutputStyle output;
  bool qr = false;          ///< Show the link as a QR code first.
  bool opens_here = false;  ///< The client opens a browser; the link is the alternative.
  bool hyperlinks = true;   ///< The terminal supports or ignores OSC 8.
  bool yes = false;         ///< The client answers questions without the user (`answer_unasked`).
  TypedCommand typed{};     ///< The command as typed, for remedies.
};

/// A setup or a rotation on a terminal. Shows the steps as they are reached. While claude needs the user, it shows
/// below them the whole link and the end of claude's screen, and passes the keys to claude. Ctrl-G and a letter copy
/// the link or show its QR code; a paste is sent as the code. Draws inline, not on the alternate screen, so that steps
/// and errors remain readable afterwards. Only the QR code has the alternate screen.
class TokenOnTerminal : public TokenUi {
 public:
  TokenOnTerminal(TokenSession& session, TokenOutlet outlet, TerminalStyle style)
      : TokenUi(session, std::move(outlet)), style_(style), sent_size_(outlet_.size()), wants_qr_(style.qr) {}

  void input(std::string_view bytes, Time now) override;
  void input_ended() override { session_.leave(); }
  std::optional<Time> deadline() const override;
  void pass_time(Time now) override;
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
  ConsentHeader header(CellSize size) const;
  void paint();
  void show_qr(bool shown);
  void print(const std::vector<std::string>& lines);
  void write_above(const std::vector<std::string>& lines);
  void draw_all();
  enum class StepEnd {
    done,
    warned,  ///< Ended with a warning.
    failed,
  };
  void complete_step(StepEnd end);
  void show_notice(const v1::Notice& notice);
  void on_key(const Key& key, Secret& for_claude);
  void on_paste(const Paste& paste);
  void send_keys(Secret& keys);
  void copy_link();
  void answer(std::string_view line);

  TerminalStyle style_;
  CellSize sent_size_;  // the terminal size that was sent to the daemon
  FrameView frame_;
  LiveRegion region_;
  std::vector<std::string> printed_;
  v1::StepReached step_;
  bool step_was_warned_ = false;
  std::string url_;
  std::optional<QrScreen> qr_;  // of url_
  bool wants_qr_;
  bool has_whole_screen_ = false;  // the QR code is shown
  bool is_outdated_ = false;       // meanwhile the main screen was changed
  std::vector<std::string> held_;  // printed meanwhile
  bool keys_taken_ = false;
  InputParser parser_;
  bool is_menu_open_ = false;  // after Ctrl-G
  bool has_input_ = false;     // claude has received keys or a code since the last Enter
  std::string said_;           // in answer to a key, until the next one
  v1::Question question_;
  std::string typed_;
};

}  // namespace jackin::client
