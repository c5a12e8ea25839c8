// SPDX-License-Identifier: Apache-2.0
// The calls of client/core against a fake daemon.

#include <gtest/gtest.h>
#include <unistd.h>

#include <future>
#include <stdexcept>
#include <thread>

#include "client/core/daemon_control.hpp"
#include "client/core/health.hpp"
#include "client/core/place_listing.hpp"
#include "client/core/revoke.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/client/core/fake_daemon.hpp"

namespace jackin::client {
namespace {

v1::RevokeEvent outcome_of(const std::string& workspace, bool cleared) {
  v1::RevokeEvent event;
  event.mutable_outcome()->mutable_scope()->set_workspace(workspace);
  event.mutable_outcome()->set_cleared(cleared);
  return event;
}

v1::RevokeEvent begun(const std::string& id) {
  v1::RevokeEvent event;
  event.mutable_begun()->set_id(id);
  return event;
}

class Calls : public testing::Test {
 protected:
  Connection connected() {
    auto connection = connect_();
    if (!connection) throw std::runtime_error(connection.error().message);
    return std::move(*connection);
  }

  // The user stops the call once the daemon has it.
  RunCall stopping() {
    return [this](grpc::ClientContext& context, const std::function<void()>& work) {
      std::thread worker(work);
      reached_.get_future().wait();
      context.TryCancel();
      worker.join();
      return true;
    };
  }

  grpc::Status wait_for_stop(grpc::ServerContext& context) {
    reached_.set_value();
    while (!context.IsCancelled()) std::this_thread::yield();
    return grpc::Status::CANCELLED;
  }

  test::TempDir temp_;
  FakeDaemon daemon_{temp_.path().string()};
  Environment environment_{Environment::Variables{
      {"HOME", temp_.path().string()}, {"JACKIN_RUNTIME_DIR", temp_.path().string()}, {"JACKIN_NO_AUTOSTART", "1"}}};
  Connect connect_ = [this] { return Connection::open(environment_, Autostart::no); };
  RunCall run_ = [](grpc::ClientContext&, const std::function<void()>& work) {
    work();
    return false;
  };
  // The user stops the call when it has ended.
  RunCall stopped_at_the_end_ = [](grpc::ClientContext&, const std::function<void()>& work) {
    work();
    return true;
  };
  std::promise<void> reached_;
};

TEST_F(Calls, Probe_Answer) {
  daemon_.probe.set_fingerprint("a3f9c2b81e74");
  const auto answer = probe(connect_, {});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->fingerprint(), "a3f9c2b81e74");
}

TEST_F(Calls, Examine_Results_SortedByName) {
  for (const char* name : {"b", "a"}) {
    v1::DoctorEvent event;
    event.mutable_scope()->mutable_scope()->set_workspace(name);
    daemon_.doctor.push_back(event);
  }
  daemon_.doctor.emplace_back().mutable_progress()->set_total(2);
  std::uint32_t total = 0;
  const auto found = examine(connected(), {}, [&](const v1::Progress& progress) { total = progress.total(); });
  ASSERT_TRUE(found);
  EXPECT_EQ(total, 2U);
  ASSERT_EQ(found->scopes.size(), 2U);
  EXPECT_EQ(found->scopes[0].scope().workspace(), "a");
  EXPECT_FALSE(found->single);
}

TEST_F(Calls, Examine_StoppedAfterTheLastResult_ResultReturned) {
  daemon_.doctor.emplace_back().mutable_scope()->mutable_scope()->set_workspace("a");
  const auto found = examine(
      connected(), {}, [](const v1::Progress&) {}, stopped_at_the_end_);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->scopes.size(), 1U);
}

TEST_F(Calls, ListPlaces_StoppedAfterTheReply_Answered) {
  daemon_.op_vaults.add_vaults()->set_id("work");
  EXPECT_TRUE(list_places(connect_, environment_, v1::OpVaultsRequest(), stopped_at_the_end_));
}

