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

// State for a crash handler, accessible without an object. Written before `taken` is set, read only after that.
struct Saved {
  termios settings{};
  int input = -1;
  int output = -1;
};
Saved saved;
std::atomic<bool> taken{false};
static_assert(std::atomic<bool>::is_always_lock_free);

// Shows the cursor, resets the style, closes a link, ends a synchronised update.
constexpr std::string_view calm = "\x1b]8;;\x1b\\\x1b[0m\x1b[?25h";

constexpr std::array<int, 10> fatal_signals{SIGSEGV, SIGBUS,  SIGFPE,  SIGILL,  SIGABRT,
                                            SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU};
std::array<struct sigaction, fatal_signals.size()> previous_actions;

// Async-signal-safe: so are tcsetattr and write (POSIX.1-2017, 2.4.3).
void give_back() noexcept {
  if (!taken.exchange(false)) return;
  const int error = errno;
  [[maybe_unused]] const auto written = write(saved.output, calm.data(), calm.size());
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

extern "C" void on_fatal_signal(int signal) {
  give_back();
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  sigaction(signal, &action, nullptr);
  raise(signal);
}

}  // namespace

Result<RawMode> RawMode::enter(int input, int output) {
  if (tcgetattr(input, &saved.settings) != 0)
    return failure(error_from_errno("reading the terminal's settings", errno));
  saved.input = input;
  saved.output = output;
  take();
  struct sigaction action {};
  action.sa_handler = on_fatal_signal;
  sigfillset(&action.sa_mask);
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (std::size_t i = 0; i < fatal_signals.size(); ++i) sigaction(fatal_signals[i], &action, &previous_actions[i]);
  return RawMode(true);
}

RawMode::RawMode(RawMode&& other) noexcept : active_(std::exchange(other.active_, false)) {}

RawMode::~RawMode() {
  if (!active_) return;
  give_back();
  for (std::size_t i = 0; i < fatal_signals.size(); ++i) sigaction(fatal_signals[i], &previous_actions[i], nullptr);
}

void RawMode::suspend() noexcept {
  if (active_) give_back();
}

void RawMode::resume() noexcept {
  if (!active_) return;
  if (!taken.load()) tcgetattr(saved.input, &saved.settings);
  take();
}

}  // namespace jackin::client
