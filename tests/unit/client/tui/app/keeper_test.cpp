// SPDX-License-Identifier: Apache-2.0
#include "client/tui/app/keeper.hpp"

#include <atomic>
#include <chrono>
#include <thread>

#include "tests/unit/client/tui/app/daemon_fixture.hpp"

namespace jackin::tui {
namespace {

class KeeperTest : public DaemonFixture {};

TEST_F(KeeperTest, Connected_AllRowsPostedTogether) {
  daemon_.watch = [](grpc::ServerContext& context, grpc::ServerWriter<v1::WatchEvent>& writer) {
    writer.Write(event_of(v1::HEALTH_EVENT_CURRENT, "a"));
    writer.Write(event_of(v1::HEALTH_EVENT_CURRENT, "b"));
    writer.Write(complete());
    return until_cancelled(context);
  };
  const Keeper keeper(environment_, paths_, *inbox_);
  const Link link = next<LinkChanged>().link;
  EXPECT_EQ(link.state, Link::State::live);
  EXPECT_EQ(link.daemon_version, "0.1.0");
  const auto rows = next<PictureComplete>().rows;
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].scope.str(), "b");
  EXPECT_TRUE(daemon_.watch_request.with_current());
}

TEST_F(KeeperTest, Connected_FactsPosted) {
  daemon_.status.set_pid(4711);
  const Keeper keeper(environment_, paths_, *inbox_);
  const Facts facts = next<FactsArrived>().facts;
  EXPECT_EQ(facts.daemon_pid, 4711);
  EXPECT_EQ(facts.protocol, "2.0");
  EXPECT_EQ(facts.workspaces_folder, "~/.config/jackin/workspaces");
  EXPECT_EQ(facts.tokens_folder, abbreviate_home(paths_.tokens_dir(), paths_.home));
  EXPECT_TRUE(facts.tokens_folder.ends_with("/tokens"));
}

TEST_F(KeeperTest, RowsChanged_ChangesPostedAfterTheFirstRows) {
  daemon_.watch = [](grpc::ServerContext& context, grpc::ServerWriter<v1::WatchEvent>& writer) {
    writer.Write(event_of(v1::HEALTH_EVENT_CURRENT, "a"));
    writer.Write(complete());
    writer.Write(event_of(v1::HEALTH_EVENT_ADDED, "b"));
    writer.Write(event_of(v1::HEALTH_EVENT_REMOVED, "a"));
    return until_cancelled(context);
  };
  const Keeper keeper(environment_, paths_, *inbox_);
  EXPECT_EQ(next<PictureComplete>().rows.size(), 1U);
  EXPECT_EQ(next<RowChanged>().row.scope.str(), "b");
  EXPECT_EQ(next<RowRemoved>().scope.str(), "a");
}

TEST_F(KeeperTest, ConnectionLost_AwayThenLive) {
  std::atomic<int> watches{0};
  daemon_.watch = [&](grpc::ServerContext& context, grpc::ServerWriter<v1::WatchEvent>& writer) {
    writer.Write(event_of(v1::HEALTH_EVENT_CURRENT, "a"));
    writer.Write(complete());
    if (++watches == 1) return client::status_of({Reason::daemon_unreachable, "jackind ends", {}});
    return until_cancelled(context);
  };
  const Keeper keeper(environment_, paths_, *inbox_);
  EXPECT_EQ(next<LinkChanged>().link.state, Link::State::live);
  const Link away = next<LinkChanged>().link;
  EXPECT_EQ(away.state, Link::State::away);
  EXPECT_TRUE(away.since);
  EXPECT_EQ(next<LinkChanged>().link.state, Link::State::live);
  EXPECT_EQ(next<PictureComplete>().rows.size(), 1U);
}

