// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/event.h>

#include <array>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <limits>

#include "daemon/ipc/hangup_watch.hpp"

namespace jackin::ipc {

Result<HangupWatch> HangupWatch::make(const asio::any_io_executor& executor) {
  const int queue = kqueue();
  if (queue < 0) return failure(error_from_errno("cannot watch connections", errno));
  fcntl(queue, F_SETFD, FD_CLOEXEC);
  return HangupWatch(asio::posix::stream_descriptor(executor, queue));
}

Result<> HangupWatch::add(int descriptor, std::uint64_t key) {
  struct kevent change;
  EV_SET(&change, descriptor, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 0, reinterpret_cast<void*>(key));
  if (kevent(queue_.native_handle(), &change, 1, nullptr, 0, nullptr) != 0) {
    return failure(error_from_errno("cannot watch a connection", errno));
  }
  return {};
}

Result<> HangupWatch::ignore_bytes(int descriptor, std::uint64_t key) {
  // Removes the event first: adding an existing event does not have to change its flags.
  remove(descriptor);
  // EVFILT_READ with a low-water mark that no traffic reaches reports only EV_EOF, which ignores the mark (kqueue(2)).
  struct kevent change;
  EV_SET(&change, descriptor, EVFILT_READ, EV_ADD, NOTE_LOWAT, std::numeric_limits<int>::max(),
         reinterpret_cast<void*>(key));
  if (kevent(queue_.native_handle(), &change, 1, nullptr, 0, nullptr) != 0) {
    return failure(error_from_errno("cannot watch a connection", errno));
  }
  return {};
}

void HangupWatch::remove(int descriptor) {
  struct kevent change;
  EV_SET(&change, descriptor, EVFILT_READ, EV_DELETE, 0, 0, nullptr);
  kevent(queue_.native_handle(), &change, 1, nullptr, 0, nullptr);
}

std::vector<HangupWatch::Event> HangupWatch::ready() {
  std::array<struct kevent, 64> events{};
  const timespec at_once{};
  const int count =
      kevent(queue_.native_handle(), nullptr, 0, events.data(), static_cast<int>(events.size()), &at_once);
  std::vector<Event> ready;
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    ready.push_back({reinterpret_cast<std::uint64_t>(event.udata), (event.flags & EV_EOF) != 0});
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
