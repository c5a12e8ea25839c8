// SPDX-License-Identifier: Apache-2.0
#include "client/hook/hook.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>

#include "client/hook/launch_environment.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::client {
namespace {

// A made-up token of the known shape.
const std::string token = "sk-ant-oat01-" + std::string(93, 'x') + "AA";

class HookTest : public testing::Test {
 protected:
  struct FakeDaemon : DaemonCalls {
    explicit FakeDaemon(HookTest& test) : test_(test) {}
    Result<std::optional<Scope>> find_workspace(const std::string& folder) override {
      test_.folder_ = folder;
      if (test_.error_) return failure(*test_.error_);
      return test_.workspace_here_;
    }
    Result<v1::ProbeReply> probe(const Scope& scope) override {
      test_.probed_ = scope;
      if (test_.error_) return failure(*test_.error_);
      return test_.reply_.probe();
    }
    Result<LaunchPlan> prepare(const v1::PrepareRequest& request) override {
      test_.request_ = request;
      if (test_.error_) return failure(*test_.error_);
      v1::PrepareReply reply = test_.reply_;
      if (request.has_variable() && !test_.needs_another_) reply.clear_needs_variable();
      return take_plan(reply);
    }
    HookTest& test_;
  };

  HookTest() {
    reply_.mutable_probe()->set_decision(v1::DECISION_ALLOW);
    reply_.mutable_probe()->set_verdict(v1::VERDICT_OK);
    reply_.mutable_probe()->mutable_scope()->set_workspace("my-app");
    reply_.mutable_banner()->set_text("claude auth: oauth_token from file ~/x");
    reply_.mutable_banner()->set_colour(v1::BANNER_COLOUR_DIM);
    reply_.set_token(token);
  }

  int run(const HookCommand& command) {
    std::vector<char*> block;
    for (auto& entry : entries_) block.push_back(entry.data());
    block.push_back(nullptr);
    const Environment environment(variables_);
    InheritedState inherited;
    inherited.descriptors = open_descriptors();
    getrlimit(RLIMIT_CORE, &inherited.core_limit);
    Hook hook({environment, block.data(), inherited,
               [this]() -> Result<std::unique_ptr<DaemonCalls>> { return std::make_unique<FakeDaemon>(*this); },
               [this](const std::string& text) { said_ += text; }, OutputStyle{}});
    return hook.run(command);
  }

  static ExecCommand exec(std::vector<std::string> command) {
    return {{Scope::workspace("my-app").value()}, "", Via::env, true, std::move(command)};
  }

  // Runs exec in a child and returns its exit code and stdout.
  std::pair<int, std::string> launch(const ExecCommand& command) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      dup2(ends[1], 1);
      close(ends[0]);
      close(ends[1]);
      _exit(run(command));
    }
    close(ends[1]);
    std::string out;
    char buffer[4096];
    for (ssize_t count = 0; (count = read(ends[0], buffer, sizeof buffer)) > 0;) {
      out.append(buffer, static_cast<std::size_t>(count));
    }
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, out};
  }

  v1::PrepareReply reply_;
  v1::PrepareRequest request_;
  std::optional<Error> error_;
  bool needs_another_ = false;
  std::optional<Scope> workspace_here_;
  std::string folder_;
  std::optional<Scope> probed_;
  std::string said_;
  Environment::Variables variables_{{"PATH", "/usr/bin:/bin"}};
  std::vector<std::string> entries_{"PATH=/usr/bin:/bin", "CLAUDE_CODE_OAUTH_TOKEN=inherited", "KEPT=yes"};
};

TEST_F(HookTest, Exec_DaemonNeedsVariable_SendsOnlyThatOne) {
  reply_.set_needs_variable("MY_TOKEN");
  reply_.mutable_probe()->set_decision(v1::DECISION_BLOCK);
  variables_["MY_TOKEN"] = token;
  variables_["OTHER"] = "x";
  EXPECT_EQ(run(exec({"sh", "-c", "exit 0"})), exit_own_failure);
  ASSERT_TRUE(request_.has_variable());
  EXPECT_EQ(request_.variable().name(), "MY_TOKEN");
  EXPECT_EQ(request_.variable().value(), token);
  for (const auto& variable : request_.environment().variables()) EXPECT_EQ(variable.name(), "PATH");
  variables_.erase("MY_TOKEN");
  EXPECT_EQ(run(exec({"sh", "-c", "exit 0"})), exit_own_failure);
  EXPECT_EQ(request_.variable().name(), "MY_TOKEN");
  EXPECT_FALSE(request_.variable().has_value());
}