TEST_F(KeeperTest, OrderlyShutdown_RestartingThenLive) {
  for (const bool is_on_operations : {false, true}) {
    std::atomic<int> watches{0};
    std::atomic<int> operation_watches{0};
    const grpc::Status end =
        client::status_of({Reason::daemon_unreachable, "jackind ends", Remedy::of(RemedyAction::start_daemon)});
    daemon_.watch = [&](grpc::ServerContext& context, grpc::ServerWriter<v1::WatchEvent>& writer) {
      writer.Write(complete());
      return ++watches == 1 && !is_on_operations ? end : until_cancelled(context);
    };
    daemon_.watch_operations = [&](grpc::ServerContext& context, grpc::ServerWriter<v1::OperationEvent>& writer) {
      writer.Write(current_sent());
      return ++operation_watches == 1 && is_on_operations ? end : until_cancelled(context);
    };
    const Keeper keeper(environment_, paths_, *inbox_);
    EXPECT_EQ(next<LinkChanged>().link.state, Link::State::live);
    const Link link = next<LinkChanged>().link;
    EXPECT_EQ(link.state, Link::State::restarting);
    EXPECT_TRUE(link.since);
    EXPECT_EQ(next<LinkChanged>().link.state, Link::State::live);
  }
}

TEST_F(KeeperTest, DaemonAlwaysEndsInOrder_NoBusyLoop) {
  daemon_.watch = [](grpc::ServerContext&, grpc::ServerWriter<v1::WatchEvent>& writer) {
    writer.Write(complete());
    return client::status_of({Reason::daemon_unreachable, "jackind ends", Remedy::of(RemedyAction::start_daemon)});
  };
  const auto begun = std::chrono::steady_clock::now();
  const Keeper keeper(environment_, paths_, *inbox_);
  constexpr int connections = 4;
  for (int i = 0; i < connections; ++i) {
    EXPECT_EQ(next<LinkChanged>().link.state, Link::State::live);
    EXPECT_EQ(next<LinkChanged>().link.state, Link::State::restarting);
  }
  // Without a pause after the first one.
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::seconds(connections - 2));
}

TEST_F(KeeperTest, ReconnectWhileConnected_NextAttemptIsNotAskedFor) {
  std::atomic<bool> ends{false};
  std::atomic<bool> has_ended{false};
  daemon_.watch = [&](grpc::ServerContext& context, grpc::ServerWriter<v1::WatchEvent>& writer) {
    writer.Write(complete());
    while (!ends && !context.IsCancelled()) std::this_thread::yield();
    if (has_ended.exchange(true)) return until_cancelled(context);
    return client::status_of({Reason::daemon_unreachable, "jackind ends", {}});
  };
  Keeper keeper(environment_, paths_, *inbox_);
  next<PictureComplete>();
  keeper.reconnect();
  ends = true;
  const Link away = next<LinkChanged>().link;
  const auto lost = std::chrono::steady_clock::now();
  ASSERT_EQ(away.state, Link::State::away);
  ASSERT_TRUE(away.retry_at);
  EXPECT_EQ(next<LinkChanged>().link.state, Link::State::live);
  // An attempt that the user asks for comes at once, and may start a daemon.
  EXPECT_GE(std::chrono::steady_clock::now() - lost, std::chrono::milliseconds(500));
}

TEST_F(KeeperTest, WatchRefused_PausesAndPostsTheProblem) {
  daemon_.watch = [&](grpc::ServerContext&, grpc::ServerWriter<v1::WatchEvent>&) {
    return client::status_of({Reason::limit_reached, "too many watch", {}});
  };
  const Keeper keeper(environment_, paths_, *inbox_);
  EXPECT_EQ(next<LinkChanged>().link.state, Link::State::live);
  const Link away = next<LinkChanged>().link;
  EXPECT_EQ(away.state, Link::State::away);
  EXPECT_TRUE(away.retry_at);
  EXPECT_EQ(away.problem, "too many watch");
}

TEST_F(KeeperTest, OperationsWatchRefused_PausesAndPostsTheProblem) {
  std::atomic<int> streams{0};
  daemon_.watch_operations = [&](grpc::ServerContext&, grpc::ServerWriter<v1::OperationEvent>&) {
    ++streams;
    return client::status_of({Reason::limit_reached, "too many watch", {}});
  };
  const Keeper keeper(environment_, paths_, *inbox_);
  EXPECT_EQ(next<LinkChanged>().link.state, Link::State::live);
  const Link away = next<LinkChanged>().link;
  EXPECT_EQ(away.state, Link::State::away);
  EXPECT_TRUE(away.retry_at);
  EXPECT_EQ(away.problem, "too many watch");
  EXPECT_EQ(streams, 1);
}

