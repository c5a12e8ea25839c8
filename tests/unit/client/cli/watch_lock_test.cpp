// SPDX-License-Identifier: Apache-2.0
// jackinctl watch and jackinctl lock against a fake daemon.

#include <signal.h>

#include <chrono>
#include <future>
#include <thread>

#include "tests/unit/client/cli/commands.hpp"

namespace jackin::client {
namespace {

v1::WatchEvent change(v1::HealthEvent event, v1::Decision decision, v1::Verdict verdict) {
  v1::WatchEvent proto;
  proto.set_event(event);
  proto.mutable_probe()->mutable_scope()->set_workspace("my-app");
  proto.mutable_probe()->set_decision(decision);
  proto.mutable_probe()->set_verdict(verdict);
  proto.mutable_probe()->set_summary("in one\x1b[31m sentence");
  return proto;
}

class Watch : public Commands {
 protected:
  // Waits until the client disconnects.
  static grpc::Status until_gone(grpc::ServerContext& context) {
    while (!context.IsCancelled()) std::this_thread::yield();
    return grpc::Status::CANCELLED;
  }
};

TEST_F(Watch, Text_Change_OneLineEach) {
  daemon_.watch = [](grpc::ServerContext&, grpc::ServerWriter<v1::WatchEvent>& writer) {
    writer.Write(change(v1::HEALTH_EVENT_CHANGED, v1::DECISION_BLOCK, v1::VERDICT_REJECTED));
    writer.Write(change(v1::HEALTH_EVENT_REMOVED, v1::DECISION_BLOCK, v1::VERDICT_REJECTED));
    return status_of({Reason::daemon_unreachable, "jackind ends", Remedy::of(RemedyAction::start_daemon)});
  };
  EXPECT_EQ(run({"watch"}), 4);
  EXPECT_EQ(out_,
            "changed  my-app  x rejected: in one sentence\n"
            "removed  my-app\n");
  EXPECT_EQ(err_, "error: jackind ends\ntry: jackinctl daemon start\n");
  EXPECT_FALSE(daemon_.watch_request.has_scope());
  EXPECT_FALSE(daemon_.watch_request.with_current());
}

TEST_F(Watch, Json_Change_OneObjectEach) {
  daemon_.watch = [](grpc::ServerContext&, grpc::ServerWriter<v1::WatchEvent>& writer) {
    auto event = change(v1::HEALTH_EVENT_ADDED, v1::DECISION_ALLOW, v1::VERDICT_OK);
    event.mutable_probe()->set_days_left(0);
    writer.Write(event);
    return status_of({Reason::daemon_unreachable, "jackind ends", {}});
  };
  EXPECT_EQ(run({"watch", "my-app", "--role", "dev", "--format", "json"}), 4);
  EXPECT_EQ(out_, R"({"event":"added","scope":"my-app","decision":"allow","verdict":"ok","summary":"in one sentence",)"
                  R"("days_left":0,"fresh":false})"
                  "\n");
  EXPECT_EQ(daemon_.watch_request.scope().role(), "dev");
}

TEST_F(Watch, CtrlC_Exit0) {
  daemon_.watch = [](grpc::ServerContext& context, grpc::ServerWriter<v1::WatchEvent>& writer) {
    writer.Write(change(v1::HEALTH_EVENT_CHANGED, v1::DECISION_ALLOW, v1::VERDICT_OK));
    // The client already catches the signal: it catches it before it makes the call.
    kill(getpid(), SIGINT);
    return until_gone(context);
  };
  EXPECT_EQ(run({"watch"}), 0);
  EXPECT_EQ(err_, "");
}

TEST_F(Watch, StdoutFull_Exit1WithError) {
  full_ = true;
  daemon_.watch = [](grpc::ServerContext& context, grpc::ServerWriter<v1::WatchEvent>& writer) {
    writer.Write(change(v1::HEALTH_EVENT_CHANGED, v1::DECISION_ALLOW, v1::VERDICT_OK));
    return until_gone(context);
  };
  EXPECT_EQ(run({"watch"}), 1);
  EXPECT_NE(err_.find("error: "), std::string::npos);
}

TEST_F(Watch, UnknownWorkspace_Exit1) {
  daemon_.watch = [](grpc::ServerContext&, grpc::ServerWriter<v1::WatchEvent>&) {
    return status_of({Reason::unknown_workspace, "no workspace 'mine'", Remedy::of(RemedyAction::list_scopes)});
  };
  EXPECT_EQ(run({"watch", "mine"}), 1);
  EXPECT_EQ(run({"watch", "--role", "r"}), 2);
}

TEST_F(Commands, Lock_DroppedTokens_CountPrinted) {
  EXPECT_EQ(run({"lock"}), 0);
  EXPECT_EQ(out_, "no token was cached\n");
  daemon_.dropped = 1;
  EXPECT_EQ(run({"lock"}), 0);
  EXPECT_EQ(out_, "1 token dropped from memory\n");
  daemon_.dropped = 2;
  EXPECT_EQ(run({"lock", "--format", "json"}), 0);
  EXPECT_EQ(out_, "{\"dropped\":2}\n");
}

TEST_F(Commands, Lock_NoDaemon_Exit4) {
  runtime_ = "/no/such/folder";
  EXPECT_EQ(run({"lock"}), 4);
}

}  // namespace
}  // namespace jackin::client
