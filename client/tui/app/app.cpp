// SPDX-License-Identifier: Apache-2.0
#include "client/tui/app/app.hpp"

#include <poll.h>
#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "client/rpc/exit_code.hpp"
#include "client/terminal/clipboard.hpp"
#include "client/terminal/style.hpp"
#include "client/tui/app/conversion.hpp"
#include "client/tui/keymap.hpp"
#include "client/tui/view/view.hpp"
#include "common/os/find_paths.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::tui {
namespace {

// Limits drawing to about 60 frames per second.
constexpr std::chrono::milliseconds shortest_frame{16};

Moment time_of_day() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = write(fd, bytes.data(), bytes.size());
    if (count > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      pollfd ready{fd, POLLOUT, 0};
      poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::vector<std::string> farewell_lines(const Quit& quit, const TokenSessions::Ends& ends) {
  std::vector<std::string> lines;
  for (const LeftOperation& operation : quit.operations) {
    const auto end = ends.find(operation.number);
    if (end == ends.end()) continue;
    const auto& [departure, is_captured, is_done, error] = end->second;
    if (is_done) {
      lines.push_back(operation.name + " is done");
    } else if (departure == client::Departure::detached) {
      lines.push_back("jackind finishes " + operation.name + " by itself");
    } else if (error) {
      lines.push_back(operation.name + ": " + printable(error->message));
    } else {
      lines.push_back((is_captured ? "left the question about " + operation.name + " without an answer"
                                   : "asked jackind to stop " + operation.name) +
                      "; jackinctl operations shows the result");
    }
  }
  lines.insert(lines.end(), quit.farewell.begin(), quit.farewell.end());
  return lines;
}

// Carries out one effect.
struct App::Perform {
  App& app;

  void operator()(StartSetup& effect) const { app.backend_->start(std::move(effect), claude_size(app.model_.size)); }
  void operator()(StartRotate& effect) const { app.backend_->start(std::move(effect), claude_size(app.model_.size)); }
  void operator()(StartRevoke& effect) const { app.backend_->start(std::move(effect)); }
  void operator()(SendKeys& effect) const { app.backend_->send(std::move(effect)); }
  void operator()(SendCode& effect) const { app.backend_->send(std::move(effect)); }
  void operator()(ResizeClaude& effect) const { app.backend_->send(effect); }
  void operator()(Answer& effect) const { app.backend_->send(effect); }
  void operator()(Cancel& effect) const { app.backend_->cancel(std::move(effect)); }
  void operator()(ListStores& effect) const { app.backend_->list(effect); }
  void operator()(ListAccounts& effect) const { app.backend_->list(effect); }
  void operator()(ListVaults& effect) const { app.backend_->list(std::move(effect)); }
  void operator()(ListItems& effect) const { app.backend_->list(std::move(effect)); }
  void operator()(ListFields& effect) const { app.backend_->list(std::move(effect)); }
  void operator()(StopListing& effect) const { app.backend_->stop(effect); }
  void operator()(StartDoctor& effect) const { app.backend_->examine(std::move(effect)); }
  void operator()(WantDetails& effect) const { app.backend_->ask_details(std::move(effect)); }
  void operator()(Refresh& /*effect*/) const { app.backend_->refresh(); }
  void operator()(Reconnect& /*effect*/) const { app.backend_->reconnect(); }
  void operator()(Lock& /*effect*/) const { app.backend_->lock(); }
  void operator()(OpenBrowser& effect) const { app.backend_->open_browser(std::move(effect)); }
  void operator()(Copy& effect) const {
    const auto sequence = client::clipboard_sequence(effect.text);
    if (!sequence) return app.tell(Said{"the text is too long for the terminal's clipboard"});
    app.put(*sequence);
  }
  void operator()(Redraw& /*effect*/) const { app.drawer_.forget(); }
  void operator()(Quit& effect) const { app.quit(std::move(effect)); }
};

App::App(const Environment& environment, int input, int output)
    : environment_(environment),
      in_(input),
      out_(output),
      theme_(theme_of(environment)),
      drawer_(color_level_of(environment)) {}

App::~App() = default;

Result<> App::begin() {
  if (!client::is_screen(in_, environment_) || !client::is_screen(out_, environment_)) {
    return failure(Reason::invalid_argument, "jackin-tui needs a full-screen terminal on stdin and stdout",
                   Remedy::of(RemedyAction::list_scopes));
  }
  TRY(const Paths paths, find_paths(environment_));
  TRY(inbox_, Inbox::open());
  TRY(FullScreen screen, FullScreen::enter(in_, out_, wants_mouse(environment_)));
  screen_.emplace(std::move(screen));
  // After FullScreen::enter: this replaces its signal actions, which end the program at once.
  auto signals = client::SignalWatch::start({SIGWINCH, SIGTSTP, SIGCONT, SIGCHLD, SIGHUP, SIGINT, SIGTERM, SIGQUIT});
  TRY(client::SignalWatch watch, std::move(signals));
  signals_.emplace(std::move(watch));
  model_.now = time_of_day();
  tell(Resized{client::size_of_terminal(out_)});
  tell(FactsArrived{facts_of(paths)});
  backend_ = std::make_unique<Backend>(environment_, paths, *inbox_);
  return {};
}

Result<int> App::run() {
  if (const auto begun = begin(); !begun) {
    screen_.reset();
    return failure(begun.error());
  }
  while (!is_over_) {
    render();
    wait();
    pass_time();
    handle_signals();
    for (Message& message : inbox_->take()) tell(std::move(message));
    read_input();
    take_input();
  }
  signals_.reset();
  screen_.reset();
  const TokenSessions::Ends ends = backend_->leave();
  for (const std::string& line : farewell_lines(farewell_, ends)) write_all(out_, line + "\n");
  return exit_code_;
}

int App::timeout() const {
  std::optional<std::chrono::milliseconds> wait;
  const auto at_most = [&](std::chrono::milliseconds time) {
    time = std::max(time, std::chrono::milliseconds(0));
    wait = wait ? std::min(*wait, time) : time;
  };
  const auto left = [](Clock::duration time) { return std::chrono::ceil<std::chrono::milliseconds>(time); };
  if (is_changed_) at_most(left(drawn_at_ + shortest_frame - Clock::now()));
  if (const auto deadline = parser_.deadline()) at_most(left(*deadline - Clock::now()));
  if (const auto change = next_change(model_, theme_.motion)) {
    const auto time = std::chrono::ceil<std::chrono::milliseconds>(*change - std::chrono::system_clock::now());
    at_most(std::min<std::chrono::milliseconds>(time, std::chrono::minutes(10)));
  }
  return wait ? static_cast<int>(wait->count()) : -1;
}

void App::wait() const {
  std::array<pollfd, 3> waits{{{signals_->fd(), POLLIN, 0}, {inbox_->fd(), POLLIN, 0}, {in_, POLLIN, 0}}};
  poll(waits.data(), waits.size(), timeout());
}

void App::pass_time() {
  const Moment moment = time_of_day();
  if (moment == model_.now) return;
  const auto change = next_change(model_, theme_.motion);
  const bool was_changed = is_changed_;
  tell(TimePassed{moment});
  is_changed_ = was_changed || (change && moment >= *change);
}

void App::tell(Message message) {
  is_changed_ = true;
  for (Effect& effect : update(model_, std::move(message))) {
    // Input after the key that quits has no effect.
    if (!is_over_) std::visit(Perform{*this}, effect);
  }
}

void App::read_input() {
  pollfd ready{in_, POLLIN, 0};
  if (poll(&ready, 1, 0) <= 0) return;
  std::array<char, 4096> bytes{};
  const auto count = read(in_, bytes.data(), bytes.size());
  if (count > 0) {
    parser_.collect(keys_go_to_claude(model_));
    parser_.feed({bytes.data(), static_cast<std::size_t>(count)}, Clock::now());
    // The buffer may contain a code that can be exchanged for a token.
    sodium_memzero(bytes.data(), bytes.size());
    return;
  }
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  // The terminal was closed.
  exit_code_ = client::exit_cancelled;
  tell(ToldToEnd());
}

void App::take_input() {
  parser_.collect(keys_go_to_claude(model_));
  std::vector<Input> chunk = parser_.take(Clock::now());
  if (!chunk.empty()) tell(Pressed{std::move(chunk)});
}

void App::handle_signals() {
  while (const auto signal = signals_->next()) {
    switch (*signal) {
      case SIGWINCH:
        drawer_.forget();
        tell(Resized{client::size_of_terminal(out_)});
        break;
      case SIGTSTP:
        screen_->suspend();
        // Stops the whole program here, until SIGCONT continues it.
        raise(SIGSTOP);
        break;
      case SIGCONT:
        screen_->resume();
        drawer_.forget();
        tell(Resized{client::size_of_terminal(out_)});
        break;
      case SIGCHLD:
        backend_->reap_browsers();
        break;
      default:
        exit_code_ = client::exit_cancelled;
        tell(ToldToEnd());
        break;
    }
  }
}

void App::render() {
  if (!is_changed_) return;
  const auto time = Clock::now();
  if (time < drawn_at_ + shortest_frame) return;
  is_changed_ = false;
  drawn_at_ = time;
  put(drawer_.draw(tui::render(model_, theme_)));
}

void App::put(std::string_view bytes) {
  if (write_all(out_, bytes)) return;
  // The terminal accepts no more output, so the program ends.
  exit_code_ = client::exit_cancelled;
  if (!is_over_) tell(ToldToEnd());
}

void App::quit(Quit&& quit) {
  if (std::exchange(is_over_, true)) return;
  farewell_ = std::move(quit);
}

}  // namespace jackin::tui
