// SPDX-License-Identifier: Apache-2.0
// jackinctl as a whole against a fake daemon: output, errors and exit codes.

#include "tests/unit/client/cli/commands.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <future>

#include "common/os/daemon_record.hpp"
#include "common/os/process_identity.hpp"

namespace jackin::client {
namespace {

v1::TokenEvent step(v1::Step name) {
  v1::TokenEvent event;
  event.mutable_step()->set_step(name);
  return event;
}

v1::TokenEvent report() {
  v1::TokenEvent event;
  event.mutable_report()->mutable_scope()->set_workspace("my-app");
  event.mutable_report()->set_fingerprint("a3f9c2b81e74");
  event.mutable_report()->set_created(true);
  return event;
}

v1::TokenEvent link() {
  v1::TokenEvent event;
  event.set_authorize_url("https://claude.ai/oauth/authorize?code=true");
  return event;
}

TEST_F(Commands, WrongUsage_Exit2WithoutDaemon) {
  runtime_ = "/no/such/folder";
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"frobnicate"},
                                             {"probe", "a/b"},
                                             {"probe", "a", "--max-age", "3"},
                                             {"probe", "a", "--global"},
                                             {"probe", "a", "--format", "xml"},
                                             {"probe", "a", "--format", "1"},
                                             {"setup", "a", "--store", "nowhere"},
                                             {"setup", "a", "--interactive", "--plain"},
                                             {"setup", "a", "--role", "Not A Role"},
                                             {"doctor", "a", "--all"},
                                             {"status", "a/b"},
                                             {"daemon", "frobnicate"},
                                             {"rotate", "a", "--all"},
                                             {"rotate", "--all", "--item-name", "abcdefghijklmnopqrstuvwxyz"},
                                             {"revoke", "a", "--all", "--yes"},
                                             {"revoke", "--all"}}) {
    EXPECT_EQ(run(arguments), 2) << testing::PrintToString(arguments);
    EXPECT_EQ(out_, "");
    EXPECT_EQ(err_.rfind("error: ", 0), 0U) << err_;
  }
}

TEST_F(Commands, SetupAndRevoke_DaemonSaysInvalidArgument_Exit2) {
  const Error refusal{Reason::invalid_argument, "these do not go together", {}};
  daemon_.setup = [&](const v1::SetupRequest& request, FakeDaemon::TokenStream&) {
    EXPECT_TRUE(request.token().plain());
    EXPECT_EQ(request.token().place().store(), v1::SOURCE_KIND_FILE);
    EXPECT_EQ(request.workdir(), "/src");
    return status_of(refusal);
  };
  EXPECT_EQ(run({"setup", "a", "--plain", "--store", "file", "--workdir", "/src"}), 2);
  EXPECT_EQ(err_.rfind("error: these do not go together\n", 0), 0U) << err_;
  daemon_.revoke = [&](grpc::ServerContext&, grpc::ServerWriter<v1::RevokeEvent>&) { return status_of(refusal); };
  EXPECT_EQ(run({"revoke", "a", "--force"}), 2);
  EXPECT_TRUE(daemon_.revoke_request.force());
}

TEST_F(Commands, NoScopeAndNoDefault_Exit2) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"probe"}, {"rotate"}, {"revoke", "--yes"}, {"doctor", "--role", "r"}, {"watch", "--role", "r"}}) {
    EXPECT_EQ(run(arguments), 2) << testing::PrintToString(arguments);
    EXPECT_EQ(err_,
              "error: name a workspace, or --global: no workspace has this folder as its workdir\n"
              "try: jackinctl status\n");
  }
  EXPECT_EQ(daemon_.find_request.folder(), std::filesystem::current_path());
}

TEST_F(Commands, SetupInAFolderWithoutAWorkspace_NewWorkspaceProposed) {
  const std::string name = std::filesystem::current_path().filename();
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"setup"}, {"workspace", "claude-token", "setup"}}) {
    EXPECT_EQ(run(arguments), 2) << testing::PrintToString(arguments);
    EXPECT_EQ(err_,
              "error: name a workspace, or --global: no workspace has this folder as its workdir\n"
              "try: jackinctl setup " +
                  name + " --create\n");
  }
}

