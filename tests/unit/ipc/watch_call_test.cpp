// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/watch_call.hpp"

#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/rpc/status.hpp"
#include "jackin/v1/health.grpc.pb.h"
#include "jackin/v1/launch.grpc.pb.h"
#include "proto/enum_conversion.hpp"
#include "tests/unit/ipc/acceptor_fixture.hpp"

namespace jackin::ipc {
namespace {

using health::Change;

class WatchCallTest : public testing::Test {
 protected:
  WatchCallTest() {
    acceptor.services.on_watch = [this](health::Feed::Listener given, health::Feed::Begin wanted,
                                        health::Feed::Failed on_failure) -> health::Feed::Handle {
      listener = std::move(given);
      failed = std::move(on_failure);
      wants_snapshot = wanted == health::Feed::Begin::with_snapshot;
      return {nullptr, [this](void*) { listener = nullptr; }};
    };
    acceptor.services.on_probe = [](Scope scope, std::optional<std::chrono::seconds>) -> Task<health::ProbeAnswer> {
      if (scope.workspace_name() == "unknown") co_return failure(Reason::unknown_workspace, "there is no workspace");
      co_return answer(scope);
    };
  }

  static health::ProbeAnswer answer(Scope scope) {
    health::ProbeAnswer made;
    made.scope = std::move(scope);
    made.verdict = Verdict::ok;
    return made;
  }

  void call(const v1::WatchRequest& request) {
    acceptor.open();
    channel = acceptor.channel();
    stub = v1::HealthService::NewStub(channel);
    context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    stream = stub->Watch(context.get(), request);
  }
  // Calls are answered in order.
  void wait_until_watched() {
    EXPECT_TRUE(acceptor.comes_true([this] { return is_watched(); }));
  }
  bool is_watched() {
    return acceptor.on_daemons_thread([this] { return static_cast<bool>(listener); });
  }
  void tell(HealthEvent event, const std::string& workspace, Verdict verdict = Verdict::ok) {
    Change change{event, answer(*Scope::workspace(workspace))};
    change.answer.verdict = verdict;
    acceptor.on_daemons_thread([&] {
      listener(change);
      return true;
    });
  }
  std::string read() {
    v1::WatchEvent event;
    if (!stream->Read(&event)) return "nothing";
    return word_of_proto(event.event()) + " " + event.probe().scope().workspace();
  }

