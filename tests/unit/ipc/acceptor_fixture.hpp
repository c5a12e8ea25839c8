// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/channel.h>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <functional>
#include <future>
#include <memory>
#include <thread>

#include "daemon/ipc/connection_acceptor.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/ipc/fake_services.hpp"

namespace jackin::test {

/// A ConnectionAcceptor on a real socket, on a thread of its own, as in the daemon. The test sets the
/// functions of `services` before it calls `open()`.
class AcceptorFixture {
 public:
  AcceptorFixture();
  ~AcceptorFixture();

  FakeServices services;
  ipc::ConnectionAcceptor::Limits limits;

  void open();
  /// False when something was still running at the limit.
  bool close(Clock::Duration limit = std::chrono::seconds(20));
  /// Has started when this returns; the result is that of `ConnectionAcceptor::drain`. Wait for it before the acceptor
  /// is destroyed.
  std::future<bool> drain(Clock::Duration limit = std::chrono::seconds(60));
  void hurry();

  /// A connected socket on which nothing was sent yet.
  int connect() const;
  /// gRPC on a connection of its own.
  std::shared_ptr<grpc::Channel> channel() const;

  /// Runs `look` on the daemon's thread and returns its result.
  template <typename Look>
  auto on_daemons_thread(Look look) {
    // A pointer, because Asio would return the future of a packaged_task itself.
    const auto task = std::make_shared<std::packaged_task<decltype(look())()>>(std::move(look));
    asio::post(io_, [task] { (*task)(); });
    return task->get_future().get();
  }
  std::size_t connections() {
    return on_daemons_thread([this] { return acceptor_->connections(); });
  }
  bool serving() {
    return on_daemons_thread([this] { return acceptor_->serving(); });
  }
  bool holds_library() {
    return on_daemons_thread([this] { return acceptor_->holds_library(); });
  }
  /// Lets the daemon's thread run until `condition` holds; false after a generous limit.
  bool comes_true(const std::function<bool()>& condition);

 private:
  TempDir dir_;
  asio::io_context io_{1};
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<ipc::ConnectionAcceptor> acceptor_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
  bool closed_ = false;
};

/// Whether the other end closes a connection, within a generous limit, without having sent anything.
bool is_closed_without_a_word(int fd);

}  // namespace jackin::test
