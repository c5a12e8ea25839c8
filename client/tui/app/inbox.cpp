// SPDX-License-Identifier: Apache-2.0
#include "client/tui/app/inbox.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace jackin::tui {

Result<std::unique_ptr<Inbox>> Inbox::open() {
  std::unique_ptr<Inbox> inbox(new Inbox());
  if (pipe(inbox->wake_.data()) != 0) return failure(error_from_errno("making a pipe", errno));
  for (const int fd : inbox->wake_) {
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
  }
  return inbox;
}

Inbox::~Inbox() {
  for (const int fd : wake_) {
    if (fd >= 0) close(fd);
  }
}

void Inbox::post(Message message) {
  const std::lock_guard lock(mutex_);
  if (!messages_.empty()) {
    auto* before = std::get_if<ScreenChanged>(&messages_.back());
    auto* screen = std::get_if<ScreenChanged>(&message);
    if (before != nullptr && screen != nullptr && before->number == screen->number) {
      *before = std::move(*screen);
      return;
    }
  }
  messages_.push_back(std::move(message));
  if (messages_.size() > 1) return;
  [[maybe_unused]] const auto written = write(wake_[1], "", 1);
}

std::vector<Message> Inbox::take() {
  const std::lock_guard lock(mutex_);
  std::array<char, 16> bytes{};
  while (read(wake_[0], bytes.data(), bytes.size()) > 0) {
  }
  return std::exchange(messages_, {});
}

}  // namespace jackin::tui
