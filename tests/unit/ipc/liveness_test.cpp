// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/liveness.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <utility>

#include "jackin/v1/health.grpc.pb.h"
#include "tests/unit/ipc/acceptor_fixture.hpp"

namespace jackin::client {
namespace {

using namespace std::chrono_literals;

constexpr auto generous = 60s;

// A stream without messages: a watch without a change.
class LivenessTest : public testing::Test {
 protected:
  LivenessTest() {
    acceptor.services.on_watch = [](health::Feed::Listener, health::Feed::Begin, health::Feed::Failed) {
      return health::Feed::Handle();
    };
    acceptor.services.on_operations = [this] {
      ++asked;
      return std::vector<lifecycle::OperationState>();
    };
  }

  void begin(Liveness::Limits limits) {
    acceptor.open();
    connection = Connection::reach({}, acceptor.services.folders).value();
    liveness = std::make_unique<Liveness>(*connection, context, limits);
    stub = v1::HealthService::NewStub(connection->channel());
    stream = stub->Watch(&context, {});
  }

  Result<> end() {
    v1::WatchEvent event;
    while (stream->Read(&event)) liveness->heard();
    liveness->no_more();
    return liveness->outcome(stream->Finish());
  }

  std::atomic<int> asked = 0;
  test::AcceptorFixture acceptor;
  std::optional<Connection> connection;
  grpc::ClientContext context;
  std::unique_ptr<Liveness> liveness;
  std::unique_ptr<v1::HealthService::Stub> stub;
  std::unique_ptr<grpc::ClientReader<v1::WatchEvent>> stream;
};

TEST_F(LivenessTest, SilentStream_DaemonAnswers_Kept) {
  begin({.silence = 1ms, .answer = generous, .end = generous});
  ASSERT_TRUE(acceptor.comes_true([this] { return asked > 3; }));
  context.TryCancel();
  EXPECT_EQ(end().error().reason, Reason::cancelled);
}

TEST_F(LivenessTest, SilentStream_DaemonDoesNotAnswer_Cancelled) {
  std::promise<void> released;
  begin({.silence = 1ms, .answer = 50ms, .end = generous});
  ASSERT_TRUE(acceptor.comes_true([this] { return asked > 0; }));
  const auto blocked = std::async(std::launch::async, [&] {
    acceptor.on_daemons_thread([&] {
      released.get_future().wait();
      return true;
    });
  });
  const auto ended = end();
  EXPECT_EQ(ended.error().reason, Reason::timed_out);
  EXPECT_EQ(ended.error().message, "jackind stopped answering");
  released.set_value();
}

TEST_F(LivenessTest, UnreadableStream_FinishLimited) {
  begin({.silence = generous, .answer = generous, .end = 1ms});
  // As after a message that could not be parsed: no more is read, and the stream has not ended.
  liveness->no_more();
  EXPECT_EQ(liveness->outcome(stream->Finish()).error().reason, Reason::timed_out);
}

TEST_F(LivenessTest, Destroyed_EndsAtOnce) {
  begin({.silence = 1ms, .answer = generous, .end = generous});
  std::promise<void> released;
  const auto blocked = std::async(std::launch::async, [&] {
    acceptor.on_daemons_thread([&] {
      released.get_future().wait();
      return true;
    });
  });
  context.TryCancel();
  EXPECT_FALSE(end());
  const auto begun = std::chrono::steady_clock::now();
  liveness.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, generous / 2);
  released.set_value();
}

}  // namespace
}  // namespace jackin::client
