// SPDX-License-Identifier: Apache-2.0
#include "client/hook/arguments.hpp"

#include <gtest/gtest.h>

namespace jackin::client {
namespace {

template <typename T>
T understood(std::vector<std::string> arguments) {
  auto parsed = parse_hook_arguments(std::move(arguments));
  if (auto* stop = std::get_if<ParseStop>(&parsed)) {
    ADD_FAILURE() << stop->error;
    std::abort();
  }
  return std::get<T>(std::get<HookCommand>(std::move(parsed)));
}

ParseStop stopped(std::vector<std::string> arguments) {
  auto parsed = parse_hook_arguments(std::move(arguments));
  if (auto* stop = std::get_if<ParseStop>(&parsed)) return *stop;
  ADD_FAILURE() << "was understood";
  return {};
}

TEST(HookArguments, Scope_WorkspaceRoleOrGlobal_Parsed) {
  EXPECT_EQ(understood<ProbeCommand>({"probe", "my-app"}).scope.scope.value().str(), "my-app");
  EXPECT_EQ(understood<ProbeCommand>({"probe", "my-app", "--role", "team/dev"}).scope.scope.value().str(),
            "my-app:team/dev");
  EXPECT_TRUE(understood<ProbeCommand>({"probe", "--global"}).scope.scope.value().is_global());
}

TEST(HookArguments, Scope_WithColon_WorkspaceAndRole) {
  EXPECT_EQ(understood<ProbeCommand>({"probe", "my-app:team/dev"}).scope.scope, *Scope::role("my-app", "team/dev"));
}

TEST(HookArguments, NoScope_DefaultWorkspace) {
  EXPECT_FALSE(understood<ProbeCommand>({"probe"}).scope.scope);
  EXPECT_EQ(understood<ExecCommand>({"exec", "--role", "dev", "--", "claude"}).scope.role, "dev");
}

TEST(HookArguments, EmptyScope_WrongUsage) {
  EXPECT_EQ(stopped({"probe", ""}).exit_code, 2);
  EXPECT_EQ(stopped({"env", "", "--fd", "7"}).exit_code, 2);
  EXPECT_EQ(stopped({"probe", "my-app", "--role", ""}).exit_code, 2);
  EXPECT_EQ(stopped({"probe", "my-app", "--role="}).exit_code, 2);
  const ParseStop stop = stopped({"exec", "", "--", "claude"});
  EXPECT_EQ(stop.exit_code, 125);
  EXPECT_EQ(stop.error,
            "error: the workspace is empty; name one, or leave the argument out for the default workspace\n"
            "try: jackinctl status\n");
}

TEST(HookArguments, Exec_AfterDoubleDash_BelongsToCommand) {
  const auto exec = understood<ExecCommand>(
      {"exec", "my-app", "--provision", "/d", "--via", "fd", "--quiet", "--", "claude", "--via", "x", "--", "-p"});
  EXPECT_EQ(exec.scope.scope.value().str(), "my-app");
  EXPECT_EQ(exec.provision, "/d");
  EXPECT_EQ(exec.via, Via::fd);
  EXPECT_TRUE(exec.quiet);
  EXPECT_EQ(exec.command, (std::vector<std::string>{"claude", "--via", "x", "--", "-p"}));
}

TEST(HookArguments, Exec_Global_CommandNotTakenAsWorkspace) {
  const auto exec = understood<ExecCommand>({"exec", "--global", "--", "claude"});
  EXPECT_TRUE(exec.scope.scope.value().is_global());
  EXPECT_EQ(exec.via, Via::env);
  EXPECT_EQ(exec.command, std::vector<std::string>{"claude"});
}

TEST(HookArguments, Credential_WrongUsageUnlessForTheCommand) {
  const std::string credential = "sk-ant-oat01-abcdefgh";
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"probe", credential},
                                             {"env", "a", "--fd", credential},
                                             {"exec", "a", "--provision", credential, "--", "x"},
                                             {"exec", "a", "--", credential}}) {
    const ParseStop stop = stopped(arguments);
    EXPECT_EQ(stop.exit_code, arguments.front() == "exec" ? 125 : 2);
    EXPECT_NE(stop.error.find("counts as leaked"), std::string::npos) << stop.error;
    EXPECT_EQ(stop.error.find("abcdefgh"), std::string::npos) << stop.error;
  }
  EXPECT_EQ(understood<ExecCommand>({"exec", "a", "--", "claude", credential}).command.back(), credential);
}

TEST(HookArguments, Env_Fd_Parsed) {
  EXPECT_EQ(understood<EnvCommand>({"env", "my-app", "--fd", "7"}).fd, 7);
}

TEST(HookArguments, WrongUsage_Exit2) {
  EXPECT_EQ(stopped({}).exit_code, 2);
  EXPECT_EQ(stopped({"probe", "a", "b"}).exit_code, 2);
  EXPECT_EQ(stopped({"probe", "a", "--global"}).exit_code, 2);
  EXPECT_EQ(stopped({"probe", "a", "--role", "Not A Role"}).exit_code, 2);
  EXPECT_EQ(stopped({"probe", "a/b"}).exit_code, 2);
  EXPECT_EQ(stopped({"probe", "a", "--frobnicate"}).exit_code, 2);
  EXPECT_EQ(stopped({"frobnicate"}).exit_code, 2);
  EXPECT_EQ(stopped({"env", "a"}).exit_code, 2);
  EXPECT_EQ(stopped({"env", "a", "--fd", "-1"}).exit_code, 2);
  EXPECT_EQ(stopped({"env", "a", "--fd", "x"}).exit_code, 2);
}

TEST(HookArguments, Exec_WrongUsage_Exit125) {
  EXPECT_EQ(stopped({"exec"}).exit_code, 125);
  EXPECT_EQ(stopped({"exec", "my-app"}).exit_code, 125);
  EXPECT_EQ(stopped({"exec", "my-app", "--"}).exit_code, 125);
  EXPECT_EQ(stopped({"exec", "my-app", "claude"}).exit_code, 125);
  EXPECT_EQ(stopped({"exec", "my-app", "--via", "argv", "--", "claude"}).exit_code, 125);
  EXPECT_EQ(stopped({"exec", "my-app", "--via", "1", "--", "claude"}).error,
            "error: --via: takes env or fd, not '1'\ntry: jackin-hook exec --help\n");
}

TEST(HookArguments, WrongUsage_ErrorNamesHelpCommand) {
  const ParseStop stop = stopped({"env", "a", "--fd", "x"});
  EXPECT_EQ(stop.error.rfind("error: ", 0), 0U) << stop.error;
  EXPECT_NE(stop.error.find("\ntry: jackin-hook env --help\n"), std::string::npos) << stop.error;
  EXPECT_EQ(stop.out, "");
}

TEST(HookArguments, HelpAndVersion_Exit0OnStdout) {
  const ParseStop help = stopped({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_NE(help.out.find("exec"), std::string::npos);
  const ParseStop own = stopped({"exec", "--help"});
  EXPECT_EQ(own.exit_code, 0);
  EXPECT_NE(own.out.find("--provision"), std::string::npos);
  const ParseStop number = stopped({"--version"});
  EXPECT_EQ(number.exit_code, 0);
  EXPECT_EQ(number.out.rfind("jackin-hook 0.", 0), 0U);
}

}  // namespace
}  // namespace jackin::client