TEST_F(Commands, EmptyScope_Exit2) {
  daemon_.workspace_here = "here";
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"probe", ""},
                                             {"probe", "", "--global"},
                                             {"probe", "a", "--role", ""},
                                             {"setup", ""},
                                             {"setup", "", "--role", "dev"},
                                             {"rotate", ""},
                                             {"rotate", "", "--all"},
                                             {"rotate", "--role", ""},
                                             {"doctor", ""},
                                             {"status", ""},
                                             {"show", ""},
                                             {"env", "", "--fd", "7"},
                                             {"watch", ""},
                                             {"workspace", "claude-token", "rotate", ""}}) {
    EXPECT_EQ(run(arguments), 2) << testing::PrintToString(arguments);
    EXPECT_EQ(err_.rfind("error: ", 0), 0U) << err_;
  }
  EXPECT_EQ(daemon_.find_request.folder(), "");
}

TEST_F(Commands, Status_EmptyWorkspace_ErrorNamesWhatToDo) {
  EXPECT_EQ(run({"status", ""}), 2);
  EXPECT_EQ(err_,
            "error: the workspace is empty; name one, or leave the argument out for all workspaces\n"
            "try: jackinctl status\n");
}

TEST_F(Commands, Exec_WordsBehindDashes_BelongToCommand) {
  launch_code_ = 7;
  EXPECT_EQ(run({"exec", "my-app", "--via", "fd", "--quiet", "--", "claude", "--json", "--", "-p", "sk-ant-oat01-x"}),
            7);
  const auto& exec = std::get<ExecCommand>(launched_.value());
  EXPECT_EQ(exec.scope.scope.value().str(), "my-app");
  EXPECT_EQ(exec.via, Via::fd);
  EXPECT_TRUE(exec.quiet);
  EXPECT_EQ(exec.command, (std::vector<std::string>{"claude", "--json", "--", "-p", "sk-ant-oat01-x"}));
  EXPECT_EQ(out_ + err_, "");
}

TEST_F(Commands, Exec_NoScope_DefaultWorkspace) {
  EXPECT_EQ(run({"exec", "--role", "dev", "--", "claude"}), 0);
  const auto& exec = std::get<ExecCommand>(launched_.value());
  EXPECT_FALSE(exec.scope.scope);
  EXPECT_EQ(exec.scope.role, "dev");
}

TEST_F(Commands, Exec_WrongUsage_Exit125) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"exec", "my-app"},
                                             {"exec", "my-app", "--"},
                                             {"exec", "my-app", "claude"},
                                             {"exec", "", "--", "claude"},
                                             {"exec", "my-app", "--json", "--", "claude"},
                                             {"--json", "exec", "my-app", "--", "claude"},
                                             {"exec", "my-app", "--", "sk-ant-oat01-abcdefgh"},
                                             {"exec", "sk-ant-oat01-abcdefgh", "--", "claude"}}) {
    EXPECT_EQ(run(arguments), 125) << testing::PrintToString(arguments);
    EXPECT_NE(err_, "");
    EXPECT_EQ(err_.find("abcdefgh"), std::string::npos) << err_;
  }
  EXPECT_FALSE(launched_);
  EXPECT_EQ(run({"exec", "my-app"}), 125);
  EXPECT_EQ(err_, "error: name the command to run, after --\ntry: jackinctl exec --help\n");
}

TEST_F(Commands, ExecAndEnv_Help_NamesThisProgram) {
  EXPECT_EQ(run({"exec", "--help"}), 0);
  EXPECT_NE(out_.find("  jackinctl exec my-app -- claude -p ping\n"), std::string::npos) << out_;
  EXPECT_EQ(out_.find("jackin-hook"), std::string::npos) << out_;
  EXPECT_EQ(run({"env", "--help"}), 0);
}

TEST_F(Commands, Tui_NotInstalled_NoteWithoutCommand) {
  EXPECT_EQ(run({"tui"}), 1);
  EXPECT_THAT(err_, testing::MatchesRegex("error: jackin-tui is not installed beside this program, in [^\n]*\n"
                                          "try: # install jackin-tui there\n"));
}

TEST_F(Commands, Env_Descriptor_PassedOn) {
  EXPECT_EQ(run({"env", "my-app:dev", "--fd", "7"}), 0);
  EXPECT_EQ(std::get<EnvCommand>(launched_.value()).fd, 7);
  EXPECT_EQ(std::get<EnvCommand>(launched_.value()).scope.scope.value().str(), "my-app:dev");
  EXPECT_EQ(run({"env", "my-app"}), 2);
  EXPECT_EQ(run({"env", "my-app", "--fd", "-1"}), 2);
}

