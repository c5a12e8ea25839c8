// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/raw_mode.hpp"

#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <utility>

namespace jackin::client {
namespace {

// State for the signal handler, which has no object. Written before `taken` is set, and read only after that.
struct Saved {
  termios settings{};
  int input = -1;
  int output = -1;
  // One is in use while the other is written.
  std::array<std::string_view, 2> leave;
};
Saved saved;
std::atomic<std::size_t> leave_in_use{0};
std::atomic<bool> taken{false};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<std::size_t>::is_always_lock_free);

// Closes a link, resets the style and shows the cursor.
constexpr std::string_view reset_bytes = "\x1b]8;;\x1b\\\x1b[0m\x1b[?25h";

constexpr std::array<int, 13> fatal_signals{SIGSEGV, SIGBUS,  SIGFPE,  SIGILL, SIGABRT, SIGQUIT, SIGALRM,
                                            SIGUSR1, SIGUSR2, SIGXCPU, SIGHUP, SIGINT,  SIGTERM};
std::array<struct sigaction, fatal_signals.size()> previous_actions;

// Async-signal-safe, because tcsetattr and write are (POSIX.1-2017, 2.4.3).
void restore_terminal() noexcept {
  if (!taken.exchange(false)) return;
  const int error = errno;
  for (const std::string_view bytes : {saved.leave[leave_in_use.load()], reset_bytes}) {
    [[maybe_unused]] const auto written = write(saved.output, bytes.data(), bytes.size());
  }
  tcsetattr(saved.input, TCSADRAIN, &saved.settings);
  errno = error;
}

void take() noexcept {
  termios raw = saved.settings;
  raw.c_iflag &= ~static_cast<tcflag_t>(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON);
  raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | IEXTEN | ISIG);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  tcsetattr(saved.input, TCSADRAIN, &raw);
  taken.store(true);
}

// If the program has its own actions for these signals, they stay.
bool is_request_to_end(int signal) {
  return signal == SIGHUP || signal == SIGINT || signal == SIGTERM;
}

extern "C" void on_fatal_signal(int signal) {
  restore_terminal();
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  sigaction(signal, &action, nullptr);
  raise(signal);
}

}  // namespace

Result<RawMode> RawMode::enter(int input, int output, std::string_view leave) {
  if (tcgetattr(input, &saved.settings) != 0)
    return failure(error_from_errno("reading the terminal's settings", errno));
  saved.input = input;
  saved.output = output;
  saved.leave[leave_in_use.load()] = leave;
  take();
  struct sigaction action {};
  action.sa_handler = on_fatal_signal;
  sigfillset(&action.sa_mask);
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (std::size_t i = 0; i < fatal_signals.size(); ++i) {
    sigaction(fatal_signals[i], nullptr, &previous_actions[i]);
    const bool is_free = (previous_actions[i].sa_flags & SA_SIGINFO) == 0 && previous_actions[i].sa_handler == SIG_DFL;
    if (is_free || !is_request_to_end(fatal_signals[i])) sigaction(fatal_signals[i], &action, nullptr);
  }
  return RawMode(true);
}

RawMode::RawMode(RawMode&& other) noexcept : active_(std::exchange(other.active_, false)) {}

RawMode::~RawMode() {
  if (!active_) return;
  restore_terminal();
  for (std::size_t i = 0; i < fatal_signals.size(); ++i) sigaction(fatal_signals[i], &previous_actions[i], nullptr);
}

void RawMode::leave_with(std::string_view leave) noexcept {
  if (!active_) return;
  const std::size_t other = 1 - leave_in_use.load();
  saved.leave[other] = leave;
  leave_in_use.store(other);
}

void RawMode::suspend() noexcept {
  if (active_) restore_terminal();
}

void RawMode::resume() noexcept {
  if (!active_) return;
  if (!taken.load()) tcgetattr(saved.input, &saved.settings);
  take();
}

}  // namespace jackin::client
