// SPDX-License-Identifier: Apache-2.0
#include <sys/epoll.h>

#include <array>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>

#include "daemon/ipc/hangup_watch.hpp"

namespace jackin::ipc {

Result<HangupWatch> HangupWatch::make(const asio::any_io_executor& executor) {
  const int queue = epoll_create1(EPOLL_CLOEXEC);
  if (queue < 0) return failure(error_from_errno("cannot watch connections", errno));
  return HangupWatch(asio::posix::stream_descriptor(executor, queue));
}

Result<> HangupWatch::add(int descriptor, std::uint64_t key) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.u64 = key;
  if (epoll_ctl(queue_.native_handle(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
    return failure(error_from_errno("cannot watch a connection", errno));
  }
  return {};
}

Result<> HangupWatch::ignore_bytes(int descriptor, std::uint64_t key) {
  // EPOLLHUP is always reported (epoll_ctl(2)): on a Unix stream socket when both directions are shut down.
  epoll_event event{};
  event.data.u64 = key;
  if (epoll_ctl(queue_.native_handle(), EPOLL_CTL_MOD, descriptor, &event) != 0) {
    return failure(error_from_errno("cannot watch a connection", errno));
  }
  return {};
}

void HangupWatch::remove(int descriptor) {
  epoll_ctl(queue_.native_handle(), EPOLL_CTL_DEL, descriptor, nullptr);
}

std::vector<HangupWatch::Event> HangupWatch::ready() {
  std::array<epoll_event, 64> events{};
  const int count = epoll_wait(queue_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
  std::vector<Event> ready;
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    ready.push_back({event.data.u64, (event.events & (EPOLLHUP | EPOLLERR)) != 0});
  }
  return ready;
}

asio::awaitable<std::vector<HangupWatch::Event>> HangupWatch::next() {
  co_await asio::this_coro::throw_if_cancelled(false);
  for (;;) {
    asio::error_code error;
    co_await queue_.async_wait(asio::posix::stream_descriptor::wait_read,
                               asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return std::vector<Event>();
    auto events = ready();
    if (!events.empty()) co_return events;
  }
}

void HangupWatch::stop() {
  asio::error_code ignored;
  queue_.cancel(ignored);
}

}  // namespace jackin::ipc