TEST_F(Commands, NoScope_WorkspaceOfThisFolderUsedAndNamed) {
  daemon_.workspace_here = "here";
  EXPECT_EQ(run({"probe", "--format", "json"}), 0);
  EXPECT_EQ(daemon_.probe_request.scope().workspace(), "here");
  EXPECT_EQ(err_, "using workspace 'here' (workdir is this folder)\n");
  EXPECT_EQ(run({"probe", "--role", "dev"}), 0);
  EXPECT_EQ(daemon_.probe_request.scope().role(), "dev");
  EXPECT_EQ(err_, "using workspace 'here:dev' (workdir is this folder)\n");
  EXPECT_EQ(run({"doctor", "--role", "dev"}), 0);
  EXPECT_EQ(daemon_.doctor_request.scope().workspace(), "here");
}

TEST_F(Commands, NoScope_VariableBeforeFolder) {
  daemon_.workspace_here = "here";
  variables_["JACKIN_WORKSPACE"] = "named:ops";
  EXPECT_EQ(run({"probe"}), 0);
  EXPECT_EQ(daemon_.probe_request.scope().workspace(), "named");
  EXPECT_EQ(daemon_.probe_request.scope().role(), "ops");
  EXPECT_EQ(err_, "using workspace 'named:ops' (JACKIN_WORKSPACE)\n");
  EXPECT_EQ(run({"probe", "--role", "dev"}), 0);
  EXPECT_EQ(daemon_.probe_request.scope().role(), "dev");
  EXPECT_EQ(daemon_.find_request.folder(), "") << "the daemon is not asked";
  variables_["JACKIN_WORKSPACE"] = "a/b";
  EXPECT_EQ(run({"probe"}), 2);
  EXPECT_EQ(err_.rfind("error: JACKIN_WORKSPACE: 'a/b' cannot be the name of a workspace", 0), 0U) << err_;
}

TEST_F(Commands, NoScope_CredentialInVariable_NeitherQuotedNorSent) {
  const std::string body = "oat01-Qx7mVtR2kLpZ9wBn";
  std::string spaced;
  for (const char c : "sk-ant-" + body) spaced += std::string(1, c) + " ";
  std::string encoded = "my-app-";
  for (const char c : "sk-ant-" + body)
    encoded += "\\x" + std::string(1, "0123456789abcdef"[c >> 4]) + std::string(1, "0123456789abcdef"[c & 15]);
  for (const std::string& value : {"sk-ant-" + body, "app:sk-ant-" + body, spaced, encoded}) {
    variables_["JACKIN_WORKSPACE"] = value;
    EXPECT_EQ(run({"probe"}), 2) << value;
    EXPECT_EQ(err_.rfind("error: JACKIN_WORKSPACE contains a Claude credential", 0), 0U) << err_;
    EXPECT_EQ(err_.find(value), std::string::npos) << err_;
    EXPECT_EQ(err_.find("Qx7m"), std::string::npos) << err_;
  }
  EXPECT_FALSE(daemon_.probe_request.has_scope());
}

TEST_F(Commands, CommandsWithAMeaningWithoutScope_UseNoDefault) {
  daemon_.workspace_here = "here";
  variables_["JACKIN_WORKSPACE"] = "named";
  daemon_.watch = [](grpc::ServerContext&, grpc::ServerWriter<v1::WatchEvent>&) { return grpc::Status::CANCELLED; };
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"status"}, {"doctor"}, {"doctor", "--all"}, {"watch"}, {"daemon", "status"}, {"lock"}}) {
    run(arguments);
    EXPECT_EQ(err_.find("using workspace"), std::string::npos) << testing::PrintToString(arguments);
  }
  EXPECT_EQ(daemon_.overview_request.workspace(), "");
  EXPECT_FALSE(daemon_.doctor_request.has_scope());
  EXPECT_FALSE(daemon_.watch_request.has_scope());
}

TEST_F(Commands, ScopeWithColon_WorkspaceAndRole) {
  EXPECT_EQ(run({"probe", "my-app:team/dev"}), 0);
  EXPECT_EQ(daemon_.probe_request.scope().workspace(), "my-app");
  EXPECT_EQ(daemon_.probe_request.scope().role(), "team/dev");
  EXPECT_EQ(run({"probe", "my:app:"}), 0);
  EXPECT_EQ(daemon_.probe_request.scope().workspace(), "my:app");
  EXPECT_EQ(daemon_.probe_request.scope().role(), "");
  for (const std::string workspace : {"my:app", "my:app:"}) {
    EXPECT_EQ(run({"probe", workspace, "--role", "dev"}), 0);
    EXPECT_EQ(daemon_.probe_request.scope().workspace(), "my:app");
    EXPECT_EQ(daemon_.probe_request.scope().role(), "dev");
  }
}

