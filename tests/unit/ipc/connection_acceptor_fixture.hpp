// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/ipc/connection_acceptor.hpp"

#include <dirent.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <memory>
#include <vector>

#include "client/rpc/status.hpp"
#include "common/version.hpp"
#include "daemon/async/wake_up.hpp"
#include "jackin/v1/daemon.grpc.pb.h"
#include "jackin/v1/health.grpc.pb.h"
#include "jackin/v1/launch.grpc.pb.h"
#include "jackin/v1/stores.grpc.pb.h"
#include "tests/unit/ipc/acceptor_fixture.hpp"
#include "tests/unit/ipc/raw_client.hpp"

namespace jackin::ipc {

class ConnectionAcceptorTest : public testing::Test {
 protected:
  test::AcceptorFixture acceptor;

  static void limit(grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  }

  static v1::HelloRequest greeting() {
    v1::HelloRequest request;
    request.set_protocol_major(protocol_major);
    request.set_version("0.0.1");
    return request;
  }

  static grpc::Status say_hello(const std::shared_ptr<grpc::Channel>& channel,
                                const v1::HelloRequest& request = greeting()) {
    grpc::ClientContext context;
    limit(context);
    v1::HelloReply reply;
    return v1::DaemonService::NewStub(channel)->Hello(&context, request, &reply);
  }

  /// Calls of Stores.List that run until the test ends them, in the order of their start. Nothing else ends them.
  class HeldCalls {
   public:
    explicit HeldCalls(test::AcceptorFixture& acceptor) : acceptor_(acceptor) {
      acceptor_.services.on_list = [this](Environment) -> Task<std::vector<lifecycle::StoreInfo>> {
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        const auto gate = std::make_shared<Gate>(co_await asio::this_coro::executor);
        gates_.push_back(gate);
        while (!gate->is_open) co_await gate->wake_up.wait();
        co_return std::vector<lifecycle::StoreInfo>(1);
      };
    }
    ~HeldCalls() {
      for (std::size_t i = 0; i < callers_.size(); ++i) release(i);
      for (auto& caller : callers_) caller.wait();
    }

    /// Has started at the daemon when this returns.
    void begin() {
      const std::size_t before = count();
      callers_.push_back(std::async(std::launch::async, [channel = acceptor_.channel()] {
        grpc::ClientContext context;
        limit(context);
        v1::ListStoresReply reply;
        return v1::StoresService::NewStub(channel)->ListStores(&context, v1::ListStoresRequest(), &reply);
      }));
      EXPECT_TRUE(acceptor_.comes_true([&] { return count() > before; }));
    }
    void release(std::size_t index) {
      acceptor_.on_daemons_thread([&] {
        if (index >= gates_.size()) return false;
        gates_[index]->is_open = true;
        gates_[index]->wake_up.notify();
        return true;
      });
    }
    grpc::Status answer(std::size_t index) { return callers_.at(index).get(); }

   private:
    struct Gate {
      explicit Gate(asio::any_io_executor executor) : wake_up(std::move(executor)) {}
      async::WakeUp wake_up;
      bool is_open = false;
    };
    std::size_t count() {
      return acceptor_.on_daemons_thread([this] { return gates_.size(); });
    }
    test::AcceptorFixture& acceptor_;
    std::vector<std::shared_ptr<Gate>> gates_;  // of the daemon's thread
    std::vector<std::shared_future<grpc::Status>> callers_;
  };

  static void write_to(int fd, const std::string& text) {
    EXPECT_EQ(write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  static bool is_hung_up(int fd) {
    pollfd hung_up{fd, POLLRDHUP, 0};
    return poll(&hung_up, 1, 30'000) > 0;
  }

  static bool is_over(const std::future<bool>& future) {
    return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }

  static Error refusal_of(const grpc::Status& status) {
    EXPECT_FALSE(status.ok());
    return client::error_from_status(status);
  }
};

}  // namespace jackin::ipc
