// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/signal_watch.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <utility>
#include <vector>

namespace jackin::client {
namespace {

std::atomic<int> write_end{-1};

extern "C" void on_signal(int signal) {
  const int error = errno;
  const auto byte = static_cast<unsigned char>(signal);
  // With a full pipe the reader wakes up anyway.
  [[maybe_unused]] const auto written = write(write_end.load(), &byte, 1);
  errno = error;
}

}  // namespace

struct SignalWatch::State {
  std::array<int, 2> pipe{-1, -1};
  std::vector<std::pair<int, struct sigaction>> former;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    for (const auto& [signal, action] : former) sigaction(signal, &action, nullptr);
    write_end.store(-1);
    for (const int fd : pipe) {
      if (fd >= 0) close(fd);
    }
  }
};

SignalWatch::SignalWatch(std::unique_ptr<State> state) : state_(std::move(state)) {}
SignalWatch::SignalWatch(SignalWatch&&) noexcept = default;
SignalWatch::~SignalWatch() = default;

Result<SignalWatch> SignalWatch::start(std::initializer_list<int> signals) {
  auto state = std::make_unique<State>();
  if (pipe(state->pipe.data()) != 0) return failure(error_from_errno("making a pipe", errno));
  for (const int fd : state->pipe) {
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
  }
  write_end.store(state->pipe[1]);
  for (const int signal : signals) {
    struct sigaction action {};
    struct sigaction former {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    if (sigaction(signal, &action, &former) == 0) state->former.emplace_back(signal, former);
  }
  return SignalWatch(std::move(state));
}

int SignalWatch::fd() const noexcept {
  return state_->pipe[0];
}

std::optional<int> SignalWatch::next() {
  unsigned char byte = 0;
  if (read(state_->pipe[0], &byte, 1) != 1) return std::nullopt;
  return byte;
}

}  // namespace jackin::client
