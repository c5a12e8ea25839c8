// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/lifecycle/user_interaction.hpp"

namespace jackin::test {

/// The user at the client: records all messages, and gives the answers that the test sets.
class FakeUser final : public lifecycle::UserInteraction {
 public:
  explicit FakeUser(asio::any_io_executor executor);

  std::optional<TerminalSize> size = TerminalSize{24, 80};
  bool has_browser = true;

  std::string operation;             ///< Its ID.
  std::vector<std::string> steps;    ///< "store: file ~/x"
  std::vector<std::string> notices;  ///< Message, and " | " and the remedy when there is one.
  std::vector<std::string> questions;
  std::vector<lifecycle::ChoiceKey> offered;  ///< The choices of the last question.
  std::vector<mint::FrameUpdate> frames;
  std::vector<std::string> urls;
  std::vector<std::string> browser_urls;
  std::function<void(Step step)> when_step;                     ///< Called first at each step.
  std::function<void(const std::string& message)> when_notice;  ///< Called last at each notice.
  std::function<Result<lifecycle::ChoiceKey>()> answer;  ///< The answer to a question; without it the user cancels.

  /// Sets the user's next answer.
  void does(mint::UserInput input);
  /// The client disconnects.
  void leave();

  bool has_seen_step(Step step) const;

  std::optional<TerminalSize> terminal() const override { return size; }
  bool can_open_browser() const override { return has_browser; }
  void step(Step step, std::string_view detail) override;
  void frame(const mint::FrameUpdate& update) override { frames.push_back(update); }
  void authorize_url(const std::string& url) override { urls.push_back(url); }
  void open_browser(const std::string& url) override { browser_urls.push_back(url); }
  Task<mint::UserInput> next_input() override;
  void begun(const std::string& id) override { operation = id; }
  bool cancel_elsewhere() override {
    if (has_seen_step(Step::captured)) return false;
    does(mint::Cancel{});
    return true;
  }
  void notice(Severity severity, const std::string& message, const Remedy& remedy) override;
  bool is_there() const override { return !gone_; }
  Task<lifecycle::ChoiceKey> ask(const lifecycle::Question& question) override;

 private:
  std::deque<mint::UserInput> inputs_;
  bool gone_ = false;
  asio::steady_timer change_;
};

}  // namespace jackin::test
