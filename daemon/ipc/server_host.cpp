// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/server_host.hpp"

#include <grpc/grpc.h>

#include <asio/co_spawn.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <exception>
#include <utility>

#include "daemon/async/timeout.hpp"

namespace jackin::ipc {

ServerHost::ServerHost(asio::any_io_executor executor, Clock& clock, ServiceDependencies& deps, const Limits& limits,
                       std::function<void()> ready)
    : executor_(executor),
      clock_(clock),
      deps_(deps),
      limits_(limits),
      ready_(std::move(ready)),
      timer_(executor),
      ended_(executor) {}

ServerHost::~ServerHost() = default;

void ServerHost::start() {
  started_ = true;
  asio::co_spawn(executor_, keep(), [](const std::exception_ptr& failed) {
    if (failed) std::rethrow_exception(failed);
  });
}

void ServerHost::want(bool wanted) {
  if (wanted_ == wanted) return;
  wanted_ = wanted;
  timer_.cancel();
}

asio::awaitable<void> ServerHost::keep() {
  while (!ending_) {
    if (wanted_ && !server_) {
      co_await build();
      if (!ending_) ready_();
    } else if (!wanted_ && server_) {
      const bool is_over = co_await is_unwanted_for(limits_.linger);
      if (is_over) co_await destroy();
    } else if (!wanted_ && holds_library_) {
      const bool is_over = co_await is_unwanted_for(limits_.library);
      if (is_over) co_await release_library();
    } else {
      const bool wanted = wanted_;
      while (wanted_ == wanted && !ending_) {
        timer_.expires_at(asio::steady_timer::time_point::max());
        asio::error_code always_aborted;
        co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, always_aborted));
      }
    }
  }
  if (server_) co_await destroy();
  started_ = false;
  ended_.notify();
}

asio::awaitable<void> ServerHost::build() {
  const bool holds_library = holds_library_;
  holds_library_ = true;
  server_ = co_await worker_.run([this, holds_library] {
    if (!holds_library) grpc_init();
    return std::make_unique<Server>(deps_, limits_.server);
  });
}

asio::awaitable<void> ServerHost::destroy() {
  // Named, not a temporary of the co_await: g++ 12 destroys the captures of such a temporary twice.
  auto work = [server = std::move(server_)]() mutable {
    server.reset();
    return true;
  };
  co_await worker_.run(std::move(work));
}

asio::awaitable<void> ServerHost::release_library() {
  co_await worker_.run([] {
    grpc_shutdown();
    return true;
  });
  holds_library_ = false;
}

// Returns false as soon as a server is wanted, and at the end.
asio::awaitable<bool> ServerHost::is_unwanted_for(std::chrono::milliseconds time) {
  timer_.expires_after(time);
  asio::error_code error;
  co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
  co_return !error && !wanted_ && !ending_;
}

asio::awaitable<bool> ServerHost::end(Clock::Duration limit) {
  ending_ = true;
  timer_.cancel();
  bool is_late = false;
  const async::Timeout timeout(executor_, clock_, limit, [&] {
    is_late = true;
    ended_.notify();
  });
  while (started_ && !is_late) co_await ended_.wait();
  co_return !started_;
}

}  // namespace jackin::ipc
