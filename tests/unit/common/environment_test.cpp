// SPDX-License-Identifier: Apache-2.0
#include "common/environment.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

namespace jackin {
namespace {

// An environment with one variable of each relevant kind.
Environment rich() {
  return Environment({
      {"HOME", "/home/me"},
      {"PATH", "/bin"},
      {"TERM", "xterm"},
      {"LANG", "C.UTF-8"},
      {"LC_ALL", "C"},
      {"DISPLAY", ":0"},
      {"XDG_RUNTIME_DIR", "/run/user/1"},
      {"DBUS_SESSION_BUS_ADDRESS", "unix:path=/x"},
      {"https_proxy", "http://proxy"},
      {"HTTPS_PROXY", "http://proxy"},
      {"NODE_EXTRA_CA_CERTS", "/ca"},
      {"CLAUDE_CONFIG_DIR", "/c"},
      {"CLAUDE_CODE_DISABLE_TELEMETRY", "1"},
      {"BROWSER", "firefox"},
      {"OP_ACCOUNT", "my"},
      {"OP_SESSION_my", "s"},
      {"OP_SERVICE_ACCOUNT_TOKEN", "ops_x"},
      {"OP_CONNECT_TOKEN", "c"},
      {"OP_CONNECT_HOST", "h"},
      {"LD_PRELOAD", "/evil.so"},
      {"LD_LIBRARY_PATH", "/evil"},
      {"DYLD_INSERT_LIBRARIES", "/evil"},
      {"GRPC_VERBOSITY", "debug"},
      {"SSLKEYLOGFILE", "/keys"},
      {"NODE_OPTIONS", "--require /evil.js"},
      {"G_MESSAGES_DEBUG", "all"},
      {"G_DBUS_DEBUG", "all"},
      {"SECRET_BACKEND", "file"},
      {"SECRET_FILE_TEST_PATH", "/tmp/keyring"},
      {"SECRET_FILE_TEST_PASSWORD", "x"},
      {"SECRET_OF_MINE", "x"},
      {"CLAUDE_CODE_OAUTH_TOKEN", "sk-ant-oat01-x"},
      {"CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR", "3"},
      {"CLAUDE_CODE_OAUTH_REFRESH_TOKEN", "sk-ant-ort01-x"},
      {"JACKIND_TOKEN_app", "sk-ant-oat01-x"},
      {"CLAUDE_CODE_API_KEY_HELPER_TTL_MS", "1"},
      {"ANTHROPIC_API_KEY", "sk-ant-api03-x"},
      {"ANTHROPIC_AUTH_TOKEN", "x"},
      {"ANTHROPIC_CUSTOM_HEADERS", "Authorization: x"},
      {"ANTHROPIC_BASE_URL", "http://127.0.0.1:9"},
      {"AWS_SECRET_ACCESS_KEY", "x"},
      {"EDITOR", "vi"},
      {"NOTIFY_SOCKET", "/run/notify"},
      {"WATCHDOG_USEC", "1"},
      {"WATCHDOG_PID", "1"},
      {"LISTEN_FDS", "1"},
      {"LISTEN_PID", "1"},
      {"JOURNAL_STREAM", "1:1"},
      {"SYSTEMD_EXEC_PID", "1"},
      {"INVOCATION_ID", "x"},
  });
}

const std::vector<std::string_view> credentials{"CLAUDE_CODE_OAUTH_TOKEN",
                                                "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR",
                                                "CLAUDE_CODE_OAUTH_REFRESH_TOKEN",
                                                "ANTHROPIC_API_KEY",
                                                "ANTHROPIC_AUTH_TOKEN",
                                                "ANTHROPIC_CUSTOM_HEADERS",
                                                "JACKIND_TOKEN_app"};

TEST(Environment, Filters_ClaudeCredentials_Removed) {
  for (const auto& filtered : {client_environment(rich()), daemon_environment(rich()), claude_environment(rich())}) {
    for (const auto name : credentials) EXPECT_FALSE(filtered.get(name)) << name;
  }
}

TEST(Environment, Filters_ApiAddress_Removed) {
  for (const auto& filtered : {client_environment(rich()), daemon_environment(rich()), claude_environment(rich())}) {
    EXPECT_FALSE(filtered.get("ANTHROPIC_BASE_URL"));
  }
}

TEST(Environment, Filters_ServiceManagerVariables_Removed) {
  for (const auto& filtered : {daemon_environment(rich()), client_environment(rich())}) {
    for (const auto name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID",
                            "JOURNAL_STREAM", "SYSTEMD_EXEC_PID", "INVOCATION_ID"}) {
      EXPECT_FALSE(filtered.get(name)) << name;
    }
  }
}

TEST(Environment, DaemonFilter_LoaderAndLogVariables_Removed) {
  const auto kept = daemon_environment(rich());
  for (const auto name :
       {"LD_PRELOAD", "LD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "GRPC_VERBOSITY", "SSLKEYLOGFILE", "NODE_OPTIONS",
        "G_MESSAGES_DEBUG", "G_DBUS_DEBUG", "SECRET_BACKEND", "SECRET_FILE_TEST_PATH", "SECRET_FILE_TEST_PASSWORD"}) {
    EXPECT_FALSE(kept.get(name)) << name;
  }
  for (const auto name :
       {"HOME", "PATH", "EDITOR", "OP_SERVICE_ACCOUNT_TOKEN", "AWS_SECRET_ACCESS_KEY", "BROWSER", "SECRET_OF_MINE"}) {
    EXPECT_TRUE(kept.get(name)) << name;
  }
}

TEST(Environment, ClientFilter_KeepsOnlyWhatProgramsNeed) {
  const auto sent = client_environment(rich());
  for (const auto name :
       {"HOME", "PATH", "TERM", "LC_ALL", "XDG_RUNTIME_DIR", "https_proxy", "HTTPS_PROXY", "CLAUDE_CONFIG_DIR",
        "CLAUDE_CODE_DISABLE_TELEMETRY", "OP_ACCOUNT", "OP_SESSION_my", "OP_SERVICE_ACCOUNT_TOKEN"}) {
    EXPECT_EQ(sent.get(name), rich().get(name)) << name;
  }
  for (const auto name : {"AWS_SECRET_ACCESS_KEY", "EDITOR", "LD_PRELOAD", "NODE_OPTIONS", "OP_CONNECT_TOKEN",
                          "OP_CONNECT_HOST", "BROWSER"}) {
    EXPECT_FALSE(sent.get(name)) << name;
  }
}

TEST(Environment, ClaudeFilter_VariablesOfStores_Removed) {
  const auto given = claude_environment(rich());
  for (const auto name : {"OP_ACCOUNT", "OP_SESSION_my", "OP_SERVICE_ACCOUNT_TOKEN", "BROWSER", "EDITOR"}) {
    EXPECT_FALSE(given.get(name)) << name;
  }
  EXPECT_EQ(given.get("HOME"), "/home/me");
  EXPECT_EQ(given.get("CLAUDE_CODE_DISABLE_TELEMETRY"), "1");
}

TEST(Environment, Patterns_MatchWholeNamesAndPrefixes) {
  const Environment some({{"A", "1"}, {"AB", "2"}, {"B_1", "3"}, {"B_", "4"}, {"B", "5"}});
  EXPECT_EQ(some.only({"A", "B_*"}), Environment({{"A", "1"}, {"B_1", "3"}, {"B_", "4"}}));
  EXPECT_EQ(some.without({"A", "B_*"}), Environment({{"AB", "2"}, {"B", "5"}}));
  EXPECT_EQ(some.only({}), Environment());
}

TEST(Environment, Get_SetAndEmpty_Distinguished) {
  Environment some;
  some.set("EMPTY", "");
  EXPECT_TRUE(some.get("EMPTY"));
  EXPECT_FALSE(some.has("EMPTY"));
  EXPECT_EQ(some.value_of("UNSET"), "");
  some.set("EMPTY", "now");
  EXPECT_TRUE(some.has("EMPTY"));
  some.erase("EMPTY");
  some.erase("EMPTY");
  EXPECT_FALSE(some.get("EMPTY"));
}

TEST(Environment, Variables_OfTemporary_CanBeIterated) {
  std::string names;
  for (const auto& [name, value] : Environment({{"A", "1"}, {"B", "2"}}).variables()) names += name + value;
  EXPECT_EQ(names, "A1B2");
}

TEST(Environment, OfThisProcess_ReadsEnvironment) {
  setenv("JACKIN_TEST_VARIABLE", "a=b", 1);
  EXPECT_EQ(Environment::of_this_process().get("JACKIN_TEST_VARIABLE"), "a=b");
  unsetenv("JACKIN_TEST_VARIABLE");
  EXPECT_FALSE(Environment::of_this_process().get("JACKIN_TEST_VARIABLE"));
}

}  // namespace
}  // namespace jackin
