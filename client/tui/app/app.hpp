// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/terminal/input.hpp"
#include "client/terminal/signal_watch.hpp"
#include "client/tui/app/backend.hpp"
#include "client/tui/app/inbox.hpp"
#include "client/tui/terminal/modes.hpp"
#include "client/tui/terminal/output.hpp"
#include "client/tui/update/update.hpp"
#include "client/tui/view/theme.hpp"
#include "common/environment.hpp"
#include "common/paths.hpp"

namespace jackin::tui {

/// The lines to print after the screen is restored: one for each operation in `ends`, then `quit.farewell`.
std::vector<std::string> farewell_lines(const Quit& quit, const TokenSessions::Ends& ends);

/// The full-screen client on a terminal. One thread.
class App {
 public:
  App(const Environment& environment, int input, int output);
  App(const App&) = delete;
  App& operator=(const App&) = delete;
  ~App();

  /// Runs until the user quits, a signal ends the program, or the terminal is closed. Restores the terminal and returns
  /// the exit code. Errors: invalid_argument without a full-screen terminal, and errors of the operating system.
  Result<int> run();

 private:
  struct Perform;
  using Clock = std::chrono::steady_clock;

  Result<> begin();
  void wait() const;
  void read_input();
  void handle_signals();
  void take_input();
  void tell(Message message);
  void pass_time();
  void render();
  void put(std::string_view bytes);
  void quit(Quit&& quit);
  int timeout() const;

  const Environment environment_;
  const int in_;
  const int out_;
  const Theme theme_;

  std::unique_ptr<Inbox> inbox_;
  std::unique_ptr<Backend> backend_;
  std::optional<FullScreen> screen_;
  std::optional<client::SignalWatch> signals_;
  Model model_;
  client::InputParser parser_;
  Output drawer_;
  bool is_changed_ = true;  // The model changed since the last frame.
  Clock::time_point drawn_at_{};
  bool is_over_ = false;
  int exit_code_ = 0;
  Quit farewell_;
};

}  // namespace jackin::tui