TEST_F(HookTest, Exec_DaemonNeedsAnotherVariable_NotStarted) {
  reply_.set_needs_variable("MY_TOKEN");
  needs_another_ = true;
  const auto command = exec({"sh", "-c", "printf started"});
  EXPECT_EQ(launch(command), (std::pair<int, std::string>(exit_own_failure, "")));
  EXPECT_EQ(run(command), exit_own_failure);
  EXPECT_NE(said_.find("the configuration of 'my-app' names another variable than before"), std::string::npos) << said_;
}

TEST_F(HookTest, Exec_ExternalVariable_GetsTokenOrIsEmpty) {
  entries_.emplace_back("JACKIND_TOKEN_other=inherited");
  reply_.set_token_variable("JACKIND_TOKEN_my_2dapp");
  auto command = exec({"sh", "-c", "env | grep ^JACKIND_; printf %s \"${JACKIND_TOKEN_my_2dapp-unset}\""});
  EXPECT_EQ(launch(command).second, "JACKIND_TOKEN_my_2dapp=" + token + "\n" + token);
  reply_.clear_token();
  EXPECT_EQ(launch(command).second, "JACKIND_TOKEN_my_2dapp=\n");
  reply_.set_token(token);
  command.via = Via::fd;
  EXPECT_EQ(launch(command).second, "unset") << "a pipe is for a claude on this machine";
}

TEST_F(HookTest, Probe_Allow_NoOutput) {
  EXPECT_EQ(run(ProbeCommand{{Scope::workspace("my-app").value()}}), 0);
  EXPECT_EQ(said_, "");
}

TEST_F(HookTest, Probe_Warn_OneLineAndExit0) {
  reply_.mutable_probe()->set_decision(v1::DECISION_WARN);
  reply_.mutable_probe()->set_summary("the token expires in 5 days");
  v1::Remedy& remedy = *reply_.mutable_probe()->mutable_remedy();
  remedy.set_action(v1::REMEDY_ACTION_ROTATE);
  remedy.mutable_scope()->set_workspace("my-app");
  EXPECT_EQ(run(ProbeCommand{{Scope::workspace("my-app").value()}}), 0);
  EXPECT_EQ(said_, "warning: my-app: the token expires in 5 days · try: jackinctl rotate my-app\n");
}

TEST_F(HookTest, Probe_Block_Exit3) {
  reply_.mutable_probe()->set_decision(v1::DECISION_BLOCK);
  reply_.mutable_probe()->set_summary("the token has expired");
  EXPECT_EQ(run(ProbeCommand{{Scope::global()}}), 3);
  EXPECT_EQ(said_, "blocked: global: the token has expired\n");
}

TEST_F(HookTest, NoScope_WorkspaceOfThisFolderUsedAndNamed) {
  workspace_here_ = *Scope::workspace("here");
  EXPECT_EQ(run(ProbeCommand{}), 0);
  EXPECT_EQ(folder_, std::filesystem::current_path());
  EXPECT_EQ(probed_, *Scope::workspace("here"));
  EXPECT_EQ(said_, "using workspace 'here' (workdir is this folder)\n");
  EXPECT_EQ(run(ProbeCommand{{std::nullopt, "dev"}}), 0);
  EXPECT_EQ(probed_, *Scope::role("here", "dev"));
}

TEST_F(HookTest, NoScope_VariableBeforeFolder) {
  workspace_here_ = *Scope::workspace("here");
  variables_["JACKIN_WORKSPACE"] = "named:ops";
  EXPECT_EQ(run(ProbeCommand{}), 0);
  EXPECT_EQ(probed_, *Scope::role("named", "ops"));
  EXPECT_EQ(folder_, "");
  EXPECT_EQ(said_, "using workspace 'named:ops' (JACKIN_WORKSPACE)\n");
}

TEST_F(HookTest, NoScopeAndNoDefault_WrongUsage) {
  EXPECT_EQ(run(ProbeCommand{}), 2);
  EXPECT_EQ(said_.rfind("error: name a workspace, or --global", 0), 0U) << said_;
  auto command = exec({"/bin/sh"});
  command.scope = {};
  EXPECT_EQ(run(command), 125);
  EXPECT_FALSE(request_.with_token());
}

