// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/revoke_call.hpp"

#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <future>
#include <string>
#include <vector>

#include "client/rpc/proto_conversion.hpp"
#include "client/rpc/status.hpp"
#include "common/remedy_command.hpp"
#include "daemon/async/wake_up.hpp"
#include "jackin/v1/tokens.grpc.pb.h"
#include "tests/unit/ipc/acceptor_fixture.hpp"

namespace jackin::ipc {
namespace {

using Each = std::function<void(const lifecycle::RevokeOutcome&)>;

class RevokeCallTest : public testing::Test {
 protected:
  test::AcceptorFixture acceptor;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::TokensService::Stub> stub;
  std::unique_ptr<grpc::ClientContext> context = std::make_unique<grpc::ClientContext>();
  std::unique_ptr<grpc::ClientReader<v1::RevokeEvent>> stream;

  void call(const v1::RevokeRequest& request) {
    acceptor.open();
    channel = acceptor.channel();
    stub = v1::TokensService::NewStub(channel);
    context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    stream = stub->Revoke(context.get(), request);
  }

  static v1::RevokeRequest of_demo() {
    v1::RevokeRequest request;
    request.mutable_scope()->set_workspace("demo");
    return request;
  }

  std::vector<v1::RevokeOutcome> read_all() {
    std::vector<v1::RevokeOutcome> outcomes;
    v1::RevokeEvent event;
    while (stream->Read(&event)) outcomes.push_back(event.outcome());
    return outcomes;
  }

  // Releases the connection: each of these objects keeps it open.
  void go_away() {
    context->TryCancel();
    (void)stream->Finish();
    stream.reset();
    context.reset();
    stub.reset();
    channel.reset();
  }
};

TEST_F(RevokeCallTest, Revoke_OutcomeOfEachScope) {
  std::promise<lifecycle::RevokeRequest> asked;
  acceptor.services.on_revoke = [&](lifecycle::RevokeRequest request, Each each) -> Task<> {
    asked.set_value(std::move(request));
    lifecycle::RevokeOutcome good;
    good.scope = *Scope::workspace("demo");
    good.cleared = true;
    good.deleted = true;
    ProcessIdentity holder;
    holder.pid = 4711;
    holder.command = "claude";
    good.holders.push_back(std::move(holder));
    lifecycle::RevokeNotice notice;
    notice.severity = Severity::warning;
    notice.message = "mind this";
    good.notices.push_back(std::move(notice));
    each(good);
    lifecycle::RevokeOutcome bad;
    bad.scope = *Scope::role("demo", "dev");
    Error error{Reason::store_failed, "it is still there", Remedy::delete_op_item("x", {})};
    bad.error = std::move(error);
    each(bad);
    co_return Result<>();
  };
  v1::RevokeRequest request;
  request.set_all(true);
  request.set_delete_item(true);
  call(request);
  const auto outcomes = read_all();
  EXPECT_TRUE(stream->Finish().ok());
  ASSERT_EQ(outcomes.size(), 2u);
  EXPECT_EQ(outcomes[0].scope().workspace(), "demo");
  EXPECT_TRUE(outcomes[0].cleared());
  EXPECT_TRUE(outcomes[0].deleted());
  EXPECT_FALSE(outcomes[0].has_error());
  EXPECT_EQ(outcomes[0].holders(0).pid(), 4711);
  EXPECT_EQ(outcomes[0].holders(0).command(), "claude");
  EXPECT_EQ(outcomes[0].notices(0).severity(), v1::SEVERITY_WARNING);
  EXPECT_EQ(outcomes[0].notices(0).message(), "mind this");
  EXPECT_EQ(outcomes[1].scope().role(), "dev");
  EXPECT_EQ(outcomes[1].error().reason(), "store_failed");
  EXPECT_EQ(client::remedy_line(outcomes[1].error().remedy()), "op item delete x");
  const auto seen = asked.get_future().get();
  EXPECT_TRUE(seen.all);
  EXPECT_TRUE(seen.delete_item);
  EXPECT_FALSE(seen.force);
  EXPECT_EQ(seen.asked_by.pid, getpid());
}

TEST_F(RevokeCallTest, Revoke_SagaFails_ItsError) {
  acceptor.services.on_revoke = [](lifecycle::RevokeRequest, Each) -> Task<> {
    co_return failure(Reason::slot_missing, "demo has no token of its own",
                      Remedy::of(RemedyAction::revoke, Scope::global()));
  };
  call(of_demo());
  EXPECT_TRUE(read_all().empty());
  const Error error = client::error_from_status(stream->Finish());
  EXPECT_EQ(error.reason, Reason::slot_missing);
  EXPECT_EQ(command_line(error.remedy), "jackinctl revoke --global");
}

TEST_F(RevokeCallTest, Revoke_NoScope_Rejected) {
  bool called = false;
  acceptor.services.on_revoke = [&](lifecycle::RevokeRequest, Each) -> Task<> {
    called = true;
    co_return Result<>();
  };
  call({});
  EXPECT_TRUE(read_all().empty());
  EXPECT_EQ(client::error_from_status(stream->Finish()).reason, Reason::invalid_argument);
  EXPECT_FALSE(called);
}

TEST_F(RevokeCallTest, ClientGone_NothingChanged_Cancelled) {
  std::promise<void> begun;
  std::promise<bool> cancelled;
  acceptor.services.on_revoke = [&](lifecycle::RevokeRequest, Each) -> Task<> {
    async::WakeUp never(co_await asio::this_coro::executor);
    begun.set_value();
    co_await never.wait();
    cancelled.set_value(co_await async::cancelled_already());
    co_return failure(Reason::cancelled, "cancelled");
  };
  call(of_demo());
  begun.get_future().wait();
  go_away();
  EXPECT_TRUE(cancelled.get_future().get());
}

TEST_F(RevokeCallTest, ClientGone_SomethingChanged_Completes) {
  std::promise<void> reported;
  std::promise<bool> cancelled;
  async::WakeUp* gone = nullptr;
  acceptor.services.on_revoke = [&](lifecycle::RevokeRequest, Each each) -> Task<> {
    async::WakeUp client_gone(co_await asio::this_coro::executor);
    gone = &client_gone;
    lifecycle::RevokeOutcome outcome;
    outcome.scope = *Scope::workspace("demo");
    outcome.cleared = true;
    each(outcome);
    reported.set_value();
    co_await client_gone.wait();
    each(outcome);
    cancelled.set_value(co_await async::cancelled_already());
    co_return Result<>();
  };
  v1::RevokeRequest all;
  all.set_all(true);
  call(all);
  reported.get_future().wait();
  go_away();
  EXPECT_TRUE(acceptor.comes_true([&] { return acceptor.connections() == 0; }));
  acceptor.on_daemons_thread([&] {
    gone->notify();
    return true;
  });
  EXPECT_FALSE(cancelled.get_future().get());
  EXPECT_TRUE(acceptor.close());
}

}  // namespace
}  // namespace jackin::ipc
