// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "daemon/async/wake_up.hpp"
#include "daemon/lifecycle/user_interaction.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::ipc {

/// The answer to a Question: the key of a choice.
struct Answer {
  lifecycle::ChoiceKey choice;
};
/// A message of the client while its operation runs.
using ClientInput = std::variant<mint::UserInput, Answer>;

/// Converts the user's input from the client. Moves keys and codes into Secrets and wipes them in `proto`. Nothing for
/// an input that this version does not know. Errors: invalid_argument (longer than any typed or pasted input).
Result<std::optional<ClientInput>> take_input(v1::UserInput& proto);

/// The user, as the sagas and the mint know them. Sends their output as events and receives the client's messages as
/// inputs. Outlives the call when the client disconnects: from then on it sends nothing and answers every question with
/// Cancel. Daemon's thread only.
class ClientUser final : public lifecycle::UserInteraction {
 public:
  using Send = std::function<void(v1::TokenEvent)>;

  ClientUser(asio::any_io_executor executor, std::optional<TerminalSize> terminal, bool can_open_browser, Send send);

  /// Receives an input of the client. False when too many inputs wait: the client floods.
  bool receive(ClientInput input);
  /// Whether the next input can be read from the client. Bounds the memory that a client can make the daemon use.
  bool accepts_input() const;
  /// Called when the user cancels while no code reads inputs: neither the mint, which reads them from its beginning to
  /// its end, nor a question.
  void on_unread_cancel(std::function<void()> end) { end_ = std::move(end); }
  /// Called each time another input is accepted again.
  void on_space(std::function<void()> read_on) { read_on_ = std::move(read_on); }

  /// The daemon is about to end. From here on every input is Cancel, so that a mint without a token ends. A question
  /// still gets its answer, since the token that it is about would be lost. Events are still sent.
  void announce_shutdown();
  bool is_shutdown_announced() const { return is_shutdown_announced_; }
  /// As `announce_shutdown`, and cancels every question too. Events are still sent.
  void cancel();
  /// The client has disconnected: as `cancel`, and no more events are sent.
  void leave();

  std::optional<TerminalSize> terminal() const override { return terminal_; }
  bool can_open_browser() const override { return can_open_browser_; }
  void step(Step step, std::string_view detail) override;
  void frame(const mint::FrameUpdate& update) override;
  void authorize_url(const std::string& url) override;
  void open_browser(const std::string& url) override;
  Task<mint::UserInput> next_input() override;
  void begun(const std::string& id) override;
  bool cancel_elsewhere() override;
  void notice(Severity severity, const std::string& message, const Remedy& remedy) override;
  bool is_there() const override { return send_ != nullptr; }
  Task<lifecycle::ChoiceKey> ask(const lifecycle::Question& question) override;

 private:
  void send(v1::TokenEvent event);
  void notify_space();
  void want_out();

  asio::any_io_executor executor_;
  std::optional<TerminalSize> terminal_;
  bool can_open_browser_;
  Send send_;
  std::function<void()> read_on_;
  std::function<void()> end_;
  bool is_read_ = false;
  std::deque<mint::UserInput> inputs_;
  std::optional<Answer> answer_;
  async::WakeUp changed_;
  bool is_shutdown_announced_ = false;
  bool cancelled_ = false;
  bool is_captured_ = false;
};

}  // namespace jackin::ipc