TEST_F(Commands, Format_AnySpellingAnywhereOnTheLine_Json) {
  for (const std::vector<std::string>& format : std::vector<std::vector<std::string>>{
           {"--format", "json"}, {"--format=json"}, {"-o", "json"}, {"-ojson"}, {"--json"}}) {
    const std::vector<std::string> words{"workspace", "claude-token", "doctor", "my-app", "--offline"};
    for (std::size_t at = 0; at <= words.size(); ++at) {
      std::vector<std::string> arguments = words;
      arguments.insert(arguments.begin() + static_cast<std::ptrdiff_t>(at), format.begin(), format.end());
      EXPECT_EQ(run(arguments), 0) << testing::PrintToString(arguments) << err_;
      EXPECT_EQ(out_, "{\"scopes\":[]}\n") << testing::PrintToString(arguments);
    }
    // A wrong usage is reported in the same format.
    std::vector<std::string> wrong{"probe", "a", "--frob"};
    wrong.insert(wrong.begin(), format.begin(), format.end());
    EXPECT_EQ(run(wrong), 2);
    EXPECT_EQ(err_.rfind(R"({"error":{"reason":"invalid_argument","message":)", 0), 0U) << err_;
  }
  EXPECT_EQ(run({"--json", "completion", "bash"}), 2) << "this command reports nothing";
}

TEST_F(Commands, Format_Unknown_ErrorListsFormats) {
  EXPECT_EQ(run({"probe", "a", "--format", "xml"}), 2);
  EXPECT_EQ(err_, "error: --format: takes text or json, not 'xml'\ntry: jackinctl probe --help\n");
}

TEST_F(Commands, WrongUsage_FormatJson_JsonError) {
  EXPECT_EQ(run({"probe", "a", "--frob", "--format", "json"}), 2);
  EXPECT_EQ(err_.rfind(R"({"error":{"reason":"invalid_argument","message":)", 0), 0U) << err_;
}

TEST_F(Commands, HelpAndVersion_OnStdout) {
  EXPECT_EQ(run({"--version"}), 0);
  EXPECT_EQ(out_.rfind("jackinctl 0.", 0), 0U);
  EXPECT_EQ(run({"setup", "--help"}), 0);
  EXPECT_NE(out_.find("--no-verify"), std::string::npos);
  EXPECT_EQ(err_, "");
}

TEST_F(Commands, HelpAndVersionCommands_SameAsOptions) {
  for (const auto& [option, command] : std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>>{
           {{"--help"}, {"help"}},
           {{"setup", "--help"}, {"help", "setup"}},
           {{"daemon", "logs", "--help"}, {"help", "daemon", "logs"}},
           {{"--version"}, {"version"}}}) {
    EXPECT_EQ(run(option), 0);
    const std::string expected = out_;
    EXPECT_EQ(run(command), 0);
    EXPECT_EQ(out_, expected);
  }
  EXPECT_EQ(run({"help", "frobnicate"}), 2);
  EXPECT_EQ(err_, "error: unknown command 'frobnicate'\ntry: jackinctl --help\n");
}

TEST_F(Commands, List_NamesOfWorkspaces) {
  for (const auto& [workspace, role] :
       std::vector<std::pair<std::string, std::string>>{{"", ""}, {"my-app", ""}, {"my-app", "dev"}, {"other", ""}}) {
    v1::ProbeReply& probe = *daemon_.overview.add_scopes();
    probe.mutable_scope()->set_workspace(workspace);
    probe.mutable_scope()->set_role(role);
  }
  EXPECT_EQ(run({"list"}), 0);
  EXPECT_EQ(out_, "my-app\nother\n");
  EXPECT_EQ(run({"list", "--json"}), 0);
  EXPECT_EQ(out_, "{\"workspaces\":[\"my-app\",\"other\"]}\n");
}

TEST_F(Commands, NoDaemon_AutostartOff_Exit4) {
  runtime_ = "/no/such/folder";
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"daemon", "status"}, {"daemon", "stop"}, {"probe", "a"}, {"status"}, {"setup", "a", "--reuse", "env:A"}}) {
    EXPECT_EQ(run(arguments), 4) << testing::PrintToString(arguments);
  }
  EXPECT_EQ(run({"daemon", "status", "--format", "json"}), 4);
  EXPECT_EQ(err_.rfind(R"({"error":{"reason":"daemon_unreachable",)", 0), 0U) << err_;
}

