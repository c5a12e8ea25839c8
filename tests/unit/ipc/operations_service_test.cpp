// SPDX-License-Identifier: Apache-2.0
// Operations.Watch and Operations.Cancel, against a real registry of operations.
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/rpc/status.hpp"
#include "jackin/v1/operations.grpc.pb.h"
#include "proto/enum_conversion.hpp"
#include "tests/unit/ipc/acceptor_fixture.hpp"

namespace jackin::ipc {
namespace {

using lifecycle::Operations;

class OperationsServiceTest : public testing::Test {
 protected:
  OperationsServiceTest() {
    acceptor.open();
    channel = acceptor.channel();
    stub = v1::OperationsService::NewStub(channel);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  }

  void watch(bool with_current = true) {
    v1::WatchOperationsRequest request;
    request.set_with_current(with_current);
    stream = stub->Watch(&context, request);
  }
  std::string read() {
    v1::OperationEvent event;
    if (!stream->Read(&event)) return "nothing";
    if (event.has_current_sent()) return "current sent";
    last = event.operation();
    if (last.has_result()) return last.id() + " " + word_of_proto(last.result().outcome());
    std::string text = last.id() + " " + word_of_proto(last.step());
    if (last.waits_for() != v1::WAITS_FOR_UNSPECIFIED) text += " waits for " + word_of_proto(last.waits_for());
    return text;
  }
  v1::Operation last;

  void begin(const std::string& id, const std::string& workspace) {
    acceptor.on_daemons_thread([&] {
      auto lease = operations().begin(id, OperationKind::setup, *Scope::workspace(workspace), now(), {4711, 1, "ctl"});
      leases.push_back(std::move(*lease));
      return true;
    });
  }
  void on_lease(const std::function<void(Operations::Lease&)>& change) {
    acceptor.on_daemons_thread([&] {
      change(leases.back());
      return true;
    });
  }
  void end(lifecycle::OperationResult result) {
    on_lease([&](Operations::Lease& lease) { lease.set_result(std::move(result)); });
    acceptor.on_daemons_thread([&] {
      leases.pop_back();
      return true;
    });
  }
  Error cancel(const std::string& id) {
    v1::CancelOperationRequest request;
    request.set_id(id);
    v1::CancelOperationReply reply;
    grpc::ClientContext its_context;
    const auto status = stub->Cancel(&its_context, request, &reply);
    return status.ok() ? Error{} : client::error_from_status(status);
  }
  static Moment now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }
  Operations& operations() { return acceptor.services.operations; }