  // Of the daemon's thread.
  health::Feed::Listener listener;
  health::Feed::Failed failed;
  bool wants_snapshot = false;
  test::AcceptorFixture acceptor;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::HealthService::Stub> stub;
  std::unique_ptr<grpc::ClientContext> context = std::make_unique<grpc::ClientContext>();
  std::unique_ptr<grpc::ClientReader<v1::WatchEvent>> stream;
};

TEST_F(WatchCallTest, Watch_CurrentThenChanges) {
  v1::WatchRequest request;
  request.set_with_current(true);
  call(request);
  wait_until_watched();
  EXPECT_TRUE(acceptor.on_daemons_thread([this] { return wants_snapshot; }));
  tell(HealthEvent::current, "demo");
  EXPECT_EQ(read(), "current demo");
  tell(HealthEvent::added, "new");
  EXPECT_EQ(read(), "added new");
  tell(HealthEvent::removed, "demo");
  EXPECT_EQ(read(), "removed demo");
  context->TryCancel();
}

TEST_F(WatchCallTest, Watch_OneScope_OnlyItsChanges) {
  v1::WatchRequest request;
  request.mutable_scope()->set_workspace("demo");
  call(request);
  wait_until_watched();
  tell(HealthEvent::changed, "other");
  tell(HealthEvent::changed, "demo");
  EXPECT_EQ(read(), "changed demo");
  context->TryCancel();
}

TEST_F(WatchCallTest, WatchWithCurrent_OneScope_SentAtOnceThenDifferences) {
  v1::WatchRequest request;
  request.mutable_scope()->set_workspace("demo");
  request.set_with_current(true);
  call(request);
  EXPECT_EQ(read(), "current demo");
  tell(HealthEvent::current, "other");
  tell(HealthEvent::current, "demo");
  tell(HealthEvent::changed, "demo");
  EXPECT_EQ(read(), "changed demo");
  context->TryCancel();
}

TEST_F(WatchCallTest, WatchWithCurrent_OneScope_ChangeBeforeCurrent) {
  v1::WatchRequest request;
  request.mutable_scope()->set_workspace("demo");
  request.set_with_current(true);
  call(request);
  EXPECT_EQ(read(), "current demo");
  tell(HealthEvent::current, "demo", Verdict::rejected);
  EXPECT_EQ(read(), "changed demo");
  context->TryCancel();
}

TEST_F(WatchCallTest, WatchWithCurrent_Unavailable_EndsWithError) {
  v1::WatchRequest request;
  request.set_with_current(true);
  call(request);
  wait_until_watched();
  acceptor.on_daemons_thread([this] {
    failed({Reason::config_unreadable, "the folder of workspaces cannot be read", {}});
    return true;
  });
  EXPECT_EQ(read(), "nothing");
  EXPECT_EQ(client::error_from_status(stream->Finish()).reason, Reason::config_unreadable);
  EXPECT_FALSE(is_watched());
}

TEST_F(WatchCallTest, Watch_UnknownScope_Rejected) {
  v1::WatchRequest request;
  request.mutable_scope()->set_workspace("unknown");
  call(request);
  EXPECT_EQ(read(), "nothing");
  EXPECT_EQ(client::error_from_status(stream->Finish()).reason, Reason::unknown_workspace);
  EXPECT_FALSE(is_watched());
}

TEST_F(WatchCallTest, ClientGone_WatchEnds) {
  call({});
  wait_until_watched();
  context->TryCancel();
  EXPECT_TRUE(acceptor.comes_true([this] { return !is_watched(); }));
}

TEST_F(WatchCallTest, DaemonEnds_WatchEndsWithoutDelay) {
  call({});
  wait_until_watched();
  EXPECT_TRUE(acceptor.close());
  EXPECT_EQ(read(), "nothing");
  const Error error = client::error_from_status(stream->Finish());
  EXPECT_EQ(error.reason, Reason::daemon_unreachable);
  EXPECT_EQ(error.message, "jackind ends");
}

TEST_F(WatchCallTest, Drain_WatchContinues) {
  call({});
  wait_until_watched();
  EXPECT_TRUE(acceptor.drain().get());
  tell(HealthEvent::changed, "demo");
  EXPECT_EQ(read(), "changed demo");
  context->TryCancel();
}

TEST_F(WatchCallTest, Watches_OverLimitOfProcess_Refused) {
  acceptor.limits.watches = {.in_all = 10, .per_process = 1};
  call({});
  wait_until_watched();
  auto second_context = std::make_unique<grpc::ClientContext>();
  second_context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  auto second = stub->Watch(second_context.get(), {});
  v1::WatchEvent event;
  EXPECT_FALSE(second->Read(&event));
  const auto status = second->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(client::error_from_status(status).reason, Reason::limit_reached);
  tell(HealthEvent::changed, "demo");
  EXPECT_EQ(read(), "changed demo");

  context->TryCancel();
  EXPECT_TRUE(acceptor.comes_true([this] { return !is_watched(); }));
  // Its place is free again once gRPC has released it.
  EXPECT_TRUE(acceptor.comes_true([&] {
    auto third_context = std::make_unique<grpc::ClientContext>();
    third_context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    v1::WatchRequest request;
    request.mutable_scope()->set_workspace("demo");
    request.set_with_current(true);
    auto third = stub->Watch(third_context.get(), request);
    const bool is_told = third->Read(&event);
    third_context->TryCancel();
    return is_told;
  }));
}

TEST_F(WatchCallTest, Lock_ReturnsNumberDropped) {
  acceptor.services.on_lock = [] { return std::size_t{3}; };
  acceptor.open();
  channel = acceptor.channel();
  context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  v1::LockReply reply;
  EXPECT_TRUE(v1::LaunchService::NewStub(channel)->Lock(context.get(), {}, &reply).ok());
  EXPECT_EQ(reply.dropped(), 3U);
}

}  // namespace
}  // namespace jackin::ipc