TEST_F(Commands, Probe_Block_Exit3) {
  EXPECT_EQ(run({"probe", "my-app", "--max-age", "10m"}), 0);
  EXPECT_EQ(daemon_.probe_request.scope().workspace(), "my-app");
  EXPECT_EQ(daemon_.probe_request.max_age_seconds(), 600U);
  daemon_.probe.set_decision(v1::DECISION_WARN);
  EXPECT_EQ(run({"probe", "my-app"}), 0);
  daemon_.probe.set_decision(v1::DECISION_BLOCK);
  EXPECT_EQ(run({"probe", "--global", "--format", "json"}), 3);
  EXPECT_TRUE(daemon_.probe_request.has_scope());
  EXPECT_EQ(out_, "{\"scope\":\"my-app\",\"decision\":\"block\",\"verdict\":\"ok\",\"fresh\":true}\n");
}

TEST_F(Commands, Probe_DaemonError_PrintedWithRemedy) {
  daemon_.probe_error =
      Error{Reason::unknown_workspace, "there is no workspace my-app", Remedy::of(RemedyAction::list_scopes)};
  EXPECT_EQ(run({"probe", "my-app"}), 1);
  EXPECT_EQ(out_, "");
  EXPECT_EQ(err_, "error: there is no workspace my-app\ntry: jackinctl status\n");
  daemon_.probe_error = Error{Reason::busy, "busy", {}};
  EXPECT_EQ(run({"probe", "my-app"}), 6);
}

TEST_F(Commands, DaemonMismatch_ProbeFails_StatusPrinted) {
  daemon_.hello_error = Error{Reason::daemon_mismatch, "another version", Remedy::restart_daemon()};
  EXPECT_EQ(run({"probe", "my-app"}), 1);
  EXPECT_NE(err_.find("try: jackinctl daemon restart"), std::string::npos);
  daemon_.status.set_pid(42);
  EXPECT_EQ(run({"daemon", "status", "--format", "json"}), 0);
  EXPECT_EQ(out_, "{\"pid\":42,\"operations\":[]}\n");
}

TEST_F(Commands, DaemonStop_ProcessGone_SaysStopped) {
  const pid_t gone = fork();
  if (gone == 0) _exit(0);
  waitpid(gone, nullptr, 0);
  daemon_.status.set_pid(gone);
  daemon_.hello_error = Error{Reason::daemon_mismatch, "another version", {}};
  EXPECT_EQ(run({"daemon", "stop"}), 0);
  EXPECT_EQ(out_, "jackind (pid " + std::to_string(gone) + ") stopped\n");
}

TEST_F(Commands, Status_Workspace_OnlyItsScopesRequested) {
  *daemon_.overview.add_scopes() = daemon_.probe;
  EXPECT_EQ(run({"status"}), 0);
  EXPECT_EQ(daemon_.overview_request.workspace(), "");
  EXPECT_NE(out_.find("my-app"), std::string::npos);
  EXPECT_EQ(run({"status", "my-app", "--format", "json"}), 0);
  EXPECT_EQ(daemon_.overview_request.workspace(), "my-app");
  EXPECT_EQ(out_.rfind("{\"scopes\":[{\"scope\":\"my-app\"", 0), 0U) << out_;
}

TEST_F(Commands, Doctor_Fault_Exit3) {
  v1::DoctorEvent scope;
  scope.mutable_scope()->mutable_scope()->set_workspace("my-app");
  scope.mutable_scope()->set_decision(v1::DECISION_ALLOW);
  scope.mutable_scope()->set_verdict(v1::VERDICT_OK);
  v1::DoctorEvent progress;
  progress.mutable_progress()->set_total(1);
  v1::DoctorEvent system;
  system.mutable_system();
  daemon_.doctor = {progress, scope, system};
  EXPECT_EQ(run({"doctor", "--offline", "--format", "json"}), 0);
  EXPECT_FALSE(daemon_.doctor_request.has_scope());
  EXPECT_TRUE(daemon_.doctor_request.offline());
  EXPECT_EQ(out_.rfind(R"({"daemon":[],"programs":[],"stores":[],"leftovers":[],"scopes":[{)", 0), 0U) << out_;
  EXPECT_EQ(err_, "");

  EXPECT_FALSE(daemon_.doctor_request.acknowledge());
  EXPECT_EQ(run({"doctor", "--acknowledge"}), 0);
  EXPECT_TRUE(daemon_.doctor_request.acknowledge());
  EXPECT_EQ(run({"doctor", "my-app", "--acknowledge"}), 2);

  scope.mutable_scope()->set_decision(v1::DECISION_BLOCK);
  daemon_.doctor = {scope};
  EXPECT_EQ(run({"workspace", "claude-token", "doctor", "my-app", "--format", "json"}), 3);
  EXPECT_EQ(out_, "{\"scope\":\"my-app\",\"decision\":\"block\",\"verdict\":\"ok\",\"findings\":[]}\n");
}

