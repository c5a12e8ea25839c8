// SPDX-License-Identifier: Apache-2.0
#include "client/hook/claude_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temp_dir.hpp"

namespace jackin::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ClaudeSettings : public testing::Test {
 protected:
  void write(const std::string& file, const std::string& text) { test::write_file(folder_ / file, text); }
  std::string in(const std::string& file) const { return " in " + (folder_ / file).string(); }
  StrongerLogins output(const Environment::Variables& variables = {}) const {
    return stronger_logins(Environment(variables), places_);
  }

  test::TempDir folder_;
  SettingsPlaces places_{folder_ / "managed", folder_ / "project", folder_ / "user", ""};
  const std::string project_ = "project/.claude/settings.json";
  const std::string local_ = "project/.claude/settings.local.json";
  const std::string user_ = "user/settings.json";
};

TEST_F(ClaudeSettings, Places_OtherCommand_None) {
  for (const auto* command : {"docker", "/bin/sh", "claude-wrapper", "/opt/claude/run"}) {
    EXPECT_FALSE(settings_places({}, {command, "claude"})) << command;
  }
  for (const auto* command : {"claude", "/usr/local/bin/claude", "./claude"}) {
    EXPECT_TRUE(settings_places({}, {command})) << command;
  }
}

TEST_F(ClaudeSettings, Places_UserProjectAndArgument_AsClaudeReadsThem) {
  const Environment home{{{"HOME", "/home/me"}}};
  const auto here = std::filesystem::current_path();
  EXPECT_EQ(settings_places(home, {"claude"})->user, "/home/me/.claude");
  EXPECT_EQ(settings_places(home, {"claude"})->project, here);
  Environment moved = home;
  moved.set("CLAUDE_CONFIG_DIR", "/else");
  EXPECT_EQ(settings_places(moved, {"claude"})->user, "/else");
  moved.set("CLAUDE_CONFIG_DIR", "sub");
  EXPECT_EQ(settings_places(moved, {"claude"})->user, here / "sub");
  EXPECT_EQ(settings_places(home, {"claude", "--settings", "x.json", "-p"})->argument, "x.json");
  EXPECT_EQ(settings_places(home, {"claude", "-p", "--settings={}"})->argument, "{}");
  EXPECT_EQ(settings_places(home, {"claude", "--settings"})->argument, "");
  EXPECT_EQ(settings_places(home, {"claude", "--", "--settings", "x"})->argument, "");
}

TEST_F(ClaudeSettings, Variable_EffectiveValue_Reported) {
  for (const auto* on : {"1", "true", "TRUE", "yes", "on", " 1", "on\n"}) {
    EXPECT_THAT(output({{"CLAUDE_CODE_USE_BEDROCK", on}}).variables, ElementsAre("CLAUDE_CODE_USE_BEDROCK")) << on;
  }
  for (const auto* off : {"", "0", "false", "no", "off", "2", "foo", " "}) {
    EXPECT_THAT(output({{"CLAUDE_CODE_USE_BEDROCK", off}}).variables, IsEmpty()) << off;
  }
  EXPECT_THAT(output({{"ANTHROPIC_API_KEY", "0"},
                      {"ANTHROPIC_AUTH_TOKEN", "x"},
                      {"CLAUDE_CODE_USE_VERTEX", "1"},
                      {"CLAUDE_CODE_USE_FOUNDRY", "1"},
                      {"CLAUDE_CODE_USE_ANTHROPIC_AWS", "1"},
                      {"CLAUDE_CODE_USE_MANTLE", "1"},
                      {"ANTHROPIC_BASE_URL", "http://x"}})
                  .variables,
              ElementsAre("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_USE_VERTEX",
                          "CLAUDE_CODE_USE_FOUNDRY", "CLAUDE_CODE_USE_ANTHROPIC_AWS", "CLAUDE_CODE_USE_MANTLE"));
  EXPECT_THAT(output({{"ANTHROPIC_API_KEY", ""}}).variables, IsEmpty());
}

TEST_F(ClaudeSettings, ApiKeyHelper_AnyPlace_ReportedWithFile) {
  EXPECT_THAT(output().settings, IsEmpty());
  for (const auto& file : {std::string("managed/managed-settings.json"),
                           std::string("managed/managed-settings.d/10.json"), project_, local_, user_}) {
    write(file, R"({"model":"x","apiKeyHelper":"/bin/helper"})");
    EXPECT_THAT(output().settings, ElementsAre("apiKeyHelper" + in(file)));
    std::filesystem::remove(folder_ / file);
  }
  places_.argument = R"({"apiKeyHelper":"/bin/helper"})";
  EXPECT_THAT(output().settings, ElementsAre("apiKeyHelper in --settings"));
  write("project/mine.json", R"({"apiKeyHelper":"/bin/helper"})");
  places_.argument = "mine.json";
  EXPECT_THAT(output().settings, ElementsAre("apiKeyHelper" + in("project/mine.json")));
}

TEST_F(ClaudeSettings, SeveralPlaces_HighestPrecedenceDecides) {
  write(project_, R"({"apiKeyHelper":"/bin/helper","env":{"ANTHROPIC_API_KEY":"key"}})");
  write(local_, R"({"apiKeyHelper":"","env":{"ANTHROPIC_API_KEY":""}})");
  EXPECT_THAT(output().settings, IsEmpty());
  write(local_, R"({"apiKeyHelper":null,"env":7})");
  EXPECT_THAT(output().settings, ElementsAre("ANTHROPIC_API_KEY" + in(project_), "apiKeyHelper" + in(project_)));
}

TEST_F(ClaudeSettings, EnvInSettings_OverridesEnvironment) {
  write(user_, R"({"env":{"CLAUDE_CODE_USE_BEDROCK":1,"ANTHROPIC_API_KEY":"","CLAUDE_CODE_OAUTH_TOKEN":"x"}})");
  const auto found = output({{"ANTHROPIC_API_KEY", "key"}, {"CLAUDE_CODE_USE_VERTEX", "1"}});
  EXPECT_THAT(found.settings,
              ElementsAre("CLAUDE_CODE_USE_BEDROCK" + in(user_), "CLAUDE_CODE_OAUTH_TOKEN" + in(user_)));
  EXPECT_THAT(found.variables, ElementsAre("CLAUDE_CODE_USE_VERTEX"));
}

TEST_F(ClaudeSettings, UnreadableSettings_Ignored) {
  const std::string helper = R"({"apiKeyHelper":"/bin/helper"})";
  for (const auto& text : {std::string(), std::string("nonsense"), std::string("[]"), helper.substr(0, 10),
                           helper + "// x", helper + std::string(std::size_t{1024} * 1024, ' ')}) {
    write(user_, text);
    EXPECT_THAT(output().settings, IsEmpty()) << text.substr(0, 40);
  }
  std::filesystem::remove(folder_ / user_);
  ASSERT_EQ(mkfifo((folder_ / user_).c_str(), 0600), 0);
  EXPECT_THAT(output().settings, IsEmpty()) << "and a FIFO does not block the hook";
}

}  // namespace
}  // namespace jackin::client
