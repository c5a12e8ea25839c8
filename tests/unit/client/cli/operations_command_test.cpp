// SPDX-License-Identifier: Apache-2.0
// jackinctl operations against a fake daemon.

#include <future>

#include "tests/unit/client/cli/commands.hpp"

namespace jackin::client {
namespace {

v1::OperationEvent event_of(const std::string& id, const std::string& workspace) {
  v1::OperationEvent event;
  auto& operation = *event.mutable_operation();
  operation.set_id(id);
  operation.set_kind(v1::OPERATION_KIND_SETUP);
  operation.mutable_scope()->set_workspace(workspace);
  operation.set_started_at("2027-01-15T07:57:00Z");
  return event;
}

v1::OperationEvent running(const std::string& id, const std::string& workspace) {
  auto event = event_of(id, workspace);
  auto& operation = *event.mutable_operation();
  operation.set_step(v1::STEP_MINT);
  operation.set_detail("in\x1b[31m the browser");
  operation.set_waits_for(v1::WAITS_FOR_CONSENT);
  operation.set_step_number(2);
  operation.set_step_count(8);
  operation.mutable_client()->set_pid(4711);
  operation.mutable_client()->set_command("jackinctl");
  return event;
}

v1::OperationEvent ended(const std::string& id, const std::string& workspace, Reason reason) {
  auto event = event_of(id, workspace);
  auto& result = *event.mutable_operation()->mutable_result();
  result.set_outcome(v1::OPERATION_OUTCOME_FAILED);
  result.mutable_error()->set_reason(std::string(to_code(reason)));
  result.mutable_error()->set_message(reason == Reason::cancelled ? "cancelled; nothing was changed" : "it failed");
  return event;
}

class OperationsCommand : public Commands {
 protected:
  OperationsCommand() {
    daemon_.watch_operations = [this](grpc::ServerContext& context, grpc::ServerWriter<v1::OperationEvent>& writer) {
      for (const auto& event : current_) writer.Write(event);
      v1::OperationEvent all;
      all.mutable_current_sent();
      writer.Write(all);
      if (!after_cancel_) {
        while (!context.IsCancelled()) std::this_thread::yield();
        return grpc::Status(grpc::Status::CANCELLED);
      }
      cancelled_.get_future().wait();
      writer.Write(*after_cancel_);
      while (!context.IsCancelled()) std::this_thread::yield();
      return grpc::Status(grpc::Status::CANCELLED);
    };
    daemon_.cancel_operation = [this](const std::string& id) {
      asked_.push_back(id);
      if (refusal_) return status_of(*refusal_);
      cancelled_.set_value();
      return grpc::Status(grpc::Status::OK);
    };
  }

  std::vector<v1::OperationEvent> current_;
  std::optional<v1::OperationEvent> after_cancel_;
  std::optional<Error> refusal_;
  std::vector<std::string> asked_;
  std::promise<void> cancelled_;
};

TEST_F(OperationsCommand, List_Table) {
  current_ = {ended("aaaabbbbccccdddd", "old", Reason::mint_refused), running("eeeeffffgggghhhh", "my-app")};
  EXPECT_EQ(run({"operations"}), 0);
  EXPECT_EQ(out_,
            "ID        OPERATION  WORKSPACE  STATE                             STARTED    BY\n"
            "aaaabbbb  setup      old        failed: it failed                 3 min ago  jackind\n"
            "eeeeffff  setup      my-app     mint (2 of 8), waits for consent  3 min ago  jackinctl[4711]\n");
}

TEST_F(OperationsCommand, List_Nothing_Sentence) {
  EXPECT_EQ(run({"operations", "list"}), 0);
  EXPECT_EQ(out_, "no operation is running, and none ended in the last 24 hours\n");
}

TEST_F(OperationsCommand, List_Json) {
  current_ = {ended("aaaa", "old", Reason::mint_refused), running("eeee", "my-app")};
  EXPECT_EQ(run({"operations", "list", "--format", "json"}), 0);
  EXPECT_EQ(out_, R"({"operations":[{"id":"aaaa","kind":"setup","scope":"old","started_at":"2027-01-15T07:57:00Z",)"
                  R"("outcome":"failed","error":{"reason":"mint_refused","message":"it failed"}},)"
                  R"({"id":"eeee","kind":"setup","scope":"my-app","step":"mint","detail":"in the browser",)"
                  R"("waits_for":"consent","started_at":"2027-01-15T07:57:00Z",)"
                  R"("started_by":{"pid":4711,"command":"jackinctl"}}]})"
                  "\n");
}

TEST_F(OperationsCommand, Cancel_BeginOfId_WaitsForTheEnd) {
  current_ = {running("eeeeffff", "my-app"), running("ffff", "other")};
  after_cancel_ = ended("eeeeffff", "my-app", Reason::cancelled);
  EXPECT_EQ(run({"operations", "cancel", "eee"}), 0);
  EXPECT_EQ(out_, "setup of my-app: cancelled\n");
  EXPECT_EQ(asked_, std::vector<std::string>{"eeeeffff"});
}

TEST_F(OperationsCommand, Cancel_UnknownOrAmbiguous_NothingSent) {
  current_ = {running("eeeeffff", "my-app"), running("eeee", "other"), ended("gggg", "old", Reason::internal)};
  EXPECT_EQ(run({"operations", "cancel", "ee"}), 2);
  EXPECT_EQ(err_, "error: several operations have IDs that begin with 'ee'\ntry: jackinctl operations\n");
  for (const std::string id : {"zz", "gggg"}) {
    EXPECT_EQ(run({"operations", "cancel", id}), 1);
    EXPECT_EQ(err_, "error: no running operation has the ID '" + id + "'\ntry: jackinctl operations\n");
  }
  EXPECT_TRUE(asked_.empty());
}

TEST_F(OperationsCommand, Cancel_TooLate_ItsError) {
  current_ = {running("eeee", "my-app")};
  refusal_ = Error{Reason::unsupported, "it runs to its end", {}};
  EXPECT_EQ(run({"operations", "cancel", "eeee"}), 1);
  EXPECT_EQ(err_, "error: it runs to its end\n");
}

TEST_F(OperationsCommand, Watch_OneLineEach) {
  daemon_.watch_operations = [](grpc::ServerContext&, grpc::ServerWriter<v1::OperationEvent>& writer) {
    writer.Write(running("eeeeffffgggghhhh", "my-app"));
    writer.Write(ended("eeeeffffgggghhhh", "my-app", Reason::cancelled));
    return status_of({Reason::daemon_unreachable, "jackind ends", {}});
  };
  EXPECT_EQ(run({"operations", "watch"}), 4);
  EXPECT_EQ(out_,
            "eeeeffff  setup my-app  mint (2 of 8), waits for consent\n"
            "eeeeffff  setup my-app  cancelled; nothing was changed\n");
}

}  // namespace
}  // namespace jackin::client