TEST_F(Commands, Setup_NoTerminal_CodeFromStdin_ReportPrinted) {
  std::string code;
  bool had_terminal = true;
  daemon_.setup = [&](const v1::SetupRequest& request, FakeDaemon::TokenStream& stream) {
    had_terminal = request.token().has_terminal() || request.token().can_open_browser();
    stream.Write(step(v1::STEP_MINT));
    stream.Write(link());
    v1::TokenInput input;
    while (stream.Read(&input) && !input.user().has_code()) {
    }
    code = input.user().code();
    stream.Write(step(v1::STEP_CAPTURED));
    stream.Write(report());
    return grpc::Status::OK;
  };
  give_input("the-code#state\n");
  EXPECT_EQ(run({"setup", "my-app", "--format", "json"}), 0);
  EXPECT_EQ(code, "the-code#state");
  EXPECT_FALSE(had_terminal);
  EXPECT_EQ(err_, "open: https://claude.ai/oauth/authorize?code=true\n");
  EXPECT_EQ(out_,
            "{\"scope\":\"my-app\",\"fingerprint\":\"a3f9c2b81e74\",\"created\":true,\"deleted_old\":false,"
            "\"old_holders\":[]}\n");
}

TEST_F(Commands, Setup_CoreDumpsForbidden) {
  rlimit before{};
  getrlimit(RLIMIT_CORE, &before);
  const rlimit raised{before.rlim_max, before.rlim_max};
  setrlimit(RLIMIT_CORE, &raised);
  rlimit during = raised;
  daemon_.setup = [&](const v1::SetupRequest&, FakeDaemon::TokenStream& stream) {
    getrlimit(RLIMIT_CORE, &during);
    stream.Write(report());
    return grpc::Status::OK;
  };
  EXPECT_EQ(run({"setup", "my-app"}), 0);
  setrlimit(RLIMIT_CORE, &before);
  EXPECT_EQ(during.rlim_cur, 0U);
}

TEST_F(Commands, Setup_NoTerminal_StdinEnds_CancelsAndExit2) {
  give_input("");
  bool cancelled = false;
  daemon_.setup = [&](const v1::SetupRequest&, FakeDaemon::TokenStream& stream) {
    stream.Write(link());
    v1::TokenInput input;
    cancelled = stream.Read(&input) && input.user().has_cancel();
    return status_of({Reason::cancelled, "cancelled; nothing was changed", {}});
  };
  EXPECT_EQ(run({"setup", "my-app"}), 2);
  EXPECT_TRUE(cancelled);
  EXPECT_EQ(out_, "");
}

TEST_F(Commands, MissingSubcommand_Exit2WithHelpOnStderr) {
  EXPECT_EQ(run({}), 2);
  EXPECT_EQ(out_, "");
  EXPECT_THAT(err_, testing::HasSubstr("Usage: jackinctl"));
  EXPECT_THAT(err_, testing::HasSubstr("Examples:"));
  EXPECT_THAT(err_, testing::Not(testing::HasSubstr("error:")));
  EXPECT_EQ(run({"daemon"}), 2);
  EXPECT_THAT(err_, testing::HasSubstr("Usage: jackinctl daemon"));
  EXPECT_EQ(run({"workspace", "claude-token"}), 2);
  EXPECT_THAT(err_, testing::HasSubstr("Usage: jackinctl workspace claude-token"));
}

TEST_F(Commands, Setup_StdinNullOrClosed_Exit2WithoutRequest) {
  daemon_.setup = [&](const v1::SetupRequest&, FakeDaemon::TokenStream&) {
    ADD_FAILURE() << "the daemon was asked";
    return grpc::Status::OK;
  };
  close(input_);
  for (const int input : {open("/dev/null", O_RDONLY), 999}) {
    input_ = input;
    EXPECT_EQ(run({"setup", "my-app"}), 2);
    EXPECT_EQ(err_,
              "error: creating a token needs your consent, but this is not a terminal and stdin is empty\ntry: "
              "jackinctl setup my-app "
              " # in a terminal\n");
  }
  input_ = open("/dev/null", O_RDONLY);
}

