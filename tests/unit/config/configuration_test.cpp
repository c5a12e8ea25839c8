// SPDX-License-Identifier: Apache-2.0
// The configuration as it is on disk at the time of the call.

#include "daemon/config/configuration.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>

#ifdef __linux__
#include <sys/inotify.h>
#endif

#include "tests/unit/config/child.hpp"
#include "tests/unit/config/sources.hpp"

namespace jackin::config {
namespace {

namespace fs = std::filesystem;
using test::write_file;

struct ConfigurationTest : testing::Test {
  test::ConfigFolder folder;
  Configuration configuration{folder.paths};

  AuthMode mode(const std::string& scope) {
    const auto auth = configuration.effective(*Scope::parse(scope));
    if (!auth) {
      ADD_FAILURE() << auth.error().message;
      return AuthMode::sync;
    }
    return auth->mode;
  }
  static std::string with_mode(const std::string& mode) { return "[claude]\nauth_forward = \"" + mode + "\"\n"; }
};

TEST_F(ConfigurationTest, Scopes_GlobalWorkspacesAndRoles_Listed) {
  write_file(folder.workspace("zeta"), "[roles.\"team/b\".claude]\n[roles.a]\n");
  write_file(folder.workspace("alpha beta"), "");
  write_file(folder.workspace("alpha beta").string() + "~", "");
  write_file(folder.paths.workspaces_dir() / "notes.txt", "");
  write_file(folder.paths.workspaces_dir() / ".toml", "");
  fs::create_directory(folder.workspace("a-folder"));
  const auto scopes = configuration.scopes();
  ASSERT_TRUE(scopes);
  std::string names;
  for (const auto& entry : *scopes) {
    EXPECT_FALSE(entry.error);
    names += entry.scope.str() + "|";
  }
  EXPECT_EQ(names, "global|alpha beta|zeta|zeta:a|zeta:team/b|");
}

TEST_F(ConfigurationTest, Scopes_NoFolder_GlobalListed) {
  fs::remove_all(folder.paths.config_dir);
  const auto scopes = configuration.scopes();
  ASSERT_TRUE(scopes);
  EXPECT_EQ(scopes->size(), 1U);
  EXPECT_EQ(mode("global"), AuthMode::sync);
}

TEST_F(ConfigurationTest, Scopes_DanglingLink_ListedAsUnreadable) {
  const fs::path away = folder.folder / "away/b.toml";
  fs::create_symlink(away, folder.workspace("b"));
  fs::create_symlink(folder.workspace("loop"), folder.workspace("loop"));
  const auto scopes = configuration.scopes();
  ASSERT_TRUE(scopes);
  ASSERT_EQ(scopes->size(), 3U);
  for (std::size_t i = 1; i < 3; ++i) {
    ASSERT_TRUE((*scopes)[i].error);
    EXPECT_EQ((*scopes)[i].error->reason, Reason::config_unreadable);
  }
  EXPECT_EQ((*scopes)[1].error->message, "workspaces/b.toml cannot be read: " + folder.workspace("b").string() +
                                             " is a link to " + away.string() + ", which is not there");
  EXPECT_EQ(configuration.layer(*Scope::workspace("b")).error().reason, Reason::config_unreadable);
  write_file(away, with_mode("ignore"));
  EXPECT_EQ(mode("b"), AuthMode::ignore);
  fs::remove(folder.workspace("b"));
  EXPECT_EQ(configuration.layer(*Scope::workspace("b")).error().reason, Reason::unknown_workspace);
}

TEST_F(ConfigurationTest, Scopes_FolderUnavailable_NotTreatedAsEmpty) {
  const auto expect_unreadable = [&](const std::string& what) {
    EXPECT_EQ(configuration.layer(*Scope::workspace("app")).error().reason, Reason::config_unreadable) << what;
    EXPECT_EQ(configuration.effective(*Scope::workspace("app")).error().reason, Reason::config_unreadable) << what;
    const auto scopes = configuration.scopes();
    EXPECT_EQ(scopes.error().reason, Reason::config_unreadable) << what;
    EXPECT_NE(scopes.error().message.find(" is a link to "), std::string::npos) << scopes.error().message;
  };
  fs::remove(folder.paths.workspaces_dir());
  fs::create_directory_symlink(folder.folder / "away", folder.paths.workspaces_dir());
  expect_unreadable("workspaces");
  fs::remove_all(folder.paths.config_dir);
  fs::create_directory_symlink(folder.folder / "away", folder.paths.config_dir);
  expect_unreadable("the whole folder");
  EXPECT_EQ(configuration.layer(Scope::global()).error().reason, Reason::config_unreadable);
  fs::remove(folder.paths.config_dir);
  EXPECT_EQ(configuration.scopes()->size(), 1U) << "really absent";
}

TEST_F(ConfigurationTest, GlobalFileUnavailable_Reported) {
  fs::create_symlink(folder.folder / "away.toml", folder.config());
  write_file(folder.workspace("app"), "");
  EXPECT_EQ(configuration.scopes()->front().error->reason, Reason::config_unreadable);
  EXPECT_EQ(configuration.effective(*Scope::workspace("app")).error().reason, Reason::config_unreadable);
}

TEST_F(ConfigurationTest, FolderNotSearchable_WorkspacesListedAsUnreadable) {
  write_file(folder.workspace("app"), "");
  test::give_away(folder.folder.path());
  const std::string said = test::in_child([&] {
    test::drop_privileges();
    fs::permissions(folder.paths.workspaces_dir(), fs::perms(0400));
    const auto scopes = configuration.scopes();
    if (!scopes) return std::string(to_code(scopes.error().reason));
    return std::to_string(scopes->size()) + std::string(scopes->back().error ? " unreadable" : " readable");
  });
  EXPECT_EQ(said, "2 unreadable");
  fs::permissions(folder.paths.workspaces_dir(), fs::perms(0700));
}

TEST_F(ConfigurationTest, Scopes_InvalidRoleName_Omitted) {
  write_file(folder.workspace("app"), "[roles.\"Not A Role\"]\n[roles.fine]\n");
  EXPECT_EQ(configuration.scopes()->size(), 3U);
}

TEST_F(ConfigurationTest, Scopes_BrokenFileOrRole_OthersListed) {
  write_file(folder.config(), "[claude\n");
  write_file(folder.workspace("broken"), "= 1\n");
  write_file(folder.workspace("fine"), with_mode("ignore") + "[roles.bad.claude]\nauth_forward = 1\n[roles.good]\n");
  const auto scopes = configuration.scopes();
  ASSERT_TRUE(scopes);
  std::string told;
  for (const auto& entry : *scopes) told += entry.scope.str() + (entry.error ? "! " : " ");
  EXPECT_EQ(told, "global! broken! fine fine:bad! fine:good ");
  EXPECT_EQ(mode("fine"), AuthMode::ignore);
}

TEST_F(ConfigurationTest, Effective_BrokenGlobalFile_FailsOnlyWhereItDecides) {
  write_file(folder.config(), "[claude\n");
  write_file(folder.workspace("decided"), "[claude]\noauth_token = { env = \"T\" }\n");
  write_file(folder.workspace("open"), "");
  const auto decided = configuration.effective(*Scope::workspace("decided"));
  ASSERT_TRUE(decided);
  ASSERT_EQ(decided->oddities.size(), 1U);
  EXPECT_EQ(decided->oddities.front().code, "global_config_broken");
  const auto open = configuration.effective(*Scope::workspace("open"));
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().reason, Reason::config_invalid);
  EXPECT_TRUE(open.error().message.starts_with("syntax error in ~/jackin/config.toml, line 1, column 8: "))
      << open.error().message;
}

TEST_F(ConfigurationTest, Effective_UnknownWorkspace_SimilarNamesSuggested) {
  for (const std::string name : {"my-app", "my-api", "frontend"}) write_file(folder.workspace(name), "");
  const auto auth = configuration.effective(*Scope::workspace("my-ap"));
  ASSERT_FALSE(auth);
  EXPECT_EQ(auth.error().reason, Reason::unknown_workspace);
  EXPECT_TRUE(auth.error().message.ends_with("; did you mean my-api or my-app?")) << auth.error().message;
  EXPECT_EQ(auth.error().remedy, "jackinctl status");
  EXPECT_EQ(configuration.layer(*Scope::workspace("zzzzzz")).error().reason, Reason::unknown_workspace);
  const auto unlike = configuration.layer(*Scope::workspace("zzzzzz"));
  EXPECT_EQ(unlike.error().message, "no workspace 'zzzzzz' (looked for ~/jackin/workspaces/zzzzzz.toml)");
  EXPECT_EQ(unlike.error().remedy, "jackinctl setup zzzzzz --create");
}

TEST_F(ConfigurationTest, Effective_FileAppearsChangesAndGoes_Followed) {
  const Scope scope = *Scope::workspace("app");
  EXPECT_FALSE(configuration.effective(scope));
  write_file(folder.workspace("app"), with_mode("ignore"));
  EXPECT_EQ(mode("app"), AuthMode::ignore);
  write_file(folder.workspace("app"), with_mode("api_key"));
  EXPECT_EQ(mode("app"), AuthMode::api_key);
  fs::remove(folder.workspace("app"));
  EXPECT_EQ(configuration.effective(scope).error().reason, Reason::unknown_workspace);
  write_file(folder.workspace("app"), "");
  EXPECT_EQ(mode("app"), AuthMode::sync);
  write_file(folder.config(), with_mode("ignore"));
  EXPECT_EQ(mode("app"), AuthMode::ignore);
  fs::remove(folder.config());
  EXPECT_EQ(mode("app"), AuthMode::sync);
}

// Repeated, since two states have the same times only by chance.
TEST_F(ConfigurationTest, Effective_SameLengthSameMoment_ChangeSeen) {
  for (int i = 0; i < 50; ++i) {
    write_file(folder.workspace("app"), with_mode("ignore"));
    ASSERT_EQ(mode("app"), AuthMode::ignore);
    write_file(folder.workspace("app"), with_mode("sync") + "# ");
    ASSERT_EQ(mode("app"), AuthMode::sync);
  }
}

TEST_F(ConfigurationTest, Effective_ReplacedWithSameTimesAndLength_ChangeSeen) {
  write_file(folder.workspace("app"), with_mode("ignore"));
  const auto old = std::filesystem::last_write_time(folder.workspace("app")) - std::chrono::hours(1);
  fs::last_write_time(folder.workspace("app"), old);
  EXPECT_EQ(mode("app"), AuthMode::ignore);
  write_file(folder.paths.workspaces_dir() / "aside", with_mode("sync") + "# ");
  fs::last_write_time(folder.paths.workspaces_dir() / "aside", old);
  ASSERT_EQ(fs::file_size(folder.paths.workspaces_dir() / "aside"), fs::file_size(folder.workspace("app")));
  fs::rename(folder.paths.workspaces_dir() / "aside", folder.workspace("app"));
  EXPECT_EQ(mode("app"), AuthMode::sync);
}

TEST_F(ConfigurationTest, Effective_LinkTargetChanges_Followed) {
  write_file(folder.folder / "dotfiles/one.toml", with_mode("ignore"));
  write_file(folder.folder / "dotfiles/two.toml", with_mode("api_key"));
  fs::create_symlink(folder.folder / "dotfiles/one.toml", folder.workspace("app"));
  EXPECT_EQ(mode("app"), AuthMode::ignore);
  fs::remove(folder.workspace("app"));
  fs::create_symlink(folder.folder / "dotfiles/two.toml", folder.workspace("app"));
  EXPECT_EQ(mode("app"), AuthMode::api_key);
  write_file(folder.folder / "dotfiles/two.toml", with_mode("sync"));
  EXPECT_EQ(mode("app"), AuthMode::sync);
}

TEST_F(ConfigurationTest, Effective_NotARegularFile_RejectedWithoutWaiting) {
  ASSERT_EQ(mkfifo(folder.workspace("fifo").c_str(), 0600), 0);
  fs::create_symlink("/dev/zero", folder.workspace("device"));
  for (const std::string name : {"fifo", "device"}) {
    const auto auth = configuration.effective(*Scope::workspace(name));
    ASSERT_FALSE(auth) << name;
    EXPECT_EQ(auth.error().reason, Reason::config_unreadable) << name;
  }
}

TEST_F(ConfigurationTest, Effective_Folder_NotAWorkspace) {
  fs::create_directory(folder.workspace("folder"));
  EXPECT_EQ(configuration.effective(*Scope::workspace("folder")).error().reason, Reason::unknown_workspace);
  EXPECT_TRUE(configuration.scopes_of("folder").empty());
}

TEST_F(ConfigurationTest, Effective_FileTooLarge_Rejected) {
  write_file(folder.workspace("large"), "");
  fs::resize_file(folder.workspace("large"), 5U << 20);
  EXPECT_EQ(configuration.effective(*Scope::workspace("large")).error().reason, Reason::config_unreadable);
}

TEST_F(ConfigurationTest, Effective_FileNotReadable_ErrorWithRemedy) {
  write_file(folder.workspace("closed"), "");
  fs::permissions(folder.workspace("closed"), fs::perms(0));
  test::give_away(folder.folder.path());
  const std::string said = test::in_child([&] {
    test::drop_privileges();
    const auto auth = configuration.effective(*Scope::workspace("closed"));
    return auth ? "read" : std::string(to_code(auth.error().reason)) + "|" + auth.error().remedy;
  });
  EXPECT_EQ(said, "config_unreadable|chmod u+r " + folder.workspace("closed").string());
}

TEST_F(ConfigurationTest, Layer_IndependentOfOtherLayers) {
  write_file(folder.config(), "[claude]\noauth_token = { env = \"G\" }\n");
  write_file(folder.workspace("app"), "[roles.r.claude]\nauth_forward = \"sync\"\n");
  const auto top = configuration.layer(*Scope::workspace("app"));
  ASSERT_TRUE(top);
  EXPECT_EQ(top->keys, AuthKeys{});
  EXPECT_EQ(top->file, folder.workspace("app"));
  EXPECT_TRUE(top->file_exists);
  EXPECT_EQ(configuration.layer(*Scope::role("app", "r"))->keys.auth_forward, AuthMode::sync);
  EXPECT_EQ(configuration.layer(*Scope::role("app", "none"))->keys, AuthKeys{});
  EXPECT_EQ(configuration.layer(Scope::global())->keys.slot, secrets::CredentialSource(secrets::EnvSource{"G"}));
  fs::remove(folder.config());
  EXPECT_FALSE(configuration.layer(Scope::global())->file_exists);
  EXPECT_EQ(configuration.layer(Scope::global())->keys, AuthKeys{});
}

#ifdef __linux__
TEST_F(ConfigurationTest, Effective_Unchanged_OpensNoFile) {
  // Files of the source tree: a file that was just created does not yet count as unchanged.
  const fs::path target = fs::path(JACKIN_CORPUS) / "slot_one_line.toml";
  fs::create_symlink(target, folder.workspace("app"));
  fs::create_symlink(fs::path(JACKIN_CORPUS) / "config_toml.toml", folder.config());
  const int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  ASSERT_GE(watch, 0);
  ASSERT_GE(inotify_add_watch(watch, target.c_str(), IN_OPEN), 0);
  const auto opened = [&] {
    std::array<char, 4096> events{};
    return read(watch, events.data(), events.size()) > 0;
  };
  const Scope scope = *Scope::workspace("app");
  ASSERT_TRUE(configuration.effective(scope));
  EXPECT_TRUE(opened());
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(configuration.effective(scope));
  ASSERT_TRUE(configuration.layer(scope));
  EXPECT_FALSE(opened());
  close(watch);
}
#endif

}  // namespace
}  // namespace jackin::config
