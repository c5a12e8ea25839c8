// SPDX-License-Identifier: Apache-2.0
// jackinctl show against a fake daemon.

#include "tests/unit/client/cli/commands.hpp"

namespace jackin::client {
namespace {

v1::OperationEvent operation_of(const std::string& id, const std::string& workspace) {
  v1::OperationEvent event;
  auto& operation = *event.mutable_operation();
  operation.set_id(id);
  operation.set_kind(v1::OPERATION_KIND_ROTATE);
  operation.mutable_scope()->set_workspace(workspace);
  operation.set_started_at("2027-01-15T07:57:00Z");
  operation.mutable_result()->set_outcome(v1::OPERATION_OUTCOME_DONE);
  return event;
}

class ShowCommand : public Commands {
 protected:
  ShowCommand() {
    v1::DetailsReply& details = daemon_.details;
    v1::ProbeReply& probe = *details.mutable_probe();
    probe.mutable_scope()->set_workspace("my-app");
    probe.mutable_scope()->set_role("dev");
    probe.mutable_owner()->set_workspace("my-app");
    probe.set_decision(v1::DECISION_WARN);
    probe.set_verdict(v1::VERDICT_EXPIRING);
    probe.set_mode(v1::AUTH_MODE_OAUTH_TOKEN);
    probe.set_source("file ~/tokens/my-app.token");
    probe.set_summary("the token expires in 5 days");
    probe.mutable_remedy()->set_action(v1::REMEDY_ACTION_ROTATE);
    probe.mutable_remedy()->mutable_scope()->set_workspace("my-app");
    probe.set_fingerprint("a3f9c2b81e74");
    probe.set_expires_on("2027-01-20");
    probe.set_days_left(5);
    probe.set_expiry_estimated(true);
    probe.set_created_by_jackind(true);
    probe.set_checked_at("2027-01-15T07:55:00Z");
    probe.set_fresh(true);
    details.set_recorded_at("2026-01-20T08:00:00Z");
    details.set_file("workspaces/my-app.toml");
    details.add_shared_with()->set_workspace("other");
    v1::Process& holder = *details.add_holders();
    holder.set_pid(4711);
    holder.set_command("cla\x1b[31mude");
    v1::Finding& finding = *details.add_findings();
    finding.set_severity(v1::SEVERITY_WARNING);
    finding.set_code("expiring");
    finding.set_message("the token expires in 5 days");
    v1::HistoryEntry& entry = *details.add_history();
    entry.set_verdict(v1::VERDICT_EXPIRING);
    entry.set_summary("the token expires in 30 days");
    entry.set_at("2026-12-21T08:00:00Z");
    daemon_.watch_operations = [this](grpc::ServerContext& context, grpc::ServerWriter<v1::OperationEvent>& writer) {
      for (const auto& event : current_) writer.Write(event);
      v1::OperationEvent all;
      all.mutable_current_sent();
      writer.Write(all);
      while (!context.IsCancelled()) std::this_thread::yield();
      return grpc::Status(grpc::Status::CANCELLED);
    };
    auto own = operation_of("aaaabbbbccccdddd", "my-app");
    own.mutable_operation()->mutable_scope()->set_role("dev");
    current_ = {own, operation_of("eeeeffffgggghhhh", "my-app"), operation_of("iiiijjjjkkkkllll", "other")};
  }

  std::vector<v1::OperationEvent> current_;
};

TEST_F(ShowCommand, Text_EverythingKnown) {
  EXPECT_EQ(run({"show", "my-app:dev"}), 0);
  EXPECT_EQ(daemon_.details_request.scope().workspace(), "my-app");
  EXPECT_EQ(daemon_.details_request.scope().role(), "dev");
  EXPECT_EQ(err_, "");
  EXPECT_EQ(out_,
            "workspace     my-app\n"
            "role          dev\n"
            "health        ! expiring\n"
            "              the token expires in 5 days\n"
            "mode          oauth_token\n"
            "source        file ~/tokens/my-app.token\n"
            "fingerprint   a3f9c2b81e74\n"
            "expires       2027-01-20 (5 days, estimated)\n"
            "checked       5 min ago\n"
            "set in        workspaces/my-app.toml\n"
            "set by        my-app\n"
            "recorded      360 days ago\n"
            "created by    jackind\n"
            "shared with   other\n"
            "used by       4711  claude\n"
            "try: jackinctl rotate my-app\n"
            "\n"
            "findings\n"
            "  ! the token expires in 5 days\n"
            "\n"
            "operations\n"
            "ID        OPERATION  WORKSPACE   STATE  STARTED    BY\n"
            "aaaabbbb  rotate     my-app:dev  done   3 min ago  jackind\n"
            "\n"
            "history\n"
            "SINCE        HEALTH    SUMMARY\n"
            "25 days ago  expiring  the token expires in 30 days\n");
}

TEST_F(ShowCommand, Json_ProbeAndAllThatIsKnown) {
  EXPECT_EQ(run({"show", "my-app", "--role", "dev", "-o", "json"}), 0);
  EXPECT_EQ(out_, R"({"scope":"my-app:dev","decision":"warn","verdict":"expiring","mode":"oauth_token",)"
                  R"("source":"file ~/tokens/my-app.token","summary":"the token expires in 5 days",)"
                  R"("remedy":"jackinctl rotate my-app","fingerprint":"a3f9c2b81e74","expires_on":"2027-01-20",)"
                  R"("days_left":5,"checked_at":"2027-01-15T07:55:00Z","fresh":true,"owner":"my-app",)"
                  R"("created_by_jackind":true,"expiry_estimated":true,"recorded_at":"2026-01-20T08:00:00Z",)"
                  R"("slot_file":"workspaces/my-app.toml","shared_with":["other"],)"
                  R"("findings":[{"severity":"warning","code":"expiring","message":"the token expires in 5 days"}],)"
                  R"("history":[{"verdict":"expiring","summary":"the token expires in 30 days",)"
                  R"("at":"2026-12-21T08:00:00Z"}],"holders":[{"pid":4711,"command":"claude"}],)"
                  R"("operations":[{"id":"aaaabbbbccccdddd","kind":"rotate","scope":"my-app:dev",)"
                  R"("started_at":"2027-01-15T07:57:00Z","outcome":"done"}]})"
                  "\n");
}

TEST_F(ShowCommand, NothingKnown_NoSections) {
  const v1::ProbeReply probe = daemon_.probe;
  daemon_.details.Clear();
  *daemon_.details.mutable_probe() = probe;
  current_.clear();
  EXPECT_EQ(run({"show", "my-app"}), 0);
  EXPECT_EQ(out_,
            "workspace     my-app\n"
            "health        + ok\n"
            "checked       never\n");
  EXPECT_EQ(run({"show", "my-app", "--json"}), 0);
  EXPECT_NE(out_.find(R"("shared_with":[],"findings":[],"history":[],"holders":[],"operations":[])"), std::string::npos)
      << out_;
}

TEST_F(ShowCommand, NoScope_DefaultNamed) {
  daemon_.workspace_here = "here";
  EXPECT_EQ(run({"show"}), 0);
  EXPECT_EQ(daemon_.details_request.scope().workspace(), "here");
  EXPECT_EQ(err_, "using workspace 'here' (workdir is this folder)\n");
}

}  // namespace
}  // namespace jackin::client