TEST_F(Commands, Setup_MintFails_RemedyRepeatsCommandLine) {
  for (const Reason reason : {Reason::timed_out, Reason::mint_refused, Reason::capture_incomplete}) {
    daemon_.setup = [&](const v1::SetupRequest&, FakeDaemon::TokenStream&) {
      return status_of({reason, "no token came", {}});
    };
    run({"setup", "my app", "--vault", "Team's", "--no-verify"});
    EXPECT_EQ(err_, "error: no token came\ntry: jackinctl setup 'my app' --vault 'Team'\\''s' --no-verify\n");
  }
  daemon_.setup = [&](const v1::SetupRequest&, FakeDaemon::TokenStream&) {
    return status_of({Reason::store_unavailable, "1Password is locked", Remedy::try_again("when it is unlocked")});
  };
  run({"setup", "my-app"});
  EXPECT_EQ(err_, "error: 1Password is locked\ntry: jackinctl setup my-app  # when it is unlocked\n");
}

TEST_F(Commands, CredentialInArguments_RefusedWithoutDaemon) {
  runtime_ = "/no/such/folder";
  const std::string credential =
      "sk-ant-"
      "oat01-abcdefgh";
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{credential},
                                             {"setup", credential},
                                             {"setup", "my-app:" + credential},
                                             {"setup", "my-app", "--item-name", credential},
                                             {"setup", "my-app", "--reuse=" + credential},
                                             {"probe", "my-app", "--" + credential},
                                             {"daemon", "logs", "-n", credential},
                                             {"completion", credential}}) {
    EXPECT_EQ(run(arguments), 2) << testing::PrintToString(arguments);
    EXPECT_EQ(err_,
              "error: an argument contains a Claude credential, which counts as leaked: your shell's history and the "
              "list of processes may show it\n"
              "try: # end it at claude.ai, Settings, Claude Code, and remove it from the shell's history\n");
    EXPECT_EQ(out_, "");
  }
  EXPECT_EQ(run({"setup", credential, "--json"}), 2);
  EXPECT_EQ(err_.rfind(R"({"error":{"reason":"invalid_argument",)", 0), 0U) << err_;
  variables_["JACKIN_WORKSPACE"] = credential;
  EXPECT_EQ(run({"probe"}), 2);
  EXPECT_EQ(err_.find("abcdefgh"), std::string::npos) << err_;
}

TEST_F(Commands, Stdout_Full_Exit1WithError) {
  full_ = true;
  EXPECT_EQ(run({"probe", "my-app"}), 1);
  EXPECT_TRUE(err_.starts_with("error: cannot write to stdout: ")) << err_;
  EXPECT_EQ(run({"--help"}), 1);
}

TEST_F(Commands, Setup_DaemonError_PrintedWithRemedy) {
  daemon_.setup = [&](const v1::SetupRequest&, FakeDaemon::TokenStream&) {
    return status_of({Reason::slot_exists, "my-app has a token", Remedy::rotate(*Scope::workspace("my-app"))});
  };
  EXPECT_EQ(run({"setup", "my-app", "--reuse", "env:TOKEN"}), 1);
  EXPECT_EQ(err_, "error: my-app has a token\ntry: jackinctl rotate my-app\n");
}

v1::TokenEvent frame(const std::string& text) {
  v1::TokenEvent event;
  event.mutable_frame()->mutable_size()->set_rows(20);
  event.mutable_frame()->mutable_size()->set_columns(60);
  event.mutable_frame()->add_rows()->add_runs()->set_text(text);
  return event;
}

TEST_F(CommandsOnTerminal, Setup_KeysSentAndClaudeScreenShown) {
  std::string keys;
  daemon_.setup = [&](const v1::SetupRequest& request, FakeDaemon::TokenStream& stream) {
    EXPECT_TRUE(request.token().has_terminal());
    stream.Write(step(v1::STEP_MINT));
    stream.Write(frame("Paste code here"));
    wait_until_shown("Paste code here");
    type(
        "co\x01"
        "de\r");
    v1::TokenInput input;
    while (keys.size() < 6 && stream.Read(&input)) keys += input.user().keys();
    stream.Write(step(v1::STEP_CAPTURED));
    stream.Write(report());
    return grpc::Status::OK;
  };
  EXPECT_EQ(run({"setup", "my-app"}), 0);
  EXPECT_EQ(keys,
            "co\x01"
            "de\r");
  EXPECT_TRUE(terminal_is_as_before());
  EXPECT_EQ(out_,
            "workspace     my-app\nfingerprint   a3f9c2b81e74\n"
            "use it        jackin-hook exec my-app -- claude\n");
  hang_up();
  EXPECT_NE(shown_.find("Paste code here"), std::string::npos);
}