TEST_F(HookTest, Exec_NoScope_QuietSaysNothing) {
  workspace_here_ = *Scope::workspace("here");
  reply_.mutable_probe()->set_decision(v1::DECISION_BLOCK);
  for (const bool quiet : {true, false}) {
    auto command = exec({"/bin/sh"});
    command.scope = {};
    command.quiet = quiet;
    said_.clear();
    EXPECT_EQ(run(command), 125);
    EXPECT_EQ(request_.scope().workspace(), "here");
    EXPECT_EQ(said_.find("using workspace 'here'") == std::string::npos, quiet) << said_;
  }
}

TEST_F(HookTest, Probe_DaemonUnreachable_Exit4) {
  error_ = Error{Reason::daemon_unreachable, "jackind is not running", Remedy::of(RemedyAction::start_daemon)};
  EXPECT_EQ(run(ProbeCommand{{Scope::global()}}), 4);
  EXPECT_EQ(said_, "error: jackind is not running\ntry: jackinctl daemon start\n");
}

TEST_F(HookTest, Exec_Token_AddedToEnvironment) {
  const auto [code, out] = launch(exec({"env"}));
  EXPECT_EQ(code, 0);
  EXPECT_EQ(out, "PATH=/usr/bin:/bin\nKEPT=yes\nCLAUDE_CODE_OAUTH_TOKEN=" + token + "\n");
}

TEST_F(HookTest, Exec_ViaFd_TokenNotInEnvironment) {
  ExecCommand command = exec({"sh", "-c",
                              "env | grep -c sk-ant; eval \"cat <&$CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR\"; "
                              "env | grep -c CLAUDE_CODE_OAUTH_TOKEN="});
  command.via = Via::fd;
  const auto [code, out] = launch(command);
  EXPECT_EQ(out, "0\n" + token + "0\n");
}

TEST_F(HookTest, Exec_NoToken_InheritedTokenRemoved) {
  reply_.clear_token();
  const auto [code, out] = launch(exec({"env"}));
  EXPECT_EQ(code, 0);
  EXPECT_EQ(out, "PATH=/usr/bin:/bin\nKEPT=yes\n");
}

TEST_F(HookTest, Exec_CommandExitCode_Returned) {
  EXPECT_EQ(launch(exec({"sh", "-c", "exit 42"})).first, 42);
}

TEST_F(HookTest, Exec_Block_Exit125) {
  reply_.mutable_probe()->set_decision(v1::DECISION_BLOCK);
  reply_.mutable_probe()->set_summary("the token has expired");
  v1::Remedy& remedy = *reply_.mutable_probe()->mutable_remedy();
  remedy.set_action(v1::REMEDY_ACTION_ROTATE);
  remedy.mutable_scope()->set_workspace("my-app");
  EXPECT_EQ(run(exec({"env"})), 125);
  EXPECT_EQ(said_, "error: my-app: the token has expired\ntry: jackinctl rotate my-app\n");
}

TEST_F(HookTest, Exec_DaemonUnreachable_Exit125) {
  error_ = Error{Reason::daemon_unreachable, "jackind is not running", {}};
  EXPECT_EQ(run(exec({"env"})), 125);
}

TEST_F(HookTest, Exec_CommandMissingOrNotExecutable_NoTokenRequested) {
  test::TempDir folder;
  test::write_file(folder / "text", "x");
  EXPECT_EQ(run(exec({"no-such-program-anywhere"})), 127);
  EXPECT_EQ(run(exec({(folder / "text").string()})), 126);
  EXPECT_FALSE(request_.with_token());
}

TEST_F(HookTest, Exec_InterpreterMissing_Exit127) {
  test::TempDir folder;
  test::write_file(folder / "script", "#!/no/such/interpreter\n");
  chmod((folder / "script").c_str(), 0755);
  EXPECT_EQ(launch(exec({(folder / "script").string()})).first, 127);
  test::write_file(folder / "binary", "no program at all");
  chmod((folder / "binary").c_str(), 0755);
  EXPECT_EQ(launch(exec({(folder / "binary").string()})).first, 126);
}

TEST_F(HookTest, Exec_OnboardingFiles_WrittenBeforeStart) {
  test::TempDir folder;
  v1::OnboardingFile& account = *reply_.mutable_onboarding()->add_files();
  account.set_name("account.json");
  account.set_content("{}");
  ExecCommand command = exec({"cat", (folder / "account.json").string()});
  command.provision = folder.path().string();
  EXPECT_EQ(launch(command).second, "{}");
}

