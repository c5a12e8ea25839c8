// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/ipc/connection_acceptor_fixture.hpp"

namespace jackin::ipc {
namespace {

TEST_F(ConnectionAcceptorTest, Close_RunningCallsAnswered) {
  std::promise<void> begun;
  std::atomic<async::WakeUp*> go = nullptr;
  acceptor.services.on_list = [&](Environment) -> Task<std::vector<lifecycle::StoreInfo>> {
    async::WakeUp gate(co_await asio::this_coro::executor);
    go = &gate;
    begun.set_value();
    co_await gate.wait();
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) co_return failure(Reason::cancelled, "cancelled");
    co_return std::vector<lifecycle::StoreInfo>(1);
  };
  acceptor.open();
  const auto channel = acceptor.channel();
  v1::ListStoresReply reply;
  grpc::Status status;
  std::thread caller([&] {
    grpc::ClientContext context;
    limit(context);
    status = v1::StoresService::NewStub(channel)->ListStores(&context, v1::ListStoresRequest(), &reply);
  });
  begun.get_future().wait();
  auto closed = std::async(std::launch::async, [&] { return acceptor.close(); });
  acceptor.on_daemons_thread([&] {
    go.load()->notify();
    return true;
  });
  EXPECT_TRUE(closed.get());
  caller.join();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(reply.stores_size(), 1);
  EXPECT_FALSE(std::filesystem::exists(acceptor.services.folders.socket()));
}

TEST_F(ConnectionAcceptorTest, Close_LongCall_Cancelled) {
  acceptor.limits.cancel_last_after = std::chrono::milliseconds(20);
  std::promise<void> begun;
  acceptor.services.on_list = [&](Environment) -> Task<std::vector<lifecycle::StoreInfo>> {
    async::WakeUp never(co_await asio::this_coro::executor);
    begun.set_value();
    co_await never.wait();
    co_return failure(Reason::cancelled, "cancelled");
  };
  acceptor.open();
  auto answer = std::async(std::launch::async, [channel = acceptor.channel()] {
    grpc::ClientContext context;
    limit(context);
    v1::ListStoresReply reply;
    return v1::StoresService::NewStub(channel)->ListStores(&context, v1::ListStoresRequest(), &reply);
  });
  begun.get_future().wait();
  EXPECT_TRUE(acceptor.close());
  EXPECT_EQ(refusal_of(answer.get()).reason, Reason::cancelled);
}

TEST_F(ConnectionAcceptorTest, Close_CallDoesNotEnd_False) {
  std::promise<void> begun;
  std::atomic<async::WakeUp*> go = nullptr;
  acceptor.services.on_list = [&](Environment) -> Task<std::vector<lifecycle::StoreInfo>> {
    async::WakeUp gate(co_await asio::this_coro::executor);
    go = &gate;
    begun.set_value();
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await gate.wait();
    co_return std::vector<lifecycle::StoreInfo>();
  };
  acceptor.open();
  const auto channel = acceptor.channel();
  std::thread caller([&] {
    grpc::ClientContext context;
    v1::ListStoresReply reply;
    (void)v1::StoresService::NewStub(channel)->ListStores(&context, v1::ListStoresRequest(), &reply);
  });
  begun.get_future().wait();
  EXPECT_FALSE(acceptor.close(std::chrono::milliseconds(20)));
  acceptor.on_daemons_thread([&] {
    go.load()->notify();
    return true;
  });
  caller.join();
}

TEST_F(ConnectionAcceptorTest, Drain_NewCallsAnswered) {
  HeldCalls held(acceptor);
  acceptor.open();
  const auto before = acceptor.channel();
  ASSERT_TRUE(say_hello(before).ok());
  held.begin();
  auto drained = acceptor.drain();
  EXPECT_TRUE(say_hello(before).ok());
  EXPECT_TRUE(say_hello(acceptor.channel()).ok());
  EXPECT_FALSE(is_over(drained)) << "what was begun before still runs";
  held.release(0);
  EXPECT_TRUE(drained.get());
  EXPECT_TRUE(held.answer(0).ok());
  EXPECT_TRUE(say_hello(acceptor.channel()).ok());
}

TEST_F(ConnectionAcceptorTest, Drain_WaitsOnlyForEarlierCalls) {
  HeldCalls held(acceptor);
  acceptor.open();
  held.begin();
  auto drained = acceptor.drain();
  held.begin();
  held.release(0);
  EXPECT_TRUE(drained.get()) << "a call that came after holds it up";
  held.release(1);
  EXPECT_TRUE(held.answer(1).ok());
}

TEST_F(ConnectionAcceptorTest, Drain_LongCall_Cancelled) {
  acceptor.limits.cancel_after = std::chrono::milliseconds(20);
  std::promise<void> begun;
  acceptor.services.on_list = [&](Environment) -> Task<std::vector<lifecycle::StoreInfo>> {
    async::WakeUp never(co_await asio::this_coro::executor);
    begun.set_value();
    co_await never.wait();
    co_return failure(Reason::cancelled, "cancelled");
  };
  acceptor.open();
  auto answer = std::async(std::launch::async, [channel = acceptor.channel()] {
    grpc::ClientContext context;
    limit(context);
    v1::ListStoresReply reply;
    return v1::StoresService::NewStub(channel)->ListStores(&context, v1::ListStoresRequest(), &reply);
  });
  begun.get_future().wait();
  EXPECT_TRUE(acceptor.drain(std::chrono::hours(1)).get());
  const Error refused = refusal_of(answer.get());
  EXPECT_EQ(refused.reason, Reason::cancelled);
  EXPECT_EQ(refused.message, "jackind ends: cancelled");
}

TEST_F(ConnectionAcceptorTest, Drain_CallIgnoresCancellation_NotAwaited) {
  acceptor.limits.cancel_after = std::chrono::milliseconds(20);
  HeldCalls held(acceptor);
  acceptor.open();
  held.begin();
  EXPECT_FALSE(acceptor.drain(std::chrono::hours(1)).get());
  held.release(0);
  EXPECT_TRUE(held.answer(0).ok());
}

TEST_F(ConnectionAcceptorTest, Drain_Status_ShowsWhatItWaitsFor) {
  acceptor.services.is_ending = true;
  HeldCalls held(acceptor);
  acceptor.open();
  const auto channel = acceptor.channel();
  held.begin();
  auto drained = acceptor.drain(std::chrono::hours(1));
  grpc::ClientContext context;
  limit(context);
  v1::StatusReply status;
  ASSERT_TRUE(v1::DaemonService::NewStub(channel)->Status(&context, v1::StatusRequest(), &status).ok());
  ASSERT_EQ(status.waits_for_size(), 1);
  EXPECT_EQ(status.waits_for(0).method(), "Stores.ListStores");
  EXPECT_EQ(status.waits_for(0).client().pid(), getpid());
  held.release(0);
  EXPECT_TRUE(drained.get());
}

TEST_F(ConnectionAcceptorTest, Close_IdleConnections_NotAwaited) {
  acceptor.limits.host.server.answers = std::chrono::hours(1);
  acceptor.open();
  const auto channel = acceptor.channel();
  ASSERT_TRUE(say_hello(channel).ok());
  EXPECT_TRUE(acceptor.close());
}

TEST_F(ConnectionAcceptorTest, Drain_NoCalls_AtOnce) {
  acceptor.open();
  EXPECT_TRUE(acceptor.drain().get());
}

TEST_F(ConnectionAcceptorTest, Drain_Limit_False) {
  HeldCalls held(acceptor);
  acceptor.open();
  held.begin();
  EXPECT_FALSE(acceptor.drain(std::chrono::milliseconds(20)).get());
  held.release(0);
  EXPECT_TRUE(held.answer(0).ok()) << "it is given up, not ended";
}

TEST_F(ConnectionAcceptorTest, Hurry_DrainEndsAtOnce) {
  HeldCalls held(acceptor);
  acceptor.open();
  held.begin();
  auto drained = acceptor.drain(std::chrono::hours(1));
  EXPECT_FALSE(is_over(drained));
  acceptor.hurry();
  EXPECT_FALSE(drained.get());
  EXPECT_FALSE(acceptor.close(std::chrono::hours(1))) << "also what comes after hurries";
}

TEST_F(ConnectionAcceptorTest, Hurry_CloseEndsAtOnce) {
  HeldCalls held(acceptor);
  acceptor.open();
  held.begin();
  auto closed = std::async(std::launch::async, [&] { return acceptor.close(std::chrono::hours(1)); });
  // No connection is accepted: it closes.
  ASSERT_TRUE(acceptor.comes_true([&] { return !std::filesystem::exists(acceptor.services.folders.socket()); }));
  acceptor.hurry();
  EXPECT_FALSE(closed.get());
}

}  // namespace
}  // namespace jackin::ipc
