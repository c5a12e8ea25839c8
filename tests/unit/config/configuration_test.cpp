// SPDX-License-Identifier: Apache-2.0
// The configuration as it is on disk at the time of the call.

#include "daemon/config/contents.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>

#ifdef __linux__
#include <sys/inotify.h>
#endif

#include "common/remedy_command.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/sandbox.hpp"
#include "tests/unit/config/processes.hpp"
#include "tests/unit/config/sources.hpp"

namespace jackin::config {
namespace {

namespace fs = std::filesystem;
using test::write_file;

struct ConfigurationTest : testing::Test {
  test::Sandbox sandbox;
  ConfigurationOnDisk configuration{sandbox.paths};

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
  write_file(sandbox.workspace_file("zeta"), "[roles.\"team/b\".claude]\n[roles.a]\n");
  write_file(sandbox.workspace_file("alpha beta"), "");
  write_file(sandbox.workspace_file("alpha beta").string() + "~", "");
  write_file(sandbox.paths.workspaces_dir() / "notes.txt", "");
  write_file(sandbox.paths.workspaces_dir() / ".toml", "");
  const auto scopes = configuration.scopes();
  ASSERT_TRUE(scopes);
  std::string names;
  for (const auto& entry : *scopes) {
    EXPECT_FALSE(entry.error);
    names += entry.scope.str() + "|";
  }
  EXPECT_EQ(names, "global|alpha beta|zeta|zeta:a|zeta:team/b|");
}

TEST_F(ConfigurationTest, WorkspaceInConfigToml_ReadUnlessItHasAFile) {
  write_file(
      sandbox.paths.config_file(),
      "[claude]\nauth_forward = \"api_key\"\n[workspaces.app]\nworkdir = \"/in/config\"\n[workspaces.app.claude]\n"
      "auth_forward = \"ignore\"\n[workspaces.app.roles.dev.claude]\n[workspaces.beta]\nworkdir = \"/b\"\n");
  write_file(sandbox.workspace_file("beta"), with_mode("sync"));
  const auto names = [&] {
    std::string all;
    const auto entries = configuration.scopes().value();
    for (const auto& entry : entries) all += entry.scope.str() + "|";
    return all;
  };
  EXPECT_EQ(names(), "global|beta|app|app:dev|");
  EXPECT_EQ(mode("app"), AuthMode::ignore);
  EXPECT_EQ(mode("app:dev"), AuthMode::sync);
  EXPECT_EQ(mode("beta"), AuthMode::sync);
  EXPECT_EQ(configuration.effective(*Scope::workspace("app"))->file, sandbox.paths.config_file());
  EXPECT_EQ(configuration.workdir_of("app"), fs::path("/in/config"));
  write_file(sandbox.workspace_file("app"), with_mode("sync"));
  EXPECT_EQ(mode("app"), AuthMode::sync);
  EXPECT_EQ(names(), "global|app|beta|");
}

TEST_F(ConfigurationTest, Scopes_NoFolder_GlobalListed) {
  fs::remove_all(sandbox.paths.config_dir);
  const auto scopes = configuration.scopes();
  ASSERT_TRUE(scopes);
  EXPECT_EQ(scopes->size(), 1U);
  EXPECT_EQ(mode("global"), AuthMode::sync);
}

TEST_F(ConfigurationTest, Scopes_DanglingLink_ListedAsUnreadable) {
  const fs::path away = sandbox.home / "away/b.toml";
  fs::create_symlink(away, sandbox.workspace_file("b"));
  fs::create_symlink(sandbox.workspace_file("loop"), sandbox.workspace_file("loop"));
  const auto scopes = configuration.scopes();
  ASSERT_TRUE(scopes);
  ASSERT_EQ(scopes->size(), 3U);
  for (std::size_t i = 1; i < 3; ++i) {
    ASSERT_TRUE((*scopes)[i].error);
    EXPECT_EQ((*scopes)[i].error->reason, Reason::config_unreadable);
  }
  EXPECT_EQ((*scopes)[1].error->message, "workspaces/b.toml cannot be read: " + sandbox.workspace_file("b").string() +
                                             " is a link to " + away.string() + ", which does not exist");
  EXPECT_EQ(configuration.layer(*Scope::workspace("b")).error().reason, Reason::config_unreadable);
  write_file(away, with_mode("ignore"));
  EXPECT_EQ(mode("b"), AuthMode::ignore);
  fs::remove(sandbox.workspace_file("b"));
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
  fs::remove(sandbox.paths.workspaces_dir());
  fs::create_directory_symlink(sandbox.home / "away", sandbox.paths.workspaces_dir());
  expect_unreadable("workspaces");
  fs::remove_all(sandbox.paths.config_dir);
  fs::create_directory_symlink(sandbox.home / "away", sandbox.paths.config_dir);
  expect_unreadable("the whole folder");
  EXPECT_EQ(configuration.layer(Scope::global()).error().reason, Reason::config_unreadable);
  fs::remove(sandbox.paths.config_dir);
  EXPECT_EQ(configuration.scopes()->size(), 1U) << "really absent";
}

TEST_F(ConfigurationTest, GlobalFileUnavailable_Reported) {
  fs::create_symlink(sandbox.home / "away.toml", sandbox.paths.config_file());
  write_file(sandbox.workspace_file("app"), "");
  EXPECT_EQ(configuration.scopes()->front().error->reason, Reason::config_unreadable);
  EXPECT_EQ(configuration.effective(*Scope::workspace("app")).error().reason, Reason::config_unreadable);
}

TEST_F(ConfigurationTest, FolderNotSearchable_WorkspacesListedAsUnreadable) {
  write_file(sandbox.workspace_file("app"), "");
  test::give_away(sandbox.home.path());
  const std::string said = test::in_child([&] {
    test::drop_privileges();
    fs::permissions(sandbox.paths.workspaces_dir(), fs::perms(0400));
    const auto scopes = configuration.scopes();
    if (!scopes) return std::string(to_code(scopes.error().reason));
    return std::to_string(scopes->size()) + std::string(scopes->back().error ? " unreadable" : " readable");
  });
  EXPECT_EQ(said, "2 unreadable");
  fs::permissions(sandbox.paths.workspaces_dir(), fs::perms(0700));
}

TEST_F(ConfigurationTest, Scopes_InvalidRoleName_Omitted) {
  write_file(sandbox.workspace_file("app"), "[roles.\"Not A Role\"]\n[roles.fine]\n");
  EXPECT_EQ(configuration.scopes()->size(), 3U);
}

TEST_F(ConfigurationTest, Scopes_BrokenFileOrRole_OthersListed) {
  write_file(sandbox.paths.config_file(), "[claude\n");
  write_file(sandbox.workspace_file("broken"), "= 1\n");
  write_file(sandbox.workspace_file("fine"),
             with_mode("ignore") + "[roles.bad.claude]\nauth_forward = 1\n[roles.good]\n");
  const auto scopes = configuration.scopes();
  ASSERT_TRUE(scopes);
  std::string listed;
  for (const auto& entry : *scopes) listed += entry.scope.str() + (entry.error ? "! " : " ");
  EXPECT_EQ(listed, "global! broken! fine fine:bad! fine:good ");
  EXPECT_EQ(mode("fine"), AuthMode::ignore);
}

TEST_F(ConfigurationTest, Effective_BrokenGlobalFile_FailsOnlyWhereItDecides) {
  write_file(sandbox.paths.config_file(), "[claude\n");
  write_file(sandbox.workspace_file("decided"), "[claude]\noauth_token = { env = \"T\" }\n");
  write_file(sandbox.workspace_file("open"), "");
  const auto decided = configuration.effective(*Scope::workspace("decided"));
  ASSERT_TRUE(decided);
  ASSERT_EQ(decided->oddities.size(), 1U);
  EXPECT_EQ(decided->oddities.front().code, "global_config_broken");
  const auto open = configuration.effective(*Scope::workspace("open"));
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().reason, Reason::config_invalid);
  EXPECT_TRUE(open.error().message.starts_with("syntax error in ~/.config/jackin/config.toml, line 1, column 8: "))
      << open.error().message;
}

TEST_F(ConfigurationTest, Effective_UnknownWorkspace_SimilarNamesSuggested) {
  for (const std::string name : {"my-app", "my-api", "frontend"}) write_file(sandbox.workspace_file(name), "");
  const auto auth = configuration.effective(*Scope::workspace("my-ap"));
  ASSERT_FALSE(auth);
  EXPECT_EQ(auth.error().reason, Reason::unknown_workspace);
  EXPECT_TRUE(auth.error().message.ends_with("; did you mean my-api or my-app?")) << auth.error().message;
  EXPECT_EQ(command_line(auth.error().remedy), "jackinctl status");
  EXPECT_EQ(configuration.layer(*Scope::workspace("zzzzzz")).error().reason, Reason::unknown_workspace);
  const auto unlike = configuration.layer(*Scope::workspace("zzzzzz"));
  EXPECT_EQ(unlike.error().message, "no workspace 'zzzzzz' (looked for ~/.config/jackin/workspaces/zzzzzz.toml)");
  EXPECT_EQ(command_line(unlike.error().remedy), "jackinctl setup zzzzzz --create");
}

TEST_F(ConfigurationTest, Effective_FileAppearsChangesAndGoes_Followed) {
  const Scope scope = *Scope::workspace("app");
  EXPECT_FALSE(configuration.effective(scope));
  write_file(sandbox.workspace_file("app"), with_mode("ignore"));
  EXPECT_EQ(mode("app"), AuthMode::ignore);
  write_file(sandbox.workspace_file("app"), with_mode("api_key"));
  EXPECT_EQ(mode("app"), AuthMode::api_key);
  fs::remove(sandbox.workspace_file("app"));
  EXPECT_EQ(configuration.effective(scope).error().reason, Reason::unknown_workspace);
  write_file(sandbox.workspace_file("app"), "");
  EXPECT_EQ(mode("app"), AuthMode::sync);
  write_file(sandbox.paths.config_file(), with_mode("ignore"));
  EXPECT_EQ(mode("app"), AuthMode::ignore);
  fs::remove(sandbox.paths.config_file());
  EXPECT_EQ(mode("app"), AuthMode::sync);
}

// Repeated, since two states have the same times only by chance.
TEST_F(ConfigurationTest, Effective_SameLengthSameMoment_ChangeSeen) {
  for (int i = 0; i < 50; ++i) {
    write_file(sandbox.workspace_file("app"), with_mode("ignore"));
    ASSERT_EQ(mode("app"), AuthMode::ignore);
    write_file(sandbox.workspace_file("app"), with_mode("sync") + "# ");
    ASSERT_EQ(mode("app"), AuthMode::sync);
  }
}

TEST_F(ConfigurationTest, Effective_ReplacedWithSameTimesAndLength_ChangeSeen) {
  write_file(sandbox.workspace_file("app"), with_mode("ignore"));
  const auto old = std::filesystem::last_write_time(sandbox.workspace_file("app")) - std::chrono::hours(1);
  fs::last_write_time(sandbox.workspace_file("app"), old);
  EXPECT_EQ(mode("app"), AuthMode::ignore);
  write_file(sandbox.paths.workspaces_dir() / "aside", with_mode("sync") + "# ");
  fs::last_write_time(sandbox.paths.workspaces_dir() / "aside", old);
  ASSERT_EQ(fs::file_size(sandbox.paths.workspaces_dir() / "aside"), fs::file_size(sandbox.workspace_file("app")));
  fs::rename(sandbox.paths.workspaces_dir() / "aside", sandbox.workspace_file("app"));
  EXPECT_EQ(mode("app"), AuthMode::sync);
}

TEST_F(ConfigurationTest, Effective_LinkTargetChanges_Followed) {
  write_file(sandbox.home / "dotfiles/one.toml", with_mode("ignore"));
  write_file(sandbox.home / "dotfiles/two.toml", with_mode("api_key"));
  fs::create_symlink(sandbox.home / "dotfiles/one.toml", sandbox.workspace_file("app"));
  EXPECT_EQ(mode("app"), AuthMode::ignore);
  fs::remove(sandbox.workspace_file("app"));
  fs::create_symlink(sandbox.home / "dotfiles/two.toml", sandbox.workspace_file("app"));
  EXPECT_EQ(mode("app"), AuthMode::api_key);
  write_file(sandbox.home / "dotfiles/two.toml", with_mode("sync"));
  EXPECT_EQ(mode("app"), AuthMode::sync);
}

TEST_F(ConfigurationTest, Effective_NotARegularFile_RejectedWithoutWaiting) {
  ASSERT_EQ(mkfifo(sandbox.workspace_file("fifo").c_str(), 0600), 0);
  fs::create_symlink("/dev/zero", sandbox.workspace_file("device"));
  for (const std::string name : {"fifo", "device"}) {
    const auto auth = configuration.effective(*Scope::workspace(name));
    ASSERT_FALSE(auth) << name;
    EXPECT_EQ(auth.error().reason, Reason::config_unreadable) << name;
  }
}

TEST_F(ConfigurationTest, Effective_FolderInPlaceOfFile_Unreadable) {
  fs::create_directory(sandbox.workspace_file("folder"));
  EXPECT_EQ(configuration.workspace_files()->names, std::vector<std::string>{"folder"});
  const auto error = configuration.effective(*Scope::workspace("folder")).error();
  EXPECT_EQ(error.reason, Reason::config_unreadable);
  EXPECT_NE(error.message.find("workspaces/folder.toml is a folder, not a file"), std::string::npos) << error.message;
  const auto entries = configuration.scopes_of("folder");
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_TRUE(entries[0].error);
}

// A token that was pasted in the wrong place.
TEST_F(ConfigurationTest, Layer_SecretAsKey_NotQuoted) {
  const std::string secret = "abcdefghijklmnop0123456789ABCDEF";
  for (const std::string& entry : {secret + " = \"x\"", "account = 5, " + secret + " = \"x\""}) {
    write_file(sandbox.workspace_file("app"), "[claude]\noauth_token = { op = \"op://v/i/f\", " + entry + " }\n");
    const auto error = configuration.layer(*Scope::workspace("app")).error();
    EXPECT_EQ(error.reason, Reason::config_invalid);
    EXPECT_EQ(error.message.find("ijklmnop"), std::string::npos) << error.message;
  }
}

TEST_F(ConfigurationTest, Effective_FileTooLarge_Rejected) {
  write_file(sandbox.workspace_file("large"), "");
  fs::resize_file(sandbox.workspace_file("large"), 5U << 20);
  EXPECT_EQ(configuration.effective(*Scope::workspace("large")).error().reason, Reason::config_unreadable);
}

TEST_F(ConfigurationTest, Effective_FileNotReadable_ErrorWithRemedy) {
  write_file(sandbox.workspace_file("closed"), "");
  fs::permissions(sandbox.workspace_file("closed"), fs::perms(0));
  test::give_away(sandbox.home.path());
  const std::string said = test::in_child([&] {
    test::drop_privileges();
    const auto auth = configuration.effective(*Scope::workspace("closed"));
    return auth ? "read" : std::string(to_code(auth.error().reason)) + "|" + command_line(auth.error().remedy);
  });
  EXPECT_EQ(said, "config_unreadable|chmod u+r " + sandbox.workspace_file("closed").string());
}

TEST_F(ConfigurationTest, Layer_IndependentOfOtherLayers) {
  write_file(sandbox.paths.config_file(), "[claude]\noauth_token = { env = \"G\" }\n");
  write_file(sandbox.workspace_file("app"), "[roles.r.claude]\nauth_forward = \"sync\"\n");
  const auto top = configuration.layer(*Scope::workspace("app"));
  ASSERT_TRUE(top);
  EXPECT_EQ(top->keys, AuthKeys{});
  EXPECT_EQ(top->file, sandbox.workspace_file("app"));
  EXPECT_TRUE(top->file_exists);
  EXPECT_EQ(configuration.layer(*Scope::role("app", "r"))->keys.auth_forward, AuthMode::sync);
  EXPECT_EQ(configuration.layer(*Scope::role("app", "none"))->keys, AuthKeys{});
  EXPECT_EQ(configuration.layer(Scope::global())->keys.slot, secrets::CredentialSource(secrets::EnvSource{"G"}));
  fs::remove(sandbox.paths.config_file());
  EXPECT_FALSE(configuration.layer(Scope::global())->file_exists);
  EXPECT_EQ(configuration.layer(Scope::global())->keys, AuthKeys{});
}

#ifdef __linux__
TEST_F(ConfigurationTest, Effective_Unchanged_OpensNoFile) {
  // Files of the source tree: a file that was just created does not yet count as unchanged.
  const fs::path target = fs::path(JACKIN_CORPUS) / "slot_one_line.toml";
  fs::create_symlink(target, sandbox.workspace_file("app"));
  fs::create_symlink(fs::path(JACKIN_CORPUS) / "config_toml.toml", sandbox.paths.config_file());
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
