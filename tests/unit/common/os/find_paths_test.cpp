// SPDX-License-Identifier: Apache-2.0
#include "common/os/find_paths.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/temp_dir.hpp"

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

TEST(FindPaths, Defaults_AsInManual) {
  const test::TempDir session;
  const Paths paths = found(with({{"HOME", "/home/me"}, {"XDG_RUNTIME_DIR", session.path().string()}}));
  EXPECT_EQ(paths.config_file(), "/home/me/.config/jackin/config.toml");
  EXPECT_EQ(paths.workspaces_dir(), "/home/me/.config/jackin/workspaces");
  EXPECT_EQ(paths.config_lock(), "/home/me/.config/jackin/config.lock");
  EXPECT_EQ(paths.settings_file(), "/home/me/.config/jackin/jackind.toml");
  EXPECT_EQ(paths.database(), "/home/me/.local/state/jackind/jackind.db");
  EXPECT_EQ(paths.daemon_lock(), "/home/me/.local/state/jackind/jackind.lock");
  EXPECT_EQ(paths.log_dir(), "/home/me/.local/state/jackind/log");
  EXPECT_EQ(paths.tokens_dir(), "/home/me/.local/share/jackind/tokens");
  EXPECT_EQ(paths.home_dir, "/home/me/.jackin");
  EXPECT_EQ(paths.socket(), session / "jackin/jackind.sock");
}

TEST(FindPaths, XdgBaseDirectories_Used) {
  const Paths paths = found(with({{"HOME", "/h"}, {"XDG_STATE_HOME", "/s"}, {"XDG_DATA_HOME", "/d"}}));
  EXPECT_EQ(paths.state_dir, "/s/jackind");
  EXPECT_EQ(paths.tokens_dir(), "/d/jackind/tokens");
  const Paths relative = found(with({{"HOME", "/h"}, {"XDG_STATE_HOME", "s"}, {"XDG_DATA_HOME", "d"}}));
  EXPECT_EQ(relative.state_dir, "/h/.local/state/jackind");
  EXPECT_EQ(relative.data_dir, "/h/.local/share/jackind");
}

TEST(FindPaths, NoRuntimeFolder_SocketInStateFolder) {
  const auto socket_with = [](const std::string& session) {
    return found(with({{"HOME", "/h"}, {"XDG_RUNTIME_DIR", session}})).socket();
  };
  const test::TempDir folder;
  const fs::path otherwise = "/h/.local/state/jackind/run/jackind.sock";
  EXPECT_EQ(found(with({{"HOME", "/h"}})).socket(), otherwise);
  EXPECT_EQ(socket_with(""), otherwise);
  EXPECT_EQ(socket_with("relative"), otherwise);
  EXPECT_EQ(socket_with(folder / "missing"), otherwise);
  test::write_file(folder / "file", "");
  EXPECT_EQ(socket_with(folder / "file"), otherwise);
  EXPECT_EQ(found(with({{"HOME", "/h"}, {"JACKIND_STATE_DIR", "/s"}})).socket(), "/s/run/jackind.sock");
  if (geteuid() == 0) {
    ASSERT_EQ(chown(folder.path().c_str(), 65534, 65534), 0);
    EXPECT_EQ(socket_with(folder.path()), otherwise);
  }
}

TEST(FindPaths, RootWithHomeOfAnotherUser_Rejected) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const test::TempDir home;
  EXPECT_TRUE(find_paths(with({{"HOME", home.path().string()}})));
  ASSERT_EQ(chown(home.path().c_str(), 65534, 65534), 0);
  const auto refused = find_paths(with({{"HOME", home.path().string()}}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::permission_denied);
  EXPECT_FALSE(refused.error().remedy.empty());
}

TEST(FindPaths, Precedence_OptionOverVariableOverDefault) {
  const Environment environment = with({{"HOME", "/h"},
                                        {"JACKIN_CONFIG_DIR", "/c"},
                                        {"JACKIND_STATE_DIR", "/s"},
                                        {"JACKIND_DATA_DIR", "/d"},
                                        {"JACKIN_RUNTIME_DIR", "/r"},
                                        {"JACKIN_HOME_DIR", "/o"}});
  const Paths by_variable = found(environment);
  EXPECT_EQ(by_variable.config_dir, "/c");
  EXPECT_EQ(by_variable.state_dir, "/s");
  EXPECT_EQ(by_variable.data_dir, "/d");
  EXPECT_EQ(by_variable.home_dir, "/o");
  EXPECT_EQ(by_variable.socket(), "/r/jackind.sock");
  const Paths by_option =
      found(environment,
            {.config_dir = "/c2", .state_dir = "/s2", .data_dir = "/d2", .runtime_dir = "/r2", .home_dir = "/o2"});
  EXPECT_EQ(by_option.config_dir, "/c2");
  EXPECT_EQ(by_option.state_dir, "/s2");
  EXPECT_EQ(by_option.data_dir, "/d2");
  EXPECT_EQ(by_option.home_dir, "/o2");
  EXPECT_EQ(by_option.runtime_dir, "/r2");
}

TEST(FindPaths, Folder_Normalised) {
  EXPECT_EQ(found(with({{"HOME", "/h"}, {"JACKIN_CONFIG_DIR", "/a/./b/../c/"}})).config_dir, "/a/c");
}

TEST(FindPaths, RelativeFolder_Rejected) {
  for (const auto name :
       {"JACKIN_CONFIG_DIR", "JACKIND_STATE_DIR", "JACKIND_DATA_DIR", "JACKIN_RUNTIME_DIR", "JACKIN_HOME_DIR"}) {
    const auto paths = find_paths(with({{"HOME", "/h"}, {name, "some/where"}}));
    ASSERT_FALSE(paths) << name;
    EXPECT_EQ(paths.error().reason, Reason::invalid_argument);
    EXPECT_NE(paths.error().message.find(name), std::string::npos);
  }
  EXPECT_FALSE(find_paths(with({{"HOME", "relative"}})));
}

TEST(FindPaths, NoHomeVariable_UserDatabaseUsed) {
  EXPECT_TRUE(found(Environment()).home.is_absolute());
}

TEST(OwnProgramDir, FolderOfThisProgram_Found) {
  EXPECT_TRUE(fs::exists(own_program_dir() / "os_test")) << own_program_dir();
}

}  // namespace
}  // namespace jackin