TEST_F(HookTest, Exec_FilesNotWritable_Exit125) {
  ExecCommand command = exec({"env"});
  command.provision = "/proc/no-such-folder";
  EXPECT_EQ(run(command), 125);
}

TEST_F(HookTest, Exec_NotQuiet_BannerShown) {
  ExecCommand command = exec({"/no/such/program"});
  run(command);
  EXPECT_EQ(said_.find("claude auth"), std::string::npos);
  said_.clear();

  test::TempDir folder;
  test::write_file(folder / "binary", "no program at all");
  chmod((folder / "binary").c_str(), 0755);
  command = exec({(folder / "binary").string()});
  command.quiet = false;
  reply_.add_warnings("ANTHROPIC_API_KEY is set as well");
  const pid_t child = fork();
  if (child == 0) {
    run(command);
    _exit(said_.find("warning: ANTHROPIC_API_KEY is set as well\nclaude auth: oauth_token from file ~/x\n") == 0 ? 0
                                                                                                                 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(HookTest, Request_OtherCredentials_NamesWithoutValues) {
  variables_["ANTHROPIC_API_KEY"] = "secret-value";
  variables_["CLAUDE_CODE_USE_BEDROCK"] = "0";
  variables_["CLAUDE_CODE_OAUTH_TOKEN"] = "secret-value";
  error_ = Error{Reason::internal, "stop", {}};
  run(exec({"/bin/sh"}));
  EXPECT_EQ(request_.pid(), getpid());
  EXPECT_EQ(request_.command(), "sh");
  EXPECT_TRUE(request_.with_token());
  ASSERT_EQ(request_.credentials_present_size(), 1);
  EXPECT_EQ(request_.credentials_present(0), "ANTHROPIC_API_KEY");
  EXPECT_EQ(request_.SerializeAsString().find("secret-value"), std::string::npos);
}

TEST_F(HookTest, Exec_SettingsOverrideToken_Warning) {
  const test::TempDir folder;
  test::write_file(folder / "claude", "#!/bin/sh\n");
  ASSERT_EQ(chmod((folder / "claude").c_str(), 0700), 0);
  test::write_file(folder / "settings.json", R"({"apiKeyHelper":"/bin/helper"})");
  variables_["CLAUDE_CONFIG_DIR"] = folder.path().string();
  // The launch fails after the warnings, because the command does not exist.
  const auto said_for = [&](const std::string& name, bool quiet) {
    said_.clear();
    test::write_file(folder / name,
                     "\x7f"
                     "ELF");
    chmod((folder / name).c_str(), 0700);
    auto command = exec({(folder / name).string()});
    command.quiet = quiet;
    EXPECT_EQ(run(command), exit_cannot_run);
    return said_;
  };
  const std::string warning =
      "warning: apiKeyHelper in " + (folder / "settings.json").string() + " is set; claude prefers it to the token\n";
  EXPECT_NE(said_for("claude", false).find(warning), std::string::npos) << said_;
  EXPECT_EQ(said_for("claude", true).find("apiKeyHelper"), std::string::npos);
  EXPECT_EQ(said_for("docker", false).find("apiKeyHelper"), std::string::npos);
  reply_.clear_token();
  EXPECT_EQ(said_for("claude", false).find("apiKeyHelper"), std::string::npos);
}

TEST_F(HookTest, Env_Variable_WrittenToDescriptor) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_EQ(run(EnvCommand{{Scope::workspace("my-app").value()}, ends[1]}), 0);
  close(ends[1]);
  char buffer[512];
  const auto size = read(ends[0], buffer, sizeof buffer);
  EXPECT_EQ(std::string(buffer, static_cast<std::size_t>(size)), "CLAUDE_CODE_OAUTH_TOKEN=" + token + '\0');
  close(ends[0]);
  EXPECT_EQ(request_.pid(), getppid());
}

TEST_F(HookTest, Env_DescriptorNotOpen_Exit2WithoutToken) {
  EXPECT_EQ(run(EnvCommand{{Scope::global()}, 999}), 2);
  EXPECT_FALSE(request_.with_token());
}

TEST_F(HookTest, Env_Block_Exit3) {
  reply_.mutable_probe()->set_decision(v1::DECISION_BLOCK);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_EQ(run(EnvCommand{{Scope::global()}, ends[1]}), 3);
  close(ends[1]);
  char byte = 0;
  EXPECT_EQ(read(ends[0], &byte, 1), 0);
  close(ends[0]);
}

}  // namespace
}  // namespace jackin::client