TEST_F(CommandsOnTerminal, Setup_CtrlCBeforeCapture_Exit5AndTerminalRestored) {
  daemon_.setup = [&](const v1::SetupRequest&, FakeDaemon::TokenStream& stream) {
    stream.Write(step(v1::STEP_MINT));
    stream.Write(frame("Paste code here"));
    wait_until_shown("Paste code here");
    type("\x03");
    v1::TokenInput input;
    while (stream.Read(&input) && !input.user().has_cancel()) {
    }
    return status_of({Reason::cancelled, "cancelled; nothing was changed", {}});
  };
  EXPECT_EQ(run({"setup", "my-app"}), 5);
  EXPECT_TRUE(terminal_is_as_before());
  hang_up();
  EXPECT_NE(shown_.find("cancelled; nothing was changed"), std::string::npos);
  EXPECT_NE(shown_.find("\x1b[?25h"), std::string::npos);
}

TEST_F(CommandsOnTerminal, Setup_CtrlCAfterCapture_DetachedExit5) {
  std::promise<void> gone;
  daemon_.setup = [&](const v1::SetupRequest&, FakeDaemon::TokenStream& stream) {
    v1::TokenEvent begun;
    begun.mutable_begun()->set_id("op-7");
    stream.Write(begun);
    stream.Write(step(v1::STEP_MINT));
    stream.Write(step(v1::STEP_CAPTURED));
    stream.Write(step(v1::STEP_STORE));
    v1::Operation& operation = *daemon_.status.add_operations();
    operation.set_id("op-7");
    operation.set_kind(v1::OPERATION_KIND_SETUP);
    operation.set_runs_to_its_end(true);
    wait_until_shown("storing the token");
    // The terminal is not in raw mode now, so it turns Ctrl-C into a signal. It cannot send that signal to this test,
    // which is in another session.
    raise(SIGINT);
    v1::TokenInput input;
    while (stream.Read(&input)) {
    }
    gone.set_value();
    return grpc::Status::CANCELLED;
  };
  EXPECT_EQ(run({"setup", "my-app"}), 5);
  gone.get_future().wait();
  EXPECT_TRUE(terminal_is_as_before());
  hang_up();
  EXPECT_NE(shown_.find("detached"), std::string::npos);
}

TEST_F(CommandsOnTerminal, Setup_DaemonEnds_Exit4AndTerminalRestored) {
  daemon_.setup = [&](const v1::SetupRequest&, FakeDaemon::TokenStream& stream) {
    stream.Write(step(v1::STEP_MINT));
    stream.Write(frame("Paste code here"));
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone");
  };
  EXPECT_EQ(run({"setup", "my-app"}), 4);
  EXPECT_TRUE(terminal_is_as_before());
}

TEST_F(Commands, DaemonStop_NoSocket_SendsSigterm) {
  runtime_ = (temp_ / "unknown").string();
  const pid_t daemon = fork();
  if (daemon == 0) {
    for (;;) pause();
  }
  DaemonRecord record;
  record.pid = daemon;
  record.start_time = identify_process(daemon)->start_time;
  record.boot_id = boot_id();
  record.socket = (temp_ / "gone").string();
  const auto lock = temp_ / ".local/state/jackind/jackind.lock";
  test::write_file(lock, format_daemon_record(record));
  std::filesystem::permissions(lock, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::filesystem::permissions(lock.parent_path(), std::filesystem::perms::owner_all);
  EXPECT_EQ(run({"daemon", "stop"}), 0) << err_;
  EXPECT_NE(err_.find("ending it by a signal"), std::string::npos) << err_;
  EXPECT_NE(out_.find(std::to_string(daemon)), std::string::npos) << out_;
  int status = 0;
  ASSERT_EQ(waitpid(daemon, &status, 0), daemon);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
  // The record remains, but it names no running daemon.
  EXPECT_EQ(run({"daemon", "stop"}), 4);
}

}  // namespace
}  // namespace jackin::client
