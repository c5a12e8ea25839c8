// SPDX-License-Identifier: Apache-2.0
#include "client/cli/interruptible.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <thread>

namespace jackin::client {
namespace {

bool run_interruptible(SignalWatch& signals, grpc::ClientContext& context, const std::function<void()>& work) {
  std::array<int, 2> ended{-1, -1};
  if (pipe(ended.data()) != 0) {
    // Without free descriptors the call cannot be interrupted.
    work();
    return false;
  }
  for (const int fd : ended) fcntl(fd, F_SETFD, FD_CLOEXEC);
  std::thread worker([&] {
    work();
    // Closing this end makes the other end readable (end of file).
    close(ended[1]);
  });
  bool interrupted = false;
  for (;;) {
    std::array<pollfd, 2> waits{{{ended[0], POLLIN, 0}, {signals.fd(), POLLIN, 0}}};
    if (poll(waits.data(), waits.size(), -1) < 0) continue;
    while (signals.next()) {
      interrupted = true;
      context.TryCancel();
    }
    if (waits[0].revents != 0) break;
  }
  worker.join();
  close(ended[0]);
  return interrupted;
}

}  // namespace

RunCall interruptible(SignalWatch& signals) {
  return [&signals](grpc::ClientContext& context, const std::function<void()>& work) {
    return run_interruptible(signals, context, work);
  };
}

}  // namespace jackin::client