  test::AcceptorFixture acceptor;
  std::vector<Operations::Lease> leases;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::OperationsService::Stub> stub;
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<v1::OperationEvent>> stream;
};

TEST_F(OperationsServiceTest, Watch_RecentThenRunningThenChanges) {
  begin("one", "a");
  end({Outcome::done, std::nullopt, std::nullopt, now()});
  begin("two", "b");
  watch();
  EXPECT_EQ(read(), "one done");
  EXPECT_EQ(read(), "two ");
  EXPECT_EQ(last.client().command(), "ctl");
  EXPECT_EQ(read(), "current sent");
  on_lease([](Operations::Lease& lease) {
    lease.plan({Step::program, Step::mint, Step::captured});
    lease.enter(Step::mint, "in the browser");
  });
  EXPECT_EQ(read(), "two mint waits for consent");
  EXPECT_EQ(last.detail(), "in the browser");
  EXPECT_EQ(last.step_number(), 2U);
  EXPECT_EQ(last.step_count(), 3U);
  EXPECT_FALSE(last.runs_to_its_end());
  on_lease([](Operations::Lease& lease) { lease.mark_captured(); });
  EXPECT_EQ(read(), "two mint");
  EXPECT_TRUE(last.runs_to_its_end());
  lifecycle::TokenReport report;
  report.scope = *Scope::workspace("b");
  report.stored_in = "file ~/b.token";
  end({Outcome::done, report, std::nullopt, now()});
  EXPECT_EQ(read(), "two done");
  EXPECT_EQ(last.result().report().stored_in(), "file ~/b.token");
}

TEST_F(OperationsServiceTest, Watch_Failure_WithItsError) {
  begin("one", "a");
  Error error{Reason::mint_refused, "claude refused the code", Remedy::of(RemedyAction::setup)};
  end({Outcome::failed, std::nullopt, std::move(error), now()});
  watch();
  EXPECT_EQ(read(), "one failed");
  EXPECT_EQ(last.result().error().reason(), "mint_refused");
  EXPECT_EQ(last.result().error().message(), "claude refused the code");
}

TEST_F(OperationsServiceTest, Watch_ChangesOnly_NothingBefore) {
  begin("one", "a");
  watch(false);
  // The first answer on the connection shows that the call before it has begun.
  EXPECT_EQ(cancel("unknown").reason, Reason::unknown_operation);
  on_lease([](Operations::Lease& lease) { lease.enter(Step::program); });
  EXPECT_EQ(read(), "one program");
}

TEST_F(OperationsServiceTest, Watch_SlowReader_LatestOfEach) {
  watch();
  ASSERT_EQ(read(), "current sent");
  begin("one", "a");
  // More than fits into the connection's buffers.
  const std::string detail(1000, 'x');
  for (int i = 0; i < 20000; ++i) {
    on_lease([&](Operations::Lease& lease) { lease.enter(Step::store, detail); });
  }
  end({Outcome::done, std::nullopt, std::nullopt, now()});
  int events = 0;
  for (std::string event = read(); event != "one done"; event = read()) {
    ASSERT_NE(event, "nothing");
    ++events;
  }
  EXPECT_LT(events, 10000);
}

TEST_F(OperationsServiceTest, Watch_ClientDoesNotRead_StreamEnds) {
  watch();
  ASSERT_EQ(read(), "current sent");
  // More than fits into the connection's buffers.
  const std::string detail(20'000, 'x');
  for (int i = 0; i < 1500; ++i) {
    begin("operation" + std::to_string(i), "a");
    on_lease([&](Operations::Lease& lease) { lease.enter(Step::store, detail); });
    end({Outcome::done, std::nullopt, std::nullopt, now()});
  }
  while (read() != "nothing") {
  }
  EXPECT_EQ(client::error_from_status(stream->Finish()).reason, Reason::limit_reached);
}

TEST_F(OperationsServiceTest, DaemonEnds_StreamSaysSo) {
  watch();
  ASSERT_EQ(read(), "current sent");
  EXPECT_TRUE(acceptor.close());
  EXPECT_EQ(read(), "nothing");
  EXPECT_EQ(client::error_from_status(stream->Finish()).reason, Reason::daemon_unreachable);
}

TEST_F(OperationsServiceTest, Cancel_RunsTheOperationsFunction) {
  begin("one", "a");
  bool is_cancelled = false;
  on_lease([&](Operations::Lease& lease) {
    lease.on_cancel([&] {
      is_cancelled = true;
      return true;
    });
  });
  EXPECT_EQ(cancel("one").message, "");
  EXPECT_TRUE(acceptor.on_daemons_thread([&] { return is_cancelled; }));
}

TEST_F(OperationsServiceTest, Cancel_TooLateOrImpossible_Refused) {
  begin("one", "a");
  EXPECT_EQ(cancel("one").message, "the setup of 'a' cannot be cancelled");
  on_lease([](Operations::Lease& lease) { lease.on_cancel([] { return false; }); });
  EXPECT_EQ(cancel("one").message, "the setup of 'a' has changed something already and runs to its end");
  on_lease([](Operations::Lease& lease) {
    lease.on_cancel([] { return true; });
    lease.mark_captured();
  });
  const Error late = cancel("one");
  EXPECT_EQ(late.reason, Reason::unsupported);
  EXPECT_EQ(late.remedy, Remedy::of(RemedyAction::list_operations));
}

}  // namespace
}  // namespace jackin::ipc
