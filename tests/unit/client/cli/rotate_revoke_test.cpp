// SPDX-License-Identifier: Apache-2.0
// rotate and revoke against a fake daemon: output, errors and exit codes.

#include <csignal>
#include <future>

#include "proto/enum_conversion.hpp"
#include "tests/unit/client/cli/commands.hpp"

namespace jackin::client {
namespace {

v1::TokenEvent step_named(v1::Step name) {
  v1::TokenEvent event;
  event.mutable_step()->set_step(name);
  return event;
}

v1::TokenEvent report_for(const v1::Scope& scope) {
  v1::TokenEvent event;
  *event.mutable_report()->mutable_scope() = scope;
  event.mutable_report()->set_fingerprint("a3f9c2b81e74");
  event.mutable_report()->set_created(true);
  event.mutable_report()->set_deleted_old(true);
  return event;
}

void add_token(v1::OverviewReply& overview, const std::string& workspace, SourceKind kind = SourceKind::file) {
  v1::ProbeReply& probe = *overview.add_scopes();
  probe.mutable_scope()->set_workspace(workspace);
  probe.set_mode(v1::AUTH_MODE_OAUTH_TOKEN);
  probe.set_source(std::string(word_of(kind)) + " somewhere");
  probe.set_source_kind(to_proto(kind));
}

v1::RevokeEvent outcome_of(const std::string& workspace) {
  v1::RevokeEvent event;
  event.mutable_outcome()->mutable_scope()->set_workspace(workspace);
  event.mutable_outcome()->set_cleared(true);
  return event;
}

v1::RevokeEvent failure_of(const std::string& workspace) {
  v1::RevokeEvent event;
  event.mutable_outcome()->mutable_scope()->set_workspace(workspace);
  event.mutable_outcome()->mutable_error()->set_reason("store_failed");
  event.mutable_outcome()->mutable_error()->set_message("it is still there");
  v1::Remedy& remedy = *event.mutable_outcome()->mutable_error()->mutable_remedy();
  remedy.set_action(v1::REMEDY_ACTION_DELETE_OP_ITEM);
  remedy.set_item("x");
  return event;
}

constexpr const char* old_one =
    "The old token still works at Anthropic until you end it: claude.ai > Settings > Claude Code\n";

// --- rotate ---

TEST_F(Commands, Rotate_PlaceOptions_SentAndReportPrinted) {
  v1::RotateRequest asked;
  daemon_.rotate = [&](const v1::RotateRequest& request, FakeDaemon::TokenStream& stream) {
    asked = request;
    stream.Write(step_named(v1::STEP_CAPTURED));
    stream.Write(report_for(request.token().scope()));
    return grpc::Status::OK;
  };
  EXPECT_EQ(run({"rotate", "my-app", "--vault", "Work", "--item-name", "C", "--op-account", "A", "--format", "json"}),
            0);
  EXPECT_EQ(asked.token().scope().workspace(), "my-app");
  EXPECT_EQ(asked.token().place().store(), v1::SOURCE_KIND_OP);
  EXPECT_EQ(asked.token().place().vault(), "Work");
  EXPECT_EQ(asked.token().place().item_name(), "C");
  EXPECT_EQ(asked.token().place().op_account(), "A");
  EXPECT_FALSE(asked.with_sharing());
  EXPECT_EQ(out_,
            "{\"scope\":\"my-app\",\"fingerprint\":\"a3f9c2b81e74\",\"created\":true,\"deleted_old\":true,"
            "\"old_holders\":[]}\n");
  EXPECT_EQ(run({"workspace", "claude-token", "rotate", "my-app"}), 0);
  EXPECT_EQ(out_, std::string("workspace     my-app\nfingerprint   a3f9c2b81e74\nold item      deleted\n\n") + old_one);
}

TEST_F(Commands, RotateAll_SharedTokenAndFailure_OthersRotatedOnce) {
  add_token(daemon_.overview, "a");
  add_token(daemon_.overview, "b");
  add_token(daemon_.overview, "c");
  v1::SharingGroup& group = *daemon_.overview.add_groups();
  for (const int i : {0, 2}) {
    *group.add_scopes() = daemon_.overview.scopes(i).scope();
    daemon_.overview.mutable_scopes(i)->set_group(1);
  }
  add_token(daemon_.overview, "d");
  add_token(daemon_.overview, "e", SourceKind::env);
  std::vector<std::string> asked;
  daemon_.rotate = [&](const v1::RotateRequest& request, FakeDaemon::TokenStream& stream) {
    asked.push_back(request.token().scope().workspace());
    EXPECT_TRUE(request.with_sharing());
    if (asked.back() == "b")
      return status_of({Reason::mint_refused, "claude said no", Remedy::rotate(*Scope::workspace("b"))});
    stream.Write(report_for(request.token().scope()));
    return grpc::Status::OK;
  };
  EXPECT_EQ(run({"rotate", "--all", "--format", "json"}), 1);
  EXPECT_EQ(asked, (std::vector<std::string>{"a", "b", "d"}));
  const std::string rest =
      ",\"fingerprint\":\"a3f9c2b81e74\",\"created\":true,\"deleted_old\":true,\"old_holders\":[]}\n";
  EXPECT_EQ(out_, "{\"scope\":\"a\"" + rest + "{\"scope\":\"d\"" + rest);
  EXPECT_EQ(err_,
            "skipped: e: the token comes from env somewhere, which jackind cannot write to\n"
            "try: jackinctl rotate e --store file\n"
            "1 of 3  a (also c)\n"
            "2 of 3  b\n"
            "{\"error\":{\"reason\":\"mint_refused\",\"message\":\"b: claude said no\",\"remedy\":\"jackinctl rotate "
            "b\"}}\n"
            "3 of 3  d\n");
}

TEST_F(Commands, RotateAll_Failure_RemedyRotatesThatScope) {
  add_token(daemon_.overview, "b c");
  daemon_.rotate = [&](const v1::RotateRequest&, FakeDaemon::TokenStream&) {
    return status_of({Reason::timed_out, "claude was too slow", {}});
  };
  EXPECT_EQ(run({"rotate", "--all", "--vault", "Work"}), 1);
  EXPECT_NE(err_.find("error: b c: claude was too slow\ntry: jackinctl rotate 'b c' --vault Work\n"), std::string::npos)
      << err_;
}

TEST_F(Commands, RotateAll_PlaceGiven_VariableMovedThere) {
  add_token(daemon_.overview, "e", SourceKind::env);
  daemon_.rotate = [&](const v1::RotateRequest& request, FakeDaemon::TokenStream& stream) {
    EXPECT_EQ(request.token().place().store(), v1::SOURCE_KIND_FILE);
    stream.Write(report_for(request.token().scope()));
    return grpc::Status::OK;
  };
  EXPECT_EQ(run({"rotate", "--all", "--store", "file"}), 0);
  EXPECT_NE(out_.find("1 rotated\n"), std::string::npos) << out_;
  EXPECT_NE(out_.find(old_one), std::string::npos) << out_;
}

TEST_F(Commands, RotateAll_Plain_VariableMovedIntoConfiguration) {
  add_token(daemon_.overview, "e", SourceKind::env);
  daemon_.rotate = [&](const v1::RotateRequest& request, FakeDaemon::TokenStream& stream) {
    EXPECT_TRUE(request.token().plain());
    stream.Write(report_for(request.token().scope()));
    return grpc::Status::OK;
  };
  EXPECT_EQ(run({"rotate", "--all", "--plain"}), 0);
  EXPECT_NE(out_.find("1 rotated\n"), std::string::npos) << out_;
}

TEST_F(Commands, RotateAll_CtrlC_Exit5AndRestNotTried) {
  add_token(daemon_.overview, "a");
  add_token(daemon_.overview, "b");
  int calls = 0;
  daemon_.rotate = [&](const v1::RotateRequest&, FakeDaemon::TokenStream& stream) {
    ++calls;
    stream.Write(step_named(v1::STEP_MINT));
    raise(SIGINT);
    v1::TokenInput input;
    while (stream.Read(&input) && !input.user().has_cancel()) {
    }
    return status_of({Reason::cancelled, "cancelled; nothing was changed", {}});
  };
  EXPECT_EQ(run({"rotate", "--all"}), 5);
  EXPECT_EQ(calls, 1);
}

TEST_F(Commands, RotateAll_NoTokens_Exit0) {
  EXPECT_EQ(run({"rotate", "--all"}), 0);
  EXPECT_EQ(out_, "no workspace has a token to rotate\n");
  EXPECT_EQ(run({"rotate", "--all", "--format", "json"}), 0);
  EXPECT_EQ(out_, "");
}

// --- revoke ---

TEST_F(Commands, Revoke_OneScope_NoConfirmation) {
  daemon_.revoke = [&](grpc::ServerContext&, grpc::ServerWriter<v1::RevokeEvent>& writer) {
    writer.Write(outcome_of("my-app"));
    return grpc::Status::OK;
  };
  EXPECT_EQ(run({"revoke", "my-app", "--delete-op-item", "--force", "--format", "json"}), 0);
  EXPECT_EQ(daemon_.revoke_request.scope().workspace(), "my-app");
  EXPECT_TRUE(daemon_.revoke_request.delete_item());
  EXPECT_TRUE(daemon_.revoke_request.force());
  EXPECT_FALSE(daemon_.revoke_request.all());
  EXPECT_EQ(out_, "{\"scope\":\"my-app\",\"cleared\":true,\"deleted\":false}\n");
  EXPECT_EQ(run({"workspace", "claude-token", "revoke", "my-app"}), 0);
  EXPECT_FALSE(daemon_.revoke_request.delete_item());
  EXPECT_EQ(out_, std::string("my-app: token removed from the configuration\n") + old_one);
}

TEST_F(Commands, Revoke_DefaultWorkspace_NeedsConfirmationThatNamesIt) {
  daemon_.workspace_here = "here";
  bool revoked = false;
  daemon_.revoke = [&](grpc::ServerContext&, grpc::ServerWriter<v1::RevokeEvent>&) {
    revoked = true;
    return grpc::Status::OK;
  };
  EXPECT_EQ(run({"revoke", "--delete-item"}), 2);
  EXPECT_FALSE(revoked);
  EXPECT_EQ(
      err_,
      "using workspace 'here' (workdir is this folder)\n"
      "error: no workspace is named; to revoke the token of 'here' needs confirmation, but this is not a terminal\n"
      "try: jackinctl revoke --delete-item --yes here\n");
  EXPECT_EQ(run({"revoke", "--role", "dev"}), 2);
  EXPECT_NE(err_.find("\ntry: jackinctl revoke --yes here --role dev\n"), std::string::npos) << err_;
  EXPECT_FALSE(revoked);
  EXPECT_EQ(run({"revoke", "--yes"}), 0);
  EXPECT_TRUE(revoked);
  EXPECT_EQ(daemon_.revoke_request.scope().workspace(), "here");
}

TEST_F(Commands, Revoke_EmptyWorkspace_DefaultNotRevoked) {
  daemon_.workspace_here = "here";
  variables_["JACKIN_WORKSPACE"] = "there";
  bool revoked = false;
  daemon_.revoke = [&](grpc::ServerContext&, grpc::ServerWriter<v1::RevokeEvent>&) {
    revoked = true;
    return grpc::Status::OK;
  };
  EXPECT_EQ(run({"revoke", "", "--delete-item", "--yes"}), 2);
  EXPECT_EQ(err_,
            "error: the workspace is empty; name one, or leave the argument out for the default workspace\n"
            "try: jackinctl status\n");
  EXPECT_EQ(run({"revoke", "my-app", "--role", "", "--yes"}), 2);
  EXPECT_EQ(err_, "error: the role is empty; name one, or leave --role out\ntry: jackinctl status\n");
  EXPECT_EQ(run({"revoke", "my-app", "--role=", "--yes"}), 2);
  EXPECT_EQ(err_, "error: --role has an empty value\ntry: jackinctl --help\n");
  EXPECT_FALSE(revoked);
}

TEST_F(CommandsOnTerminal, Revoke_DefaultWorkspace_Asked) {
  daemon_.workspace_here = "here";
  bool revoked = false;
  daemon_.revoke = [&](grpc::ServerContext&, grpc::ServerWriter<v1::RevokeEvent>&) {
    revoked = true;
    return grpc::Status::OK;
  };
  type("n\n");
  EXPECT_EQ(run({"revoke"}), 5);
  EXPECT_FALSE(revoked);
  type("y\n");
  EXPECT_EQ(run({"revoke"}), 0);
  EXPECT_TRUE(revoked);
  hang_up();
  EXPECT_NE(shown_.find("'here' loses its token."), std::string::npos) << shown_;
}

TEST_F(Commands, Revoke_DaemonError_PrintedWithRemedy) {
  daemon_.revoke = [&](grpc::ServerContext&, grpc::ServerWriter<v1::RevokeEvent>&) {
    return status_of({Reason::not_ours, "my-app's item was not made by jackind",
                      Remedy::of(RemedyAction::revoke, *Scope::workspace("my-app"))});
  };
  EXPECT_EQ(run({"revoke", "my-app", "--delete-item"}), 1);
  EXPECT_EQ(err_, "error: my-app's item was not made by jackind\ntry: jackinctl revoke my-app\n");
}

TEST_F(Commands, RevokeAll_NoTerminal_NeedsYes) {
  bool asked = false;
  daemon_.revoke = [&](grpc::ServerContext&, grpc::ServerWriter<v1::RevokeEvent>& writer) {
    asked = true;
    writer.Write(outcome_of("a"));
    writer.Write(failure_of("b"));
    return grpc::Status::OK;
  };
  EXPECT_EQ(run({"revoke", "--all", "--format", "json"}), 2);
  EXPECT_EQ(err_.rfind(R"({"error":{"reason":"needs_confirmation",)", 0), 0U) << err_;
  EXPECT_FALSE(asked);
  EXPECT_EQ(run({"revoke", "--all", "--yes", "--format", "json"}), 1);
  EXPECT_TRUE(daemon_.revoke_request.all());
  EXPECT_FALSE(daemon_.revoke_request.has_scope());
  EXPECT_EQ(out_,
            "{\"scope\":\"a\",\"cleared\":true,\"deleted\":false}\n"
            "{\"scope\":\"b\",\"cleared\":false,\"deleted\":false}\n");
  EXPECT_EQ(err_,
            "{\"error\":{\"reason\":\"store_failed\",\"message\":\"b: it is still there\","
            "\"remedy\":\"op item delete x\"}}\n");
}

TEST_F(Commands, Revoke_CtrlCBeforeChange_CancelledExit5) {
  daemon_.revoke = [&](grpc::ServerContext& context, grpc::ServerWriter<v1::RevokeEvent>&) {
    raise(SIGINT);
    while (!context.IsCancelled()) std::this_thread::yield();
    return grpc::Status::CANCELLED;
  };
  EXPECT_EQ(run({"revoke", "my-app"}), 5);
  EXPECT_EQ(err_, "error: cancelled; nothing was changed\n");
}

TEST_F(Commands, RevokeAll_CtrlCAfterChange_DetachedExit5) {
  daemon_.revoke = [&](grpc::ServerContext& context, grpc::ServerWriter<v1::RevokeEvent>& writer) {
    v1::Operation& operation = *daemon_.status.add_operations();
    operation.set_kind(v1::OPERATION_KIND_REVOKE);
    operation.mutable_client()->set_pid(getpid());
    operation.set_runs_to_its_end(true);
    writer.Write(v1::RevokeEvent(outcome_of("a")));
    raise(SIGINT);
    while (!context.IsCancelled()) std::this_thread::yield();
    return grpc::Status::CANCELLED;
  };
  EXPECT_EQ(run({"revoke", "--all", "--yes"}), 5);
  EXPECT_EQ(err_.rfind("error: detached; jackind finishes this revocation by itself\n", 0), 0U) << err_;
}

TEST_F(CommandsOnTerminal, RevokeAll_TokensListed_ConfirmationNeeded) {
  add_token(daemon_.overview, "a");
  add_token(daemon_.overview, "b");
  bool revoked = false;
  daemon_.revoke = [&](grpc::ServerContext&, grpc::ServerWriter<v1::RevokeEvent>& writer) {
    revoked = true;
    writer.Write(outcome_of("a"));
    return grpc::Status::OK;
  };
  auto refused = std::async(std::launch::async, [&] {
    wait_until_shown("[y/N]");
    type("\n");
  });
  EXPECT_EQ(run({"revoke", "--all"}), 5);
  refused.get();
  EXPECT_FALSE(revoked);
  type("y\n");
  EXPECT_EQ(run({"revoke", "--all", "--delete-item"}), 0);
  EXPECT_TRUE(revoked);
  hang_up();
  EXPECT_NE(shown_.find("  a  file somewhere"), std::string::npos) << shown_;
  EXPECT_NE(shown_.find("Stored tokens that jackind created are deleted too"), std::string::npos) << shown_;
}

TEST_F(CommandsOnTerminal, RotateAll_ProgressShown) {
  add_token(daemon_.overview, "a");
  add_token(daemon_.overview, "b");
  daemon_.rotate = [&](const v1::RotateRequest& request, FakeDaemon::TokenStream& stream) {
    EXPECT_TRUE(request.token().has_terminal());
    stream.Write(step_named(v1::STEP_CAPTURED));
    stream.Write(report_for(request.token().scope()));
    return grpc::Status::OK;
  };
  EXPECT_EQ(run({"rotate", "--all"}), 0);
  hang_up();
  EXPECT_NE(shown_.find("1 of 2  a"), std::string::npos) << shown_;
  EXPECT_NE(shown_.find("2 of 2  b"), std::string::npos) << shown_;
}

}  // namespace
}  // namespace jackin::client
