#include "common/paths.hpp"

#include <gtest/gtest.h>

namespace jackin {
namespace {

namespace fs = std::filesystem;

Environment with(Environment::Variables variables) {
  return Environment(std::move(variables));
}

Paths found(const Environment& environment, const PathOptions& options = {}) {
  const auto paths = find_paths(environment, options);
  EXPECT_TRUE(paths) << paths.error().message;
  return paths.value_or(Paths{});
}

TEST(Paths, AreWhereTheManualSays) {
  const Paths paths = found(with({{"HOME", "/home/me"}, {"XDG_RUNTIME_DIR", "/run/user/1"}}));
  EXPECT_EQ(paths.config_file(), "/home/me/.config/jackin/config.toml");
  EXPECT_EQ(paths.workspaces_dir(), "/home/me/.config/jackin/workspaces");
  EXPECT_EQ(paths.config_lock(), "/home/me/.config/jackin/config.lock");
  EXPECT_EQ(paths.settings_file(), "/home/me/.config/jackin/jackind.toml");
  EXPECT_EQ(paths.database(), "/home/me/.jackin/state/jackind.db");
  EXPECT_EQ(paths.daemon_lock(), "/home/me/.jackin/state/jackind.lock");
  EXPECT_EQ(paths.secrets_dir(), "/home/me/.jackin/secrets");
  EXPECT_EQ(paths.log_dir(), "/home/me/.jackin/log");
  EXPECT_EQ(paths.socket(), "/run/user/1/jackin/jackind.sock");
}

TEST(Paths, TheSocketLiesInTheStateFolderWithoutARuntimeFolder) {
  EXPECT_EQ(found(with({{"HOME", "/h"}})).socket(), "/h/.jackin/run/jackind.sock");
  EXPECT_EQ(found(with({{"HOME", "/h"}, {"XDG_RUNTIME_DIR", ""}})).socket(), "/h/.jackin/run/jackind.sock");
  EXPECT_EQ(found(with({{"HOME", "/h"}, {"XDG_RUNTIME_DIR", "relative"}})).socket(), "/h/.jackin/run/jackind.sock");
  EXPECT_EQ(found(with({{"HOME", "/h"}, {"JACKIN_HOME_DIR", "/s"}})).socket(), "/s/run/jackind.sock");
}

TEST(Paths, VariablesBeatDefaultsAndOptionsBeatVariables) {
  const Environment environment = with({{"HOME", "/h"},
                                        {"XDG_RUNTIME_DIR", "/run"},
                                        {"JACKIN_CONFIG_DIR", "/c"},
                                        {"JACKIN_HOME_DIR", "/s"},
                                        {"JACKIN_RUNTIME_DIR", "/r"}});
  const Paths by_variable = found(environment);
  EXPECT_EQ(by_variable.config_dir, "/c");
  EXPECT_EQ(by_variable.home_dir, "/s");
  EXPECT_EQ(by_variable.socket(), "/r/jackind.sock");
  const Paths by_option = found(environment, {.config_dir = "/c2", .home_dir = "/s2", .runtime_dir = "/r2"});
  EXPECT_EQ(by_option.config_dir, "/c2");
  EXPECT_EQ(by_option.home_dir, "/s2");
  EXPECT_EQ(by_option.runtime_dir, "/r2");
}

TEST(Paths, OneFolderHasOneSpelling) {
  EXPECT_EQ(found(with({{"HOME", "/h"}, {"JACKIN_CONFIG_DIR", "/a/./b/../c/"}})).config_dir, "/a/c");
}

TEST(Paths, ARelativeFolderIsAnError) {
  for (const auto name : {"JACKIN_CONFIG_DIR", "JACKIN_HOME_DIR", "JACKIN_RUNTIME_DIR"}) {
    const auto paths = find_paths(with({{"HOME", "/h"}, {name, "some/where"}}));
    ASSERT_FALSE(paths) << name;
    EXPECT_EQ(paths.error().reason, Reason::invalid_argument);
    EXPECT_NE(paths.error().message.find(name), std::string::npos);
  }
  EXPECT_FALSE(find_paths(with({{"HOME", "relative"}})));
}

TEST(Paths, WithoutHomeTheUserDatabaseIsAsked) {
  EXPECT_TRUE(found(Environment()).home.is_absolute());
}

TEST(Paths, ATildeStandsForHome) {
  EXPECT_EQ(expand_home("~", "/home/me"), "/home/me");
  EXPECT_EQ(expand_home("~/a/b", "/home/me"), "/home/me/a/b");
  EXPECT_EQ(expand_home("~//a", "/home/me"), "/home/me/a");
  EXPECT_EQ(expand_home("~other/a", "/home/me"), "~other/a");
  EXPECT_EQ(expand_home("/a/~/b", "/home/me"), "/a/~/b");
}

TEST(Paths, OnlyWhatIsBelowHomeIsShortened) {
  EXPECT_EQ(abbreviate_home("/home/me/a/b", "/home/me"), "~/a/b");
  EXPECT_EQ(abbreviate_home("/home/me", "/home/me"), "/home/me");
  EXPECT_EQ(abbreviate_home("/home/me2/a", "/home/me"), "/home/me2/a");
  EXPECT_EQ(abbreviate_home("/etc/x", "/home/me"), "/etc/x");
  EXPECT_EQ(abbreviate_home("/home/me/../x", "/home/me"), "/home/me/../x");
}

TEST(Paths, OneFileHasOneSpelling) {
  for (const char* written : {"~/a/b", "/home/me/a/b", "/home/me//a/./b", "~//a/b", "/home//me/a/b"}) {
    EXPECT_EQ(one_spelling(written, "/home/me"), "~/a/b") << written;
  }
  EXPECT_EQ(one_spelling("/etc//x", "/home/me"), "/etc/x");
  EXPECT_EQ(one_spelling("/home/me/link/../x", "/home/me"), "~/link/../x");
  EXPECT_EQ(one_spelling("", "/home/me"), "");
}

TEST(Paths, KnowsWhereThisProgramLies) {
  EXPECT_TRUE(fs::exists(own_program_dir() / "common_test")) << own_program_dir();
}

}  // namespace
}  // namespace jackin