TEST_F(KeeperTest, ConnectionsEndAtOnce_PausesGrow) {
  daemon_.watch = [&](grpc::ServerContext&, grpc::ServerWriter<v1::WatchEvent>& writer) {
    writer.Write(complete());
    return client::status_of({Reason::daemon_unreachable, "jackind ends", {}});
  };
  const Keeper keeper(environment_, paths_, *inbox_);
  const auto now = [] { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); };
  for (const int least : {0, 1}) {
    EXPECT_EQ(next<LinkChanged>().link.state, Link::State::live);
    const Link away = next<LinkChanged>().link;
    ASSERT_TRUE(away.retry_at);
    EXPECT_GE((*away.retry_at - *away.since).count(), least + 1);
    EXPECT_LE(*away.since, now());
  }
}

TEST_F(KeeperTest, Refresh_ConnectionStaysAvailable) {
  Keeper* watched = nullptr;
  std::atomic<int> pictures{0};
  std::atomic<bool> had_connection{true};
  daemon_.watch = [&](grpc::ServerContext& context, grpc::ServerWriter<v1::WatchEvent>& writer) {
    ++pictures;
    writer.Write(complete());
    return until_cancelled(context);
  };
  Keeper keeper(environment_, paths_, *inbox_);
  watched = &keeper;
  next<PictureComplete>();
  std::thread observer([&] {
    while (pictures < 2) had_connection = had_connection && watched->connection().has_value();
  });
  keeper.refresh();
  next<PictureComplete>();
  observer.join();
  EXPECT_TRUE(had_connection);
}

TEST_F(KeeperTest, NoDaemon_AwayAndReconnectTriesAgain) {
  environment_.set("JACKIN_RUNTIME_DIR", (temp_ / "none").string());
  paths_ = *find_paths(environment_);
  Keeper keeper(environment_, paths_, *inbox_);
  const Link away = next<LinkChanged>().link;
  EXPECT_EQ(away.state, Link::State::away);
  EXPECT_TRUE(away.retry_at);
  EXPECT_NE(away.problem.find("not running"), std::string::npos);
  EXPECT_FALSE(keeper.connection());
  keeper.reconnect();
  EXPECT_EQ(next<LinkChanged>().link.state, Link::State::away);
}

TEST_F(KeeperTest, OtherProtocolVersion_OlderOrNewer) {
  daemon_.status.set_version("0.0.9");
  daemon_.hello_major = 1;
  daemon_.status.set_protocol("1.0");
  {
    const Keeper keeper(environment_, paths_, *inbox_);
    const Link link = next<LinkChanged>().link;
    EXPECT_EQ(link.state, Link::State::older);
    EXPECT_EQ(link.daemon_version, "0.0.9");
  }
  daemon_.hello_major = 3;
  daemon_.status.set_protocol("3.0");
  const Keeper keeper(environment_, paths_, *inbox_);
  EXPECT_EQ(next<LinkChanged>().link.state, Link::State::newer);
}

TEST_F(KeeperTest, CurrentStateSent_RunningOperationsPosted) {
  daemon_.watch_operations = [](grpc::ServerContext& context, grpc::ServerWriter<v1::OperationEvent>& writer) {
    v1::OperationEvent ended = operation_event("op-1", "a");
    ended.mutable_operation()->mutable_result()->set_outcome(v1::OPERATION_OUTCOME_DONE);
    writer.Write(ended);
    writer.Write(operation_event("op-2", "b"));
    writer.Write(current_sent());
    writer.Write(operation_event("op-3", "c"));
    return until_cancelled(context);
  };
  const Keeper keeper(environment_, paths_, *inbox_);
  EXPECT_TRUE(next<OperationSeen>().outcome);
  EXPECT_EQ(next<OperationSeen>().id, "op-2");
  EXPECT_EQ(next<OperationsTold>().running, std::vector<std::string>{"op-2"});
  EXPECT_EQ(next<OperationSeen>().id, "op-3");
}

TEST_F(KeeperTest, Refresh_RowsPostedAgainAndLinkStaysLive) {
  Keeper keeper(environment_, paths_, *inbox_);
  next<PictureComplete>();
  keeper.refresh();
  EXPECT_EQ(next<LinkChanged>().link.state, Link::State::live);
  next<PictureComplete>();
}

}  // namespace
}  // namespace jackin::tui