TEST_F(Calls, Watch_ViewDone_Ends) {
  daemon_.watch = [](grpc::ServerContext& context, grpc::ServerWriter<v1::WatchEvent>& writer) {
    writer.Write(v1::WatchEvent());
    while (!context.IsCancelled()) std::this_thread::yield();
    return grpc::Status::CANCELLED;
  };
  int events = 0;
  EXPECT_TRUE(watch(
      connected(), {}, [&](const v1::WatchEvent&) { return ++events < 1; }, run_));
  EXPECT_EQ(events, 1);
}

TEST_F(Calls, Watch_DaemonEnds_Error) {
  daemon_.watch = [](grpc::ServerContext&, grpc::ServerWriter<v1::WatchEvent>&) {
    return status_of({Reason::daemon_unreachable, "jackind ends", {}});
  };
  const auto ended = watch(
      connected(), {}, [](const v1::WatchEvent&) { return true; }, run_);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().reason, Reason::daemon_unreachable);
}

TEST_F(Calls, Revoke_Outcomes_Counted) {
  daemon_.revoke = [](grpc::ServerContext&, grpc::ServerWriter<v1::RevokeEvent>& writer) {
    writer.Write(outcome_of("a", true));
    writer.Write(outcome_of("b", false));
    return grpc::Status::OK;
  };
  std::vector<std::string> seen;
  const RevokeEnd end = revoke(
      connected(), revoke_request(std::nullopt, {.delete_item = true}, environment_),
      [&](const v1::RevokeOutcome& outcome) { seen.push_back(outcome.scope().workspace()); }, run_);
  EXPECT_EQ(seen, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(end.outcomes, 2);
  EXPECT_EQ(end.cleared, 1);
  EXPECT_FALSE(end.error);
  EXPECT_TRUE(daemon_.revoke_request.all());
  EXPECT_TRUE(daemon_.revoke_request.delete_item());
  EXPECT_FALSE(daemon_.revoke_request.force());
}

TEST_F(Calls, Revoke_StoppedBeforeChange_Cancelled) {
  daemon_.revoke = [&](grpc::ServerContext& context, grpc::ServerWriter<v1::RevokeEvent>&) {
    return wait_for_stop(context);
  };
  const RevokeEnd end = revoke(
      connected(), revoke_request(Scope::global(), {}, environment_), [](const v1::RevokeOutcome&) {}, stopping());
  EXPECT_EQ(end.stopped, RevokeEnd::Stopped::cancelled);
  EXPECT_FALSE(end.error);
}

TEST_F(Calls, Revoke_StoppedAfterChange_Detached) {
  std::promise<void> named;
  daemon_.revoke = [&](grpc::ServerContext& context, grpc::ServerWriter<v1::RevokeEvent>& writer) {
    v1::Operation& operation = *daemon_.status.add_operations();
    operation.set_id("op-7");
    operation.set_runs_to_its_end(true);
    writer.Write(begun("op-7"));
    named.get_future().wait();
    return wait_for_stop(context);
  };
  const RevokeEnd end = revoke(
      connected(), revoke_request(Scope::global(), {}, environment_), [](const v1::RevokeOutcome&) {}, stopping(),
      [&](const std::string&) { named.set_value(); });
  EXPECT_EQ(end.stopped, RevokeEnd::Stopped::detached);
}

TEST_F(Calls, Revoke_AnotherOperationOfThisProcessRunsOn_Cancelled) {
  std::promise<void> named;
  daemon_.revoke = [&](grpc::ServerContext& context, grpc::ServerWriter<v1::RevokeEvent>& writer) {
    v1::Operation& other = *daemon_.status.add_operations();
    other.set_id("op-8");
    other.mutable_client()->set_pid(getpid());
    other.set_runs_to_its_end(true);
    writer.Write(begun("op-7"));
    named.get_future().wait();
    return wait_for_stop(context);
  };
  const RevokeEnd end = revoke(
      connected(), revoke_request(Scope::global(), {}, environment_), [](const v1::RevokeOutcome&) {}, stopping(),
      [&](const std::string&) { named.set_value(); });
  EXPECT_EQ(end.stopped, RevokeEnd::Stopped::cancelled);
}

TEST_F(Calls, Revoke_StoppedInTheNextScope_ItsOperationDecides) {
  std::promise<void> seen;
  daemon_.revoke = [&](grpc::ServerContext& context, grpc::ServerWriter<v1::RevokeEvent>& writer) {
    v1::Operation& next = *daemon_.status.add_operations();
    next.set_id("op-8");
    next.set_kind(v1::OPERATION_KIND_REVOKE);
    next.mutable_client()->set_pid(getpid());
    next.set_runs_to_its_end(true);
    writer.Write(begun("op-7"));
    writer.Write(outcome_of("a", false));
    seen.get_future().wait();
    return wait_for_stop(context);
  };
  const RevokeEnd end = revoke(
      connected(), revoke_request(std::nullopt, {}, environment_), [&](const v1::RevokeOutcome&) { seen.set_value(); },
      stopping());
  EXPECT_EQ(end.stopped, RevokeEnd::Stopped::detached);
}

TEST_F(Calls, Revoke_StoppedAfterADeletion_Detached) {
  std::promise<void> seen;
  daemon_.revoke = [&](grpc::ServerContext& context, grpc::ServerWriter<v1::RevokeEvent>& writer) {
    v1::RevokeEvent deleted = outcome_of("a", false);
    deleted.mutable_outcome()->set_deleted(true);
    writer.Write(deleted);
    seen.get_future().wait();
    return wait_for_stop(context);
  };
  const RevokeEnd end = revoke(
      connected(), revoke_request(std::nullopt, {.delete_item = true}, environment_),
      [&](const v1::RevokeOutcome&) { seen.set_value(); }, stopping());
  EXPECT_EQ(end.stopped, RevokeEnd::Stopped::detached);
  EXPECT_EQ(end.cleared, 0);
}

TEST_F(Calls, TokensToRevoke_UnreadableFile_LeftOut) {
  v1::ProbeReply& token = *daemon_.overview.add_scopes();
  token.mutable_scope()->set_workspace("a");
  token.set_mode(v1::AUTH_MODE_OAUTH_TOKEN);
  token.set_source("file ~/x");
  v1::ProbeReply& broken = *daemon_.overview.add_scopes();
  broken.mutable_scope()->set_workspace("b");
  broken.set_verdict(v1::VERDICT_MALFORMED);
  const auto tokens = tokens_to_revoke(connected());
  ASSERT_TRUE(tokens);
  ASSERT_EQ(tokens->size(), 1U);
  EXPECT_EQ(tokens->front().scope.str(), "a");
}

TEST_F(Calls, ListPlaces_Query_Answered) {
  daemon_.op_vaults.add_vaults()->set_id("work");
  const auto listing = list_places(connect_, environment_, v1::OpVaultsRequest(), run_);
  ASSERT_TRUE(listing);
  EXPECT_EQ(std::get<v1::OpVaultsReply>(*listing).vaults(0).id(), "work");
}

TEST_F(Calls, ListPlaces_Stopped_Cancelled) {
  daemon_.op_vaults_answer = [&](grpc::ServerContext& context) { return wait_for_stop(context); };
  const auto listing = list_places(connect_, environment_, v1::OpVaultsRequest(), stopping());
  ASSERT_FALSE(listing);
  EXPECT_EQ(listing.error().reason, Reason::cancelled);
}

TEST_F(Calls, DropCachedTokens_Number) {
  daemon_.dropped = 3;
  const auto dropped = drop_cached_tokens(connected());
  ASSERT_TRUE(dropped);
  EXPECT_EQ(*dropped, 3U);
}

TEST_F(Calls, StopDaemon_NoneRuns_Unreachable) {
  Environment elsewhere = environment_;
  elsewhere.set("JACKIN_RUNTIME_DIR", (temp_ / "none").string());
  const auto stopped = stop_daemon(elsewhere, {});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().reason, Reason::daemon_unreachable);
}

}  // namespace
}  // namespace jackin::client
