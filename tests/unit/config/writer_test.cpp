// SPDX-License-Identifier: Apache-2.0
// A slot is written to its file, or the file stays unchanged.

#include "daemon/config/writer.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <functional>
#include <thread>
#include <utility>

#ifdef __linux__
#include <sched.h>
#include <sys/mount.h>
#include <sys/xattr.h>
#endif

#include "common/remedy_command.hpp"
#include "daemon/config/contents.hpp"
#include "daemon/config/replace_file.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/sandbox.hpp"
#include "tests/unit/config/processes.hpp"
#include "tests/unit/config/sources.hpp"

namespace {

// The mode that the last file had before its mode was set.
mode_t mode_before_fchmod = 0;

// How many times a regular file was synced.
std::atomic<int> file_syncs = 0;

// Called once, before the next lock is taken.
std::function<void()> before_flock;

// Called when a regular file is synced.
std::function<void()> at_fsync;

}  // namespace

// Takes precedence over the C library's function.
#ifdef __GLIBC__
extern "C" int fchmod(int fd, mode_t mode) noexcept {
#else
extern "C" int fchmod(int fd, mode_t mode) {
#endif
  struct stat before {};
  if (fstat(fd, &before) == 0) mode_before_fchmod = before.st_mode & 07777U;
  static const auto system = reinterpret_cast<int (*)(int, mode_t)>(dlsym(RTLD_NEXT, "fchmod"));
  return system(fd, mode);
}

extern "C" int fsync(int fd) {
  struct stat synced {};
  if (fstat(fd, &synced) == 0 && S_ISREG(synced.st_mode)) {
    ++file_syncs;
    if (at_fsync) at_fsync();
  }
  static const auto system = reinterpret_cast<int (*)(int)>(dlsym(RTLD_NEXT, "fsync"));
  return system(fd);
}

#ifdef __GLIBC__
extern "C" int flock(int fd, int operation) noexcept {
#else
extern "C" int flock(int fd, int operation) {
#endif
  if (before_flock) std::exchange(before_flock, nullptr)();
  static const auto system = reinterpret_cast<int (*)(int, int)>(dlsym(RTLD_NEXT, "flock"));
  return system(fd, operation);
}

namespace jackin::config {
namespace {

namespace fs = std::filesystem;
using test::op_source;
using test::read_file;
using test::write_file;

constexpr std::string_view workspace_text = "workdir = \"/a\" # mine\n";

struct Writer : testing::Test {
  test::Sandbox sandbox;
  const Scope app = *Scope::workspace("app");

  AuthKeys keys(const Scope& scope) const {
    ConfigurationOnDisk configuration(sandbox.paths);
    const auto layer = configuration.layer(scope);
    EXPECT_TRUE(layer);
    return layer ? layer->keys : AuthKeys{};
  }
  Result<WrittenSlot> set(const Scope& scope, const AuthKeys& wanted, const AuthKeys& before = {}) const {
    return write_slot(sandbox.paths, {scope, wanted, before, {}});
  }
  // The unexpected files in the folders.
  std::string leftovers() const {
    std::string names;
    for (const auto& entry : fs::recursive_directory_iterator(sandbox.home.path())) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(".jackind") || name.starts_with(".app")) names += name + " ";
    }
    return names;
  }
  static mode_t mode_of(const fs::path& file) { return static_cast<mode_t>(fs::status(file).permissions()); }
};

TEST_F(Writer, Write_Slot_ReportsPlace) {
  write_file(sandbox.workspace_file("app"), workspace_text);
  fs::permissions(sandbox.workspace_file("app"), fs::perms(0640));
  const auto written = set(app, AuthKeys::canonical(op_source()));
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(written->file, sandbox.workspace_file("app"));
  EXPECT_EQ(written->file_name, "workspaces/app.toml");
  EXPECT_EQ(written->slot, "[claude] oauth_token");
  EXPECT_TRUE(written->changed);
  EXPECT_FALSE(written->created);
  EXPECT_EQ(keys(app), AuthKeys::canonical(op_source()));
  EXPECT_TRUE(read_file(sandbox.workspace_file("app")).starts_with(workspace_text));
  EXPECT_EQ(mode_of(sandbox.workspace_file("app")), 0640U);
  EXPECT_EQ(leftovers(), "");
}

TEST_F(Writer, Write_LongestFileName_Written) {
  for (const std::string& name :
       {std::string(250, 'a'), std::string(199, 'a') + "\xc3\xa4\xc3\xa4" + std::string(40, 'b')}) {
    const fs::path file = sandbox.paths.config_dir / "workspaces" / (name + ".toml");
    write_file(file, workspace_text);
    const auto written = set(*Scope::workspace(name), AuthKeys::canonical(op_source()));
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_NE(read_file(file).find("oauth_token"), std::string::npos);
    // The leftover of a killed writer is recognised by the part of the name that it has.
    const fs::path aside = file.parent_path() / ("." + name.substr(0, name[199] == 'a' ? 200 : 199) + ".1-1.jackind");
    write_file(aside, "left");
    EXPECT_EQ(remove_abandoned_writes(sandbox.paths).value(), 1);
    EXPECT_FALSE(fs::exists(aside));
  }
}

TEST_F(Writer, ExpectWritable_ReadOnly_Rejected) {
  const fs::path file = sandbox.paths.config_dir / "workspaces" / "app.toml";
  write_file(file, workspace_text);
  EXPECT_TRUE(expect_writable(sandbox.paths, app));
  EXPECT_TRUE(expect_writable(sandbox.paths, Scope::global()));
  EXPECT_TRUE(expect_writable(sandbox.paths, *Scope::workspace("yet-to-be")));
  fs::permissions(file, fs::perms::owner_read);
  const auto refused = expect_writable(sandbox.paths, app);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::permission_denied);
  EXPECT_TRUE(command_line(refused.error().remedy).starts_with("chmod u+w ")) << command_line(refused.error().remedy);
}

TEST_F(Writer, ExpectWritable_SyntaxError_Rejected) {
  write_file(sandbox.workspace_file("app"), "[claude\n");
  EXPECT_EQ(expect_writable(sandbox.paths, app).error().reason, Reason::config_invalid);
}

TEST_F(Writer, ExpectWritable_LockHeld_NamesHolder) {
  write_file(sandbox.workspace_file("app"), workspace_text);
  const test::LockHolder holder(sandbox.paths.config_lock());
  const auto refused = expect_writable(sandbox.paths, app, std::chrono::milliseconds(0));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::config_locked);
  EXPECT_NE(refused.error().message.find(std::to_string(holder.pid())), std::string::npos);
}

TEST_F(Writer, ExpectWritable_NoLockFile_CreatesNone) {
  write_file(sandbox.workspace_file("app"), workspace_text);
  EXPECT_TRUE(expect_writable(sandbox.paths, app));
  EXPECT_FALSE(fs::exists(sandbox.paths.config_lock()));
}

TEST_F(Writer, ExpectWritable_FolderUnavailable_Rejected) {
  fs::remove(sandbox.paths.workspaces_dir());
  fs::create_directory_symlink(sandbox.home / "away", sandbox.paths.workspaces_dir());
  EXPECT_EQ(expect_writable(sandbox.paths, app).error().reason, Reason::io_failed);
  const auto made = write_slot(sandbox.paths, {app, AuthKeys::canonical(op_source()), {}, "/home/me/app"});
  EXPECT_FALSE(made);
  EXPECT_FALSE(fs::exists(sandbox.home / "away"));
}

TEST_F(Writer, Write_NothingToChange_NeedsNoLock) {
  write_file(sandbox.workspace_file("app"), workspace_text);
  ASSERT_TRUE(set(app, AuthKeys::canonical(op_source())));
  const test::LockHolder holder(sandbox.paths.config_lock());
  const auto again =
      write_slot(sandbox.paths, {app, AuthKeys::canonical(op_source()), {}, {}}, std::chrono::milliseconds(0));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_FALSE(again->changed);
}

TEST_F(Writer, Write_SlotOfRoleAndOlderPair) {
  write_file(sandbox.workspace_file("app"), workspace_text);
  const Scope role = *Scope::role("app", "team/b");
  EXPECT_EQ(set(role, AuthKeys::canonical(op_source()))->slot, "[roles.\"team/b\".claude] oauth_token");
  EXPECT_EQ(set(app, wanted_keys(SlotStyle::bridge, op_source(), {}))->slot, "[env] CLAUDE_CODE_OAUTH_TOKEN");
  EXPECT_EQ(keys(role), wanted_keys(SlotStyle::canonical, op_source(), {}));
  EXPECT_EQ(keys(app).form(), SlotForm::older_pair);
}

TEST_F(Writer, Write_WorkspaceInConfigToml_WrittenThere) {
  const std::string text =
      "# mine\n[workspaces.app]\nworkdir = \"/a\" # here\n\n[workspaces.other]\nworkdir = \"/o\"\n";
  write_file(sandbox.paths.config_file(), text);
  EXPECT_TRUE(expect_writable(sandbox.paths, app));
  const auto written = set(app, AuthKeys::canonical(op_source()));
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(written->file_name, "config.toml");
  EXPECT_EQ(written->slot, "[workspaces.app.claude] oauth_token");
  EXPECT_FALSE(fs::exists(sandbox.workspace_file("app")));
  EXPECT_EQ(keys(app), AuthKeys::canonical(op_source()));
  EXPECT_TRUE(
      read_file(sandbox.paths.config_file()).starts_with("# mine\n[workspaces.app]\nworkdir = \"/a\" # here\n"));
  const Scope role = *Scope::role("app", "dev");
  ASSERT_TRUE(set(role, AuthKeys::canonical(op_source("i2"))));
  EXPECT_EQ(keys(role), AuthKeys::canonical(op_source("i2")));
  EXPECT_EQ(set(*Scope::workspace("none"), AuthKeys::canonical(op_source())).error().reason, Reason::unknown_workspace);
}

TEST_F(Writer, Write_OlderFileWithOpAccount_NoConflict) {
  write_file(sandbox.workspace_file("app"),
             std::string(workspace_text) +
                 "[claude]\nauth_forward = \"oauth_token\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = "
                 "{ op = \"op://v/old/f\", path = \"P\" }\n");
  write_file(sandbox.workspace_file("app"), "op_account = \"OLD\"\n" + test::read_file(sandbox.workspace_file("app")));
  const AuthKeys before = keys(app);
  EXPECT_EQ(std::get<secrets::OpSource>(before.env_entry->source).account, "OLD");
  const auto written = write_slot(sandbox.paths, {app, AuthKeys::revoked(), before, {}});
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(keys(app), AuthKeys::revoked());
}

TEST_F(Writer, Write_OlderPair_PathAlwaysWritten) {
  write_file(sandbox.workspace_file("app"), workspace_text);
  ASSERT_TRUE(set(app, AuthKeys::older_pair(secrets::OpSource{"op://v/i/f", {}, {}})));
  EXPECT_NE(test::read_file(sandbox.workspace_file("app")).find("{ op = \"op://v/i/f\", path = \"v/i/f\" }"),
            std::string::npos)
      << "jackin refuses a reference without path";
}

TEST_F(Writer, Write_GlobalFileMissing_Created) {
  fs::remove_all(sandbox.paths.config_dir);
  const auto written = set(Scope::global(), AuthKeys::canonical(op_source()));
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_TRUE(written->created);
  EXPECT_EQ(written->file_name, "config.toml");
  EXPECT_EQ(mode_of(sandbox.paths.config_file()), 0600U);
  EXPECT_EQ(mode_of(sandbox.paths.config_dir), 0700U);
  EXPECT_EQ(keys(Scope::global()), AuthKeys::canonical(op_source()));
}

TEST_F(Writer, Write_WorkspaceMissing_CreatedOnlyOnRequest) {
  fs::remove_all(sandbox.paths.config_dir);
  const auto refused = set(app, AuthKeys::canonical(op_source()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::unknown_workspace);
  EXPECT_EQ(command_line(refused.error().remedy), "jackinctl setup app --create");
  EXPECT_FALSE(fs::exists(sandbox.paths.config_dir));

  const auto made = write_slot(sandbox.paths, {app, AuthKeys::canonical(op_source()), {}, "/home/me/app"});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(made->created);
  EXPECT_EQ(read_file(sandbox.workspace_file("app")),
            "workdir = \"/home/me/app\"\n\n[[mounts]]\nsrc = \"/home/me/app\"\ndst = \"/home/me/app\"\n\n[claude]\n"
            "oauth_token = { op = \"op://v1/i1/credential\", path = \"Personal/Claude/credential\" }\n");
  EXPECT_EQ(mode_of(sandbox.workspace_file("app")), 0600U);
}

TEST_F(Writer, Write_CreateExisting_NotReplaced) {
  write_file(sandbox.workspace_file("app"), workspace_text);
  const auto written = write_slot(sandbox.paths, {app, AuthKeys::canonical(op_source()), {}, "/elsewhere"});
  ASSERT_TRUE(written);
  EXPECT_FALSE(written->created);
  EXPECT_TRUE(read_file(sandbox.workspace_file("app")).starts_with(workspace_text));
}

TEST_F(Writer, Write_RelativeFolder_Rejected) {
  EXPECT_EQ(write_slot(sandbox.paths, {app, AuthKeys::revoked(), {}, "here"}).error().reason, Reason::invalid_argument);
  EXPECT_EQ(write_slot(sandbox.paths, {Scope::global(), AuthKeys::revoked(), {}, "/a"}).error().reason,
            Reason::invalid_argument);
}

TEST_F(Writer, Write_OtherChangesMeanwhile_Kept) {
  write_file(sandbox.workspace_file("app"), workspace_text);
  const AuthKeys before = keys(app);
  write_file(sandbox.workspace_file("app"),
             "workdir = \"/moved\" # theirs\n[env]\nNEW = \"1\"\n[roles.r.claude]\nauth_forward = \"ignore\"\n");
  ASSERT_TRUE(set(app, AuthKeys::canonical(op_source()), before));
  const std::string text = read_file(sandbox.workspace_file("app"));
  EXPECT_NE(text.find("/moved\" # theirs"), std::string::npos);
  EXPECT_NE(text.find("NEW = \"1\""), std::string::npos);
  EXPECT_EQ(keys(app), AuthKeys::canonical(op_source()));
}

TEST_F(Writer, Write_SameKeysChangedMeanwhile_Conflict) {
  write_file(sandbox.workspace_file("app"), workspace_text);
  const AuthKeys before = keys(app);
  for (const std::string theirs :
       {"[claude]\nauth_forward = \"api_key\"\n", "[claude]\noauth_token = { env = \"T\" }\n",
        "[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$T\"\n"}) {
    write_file(sandbox.workspace_file("app"), theirs);
    const auto written = set(app, AuthKeys::canonical(op_source()), before);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().reason, Reason::config_conflict);
    EXPECT_EQ(read_file(sandbox.workspace_file("app")), theirs);
  }
  EXPECT_EQ(leftovers(), "");
}

TEST_F(Writer, Write_NothingToChange_FileUntouched) {
  write_file(sandbox.workspace_file("app"), workspace_text);
  ASSERT_TRUE(set(app, AuthKeys::canonical(op_source())));
  const auto time = fs::last_write_time(sandbox.workspace_file("app"));
  const auto again = set(app, AuthKeys::canonical(op_source()));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_FALSE(again->changed);
  EXPECT_EQ(fs::last_write_time(sandbox.workspace_file("app")), time);
}

TEST_F(Writer, Write_Literal_FileMadePrivate) {
  write_file(sandbox.workspace_file("app"), workspace_text);
  fs::permissions(sandbox.workspace_file("app"), fs::perms(0644));
  const auto literal = AuthKeys::canonical(test::literal_source(test::example_token()));
  ASSERT_TRUE(set(app, literal));
  EXPECT_EQ(mode_of(sandbox.workspace_file("app")), 0600U);
  EXPECT_EQ(keys(app), literal);
  fs::permissions(sandbox.workspace_file("app"), fs::perms(0644));
  ASSERT_TRUE(set(app, literal, literal));
  EXPECT_EQ(mode_of(sandbox.workspace_file("app")), 0600U);
}

#ifdef __linux__
// What setfacl(1) writes for `u::rw- u:1234:r-- g::--- m::r-- o::---` (acl(5); struct posix_acl_xattr of the kernel).
std::string list_with_a_named_reader() {
  std::string bytes("\x02\0\0\0", 4);
  const auto add = [&](char tag, char permissions, std::uint32_t id) {
    bytes += {tag, 0, permissions, 0};
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>((id >> shift) & 0xFFU);
  };
  add(0x01, 6, ~0U);
  add(0x02, 4, 1234);
  add(0x04, 0, ~0U);
  add(0x10, 4, ~0U);
  add(0x20, 0, ~0U);
  return bytes;
}

std::string attribute_of(const fs::path& file, const char* name) {
  std::string value(1024, '\0');
  const ssize_t size = getxattr(file.c_str(), name, value.data(), value.size());
  value.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return value;
}

bool set_attribute(const fs::path& file, const char* name, const std::string& value) {
  return setxattr(file.c_str(), name, value.data(), value.size(), 0) == 0;
}

TEST_F(Writer, Write_AttributesAndAcl_Kept) {
  const fs::path file = sandbox.workspace_file("app");
  write_file(file, workspace_text);
  const bool has_note = set_attribute(file, "user.note", "mine");
  const bool has_list = set_attribute(file, "system.posix_acl_access", list_with_a_named_reader());
  if (!has_note && !has_list) GTEST_SKIP() << "the file system has neither attributes nor lists";
  ASSERT_TRUE(set(app, AuthKeys::canonical(op_source())));
  if (has_note) {
    EXPECT_EQ(attribute_of(file, "user.note"), "mine");
  }
  if (has_list) {
    EXPECT_EQ(attribute_of(file, "system.posix_acl_access"), list_with_a_named_reader());
  }
}

TEST_F(Writer, Write_LiteralWithAcl_NamedReadersRemoved) {
  const fs::path file = sandbox.workspace_file("app");
  write_file(file, workspace_text);
  if (!set_attribute(file, "system.posix_acl_access", list_with_a_named_reader())) {
    GTEST_SKIP() << "the file system has no lists";
  }
  ASSERT_TRUE(set(app, AuthKeys::canonical(test::literal_source(test::example_token()))));
  EXPECT_EQ(attribute_of(file, "system.posix_acl_access"), "");
  EXPECT_EQ(mode_of(file), 0600U);
}
#endif

TEST_F(Writer, Create_ConfigBroken_NoFileThatHidesItsTable) {
  sandbox.global("[workspaces.app]\nworkdir = \"/a\"\n[broken\n");
  const auto written = write_slot(sandbox.paths, {app, AuthKeys::canonical(op_source()), {}, "/a"});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().reason, Reason::config_invalid);
  EXPECT_EQ(expect_writable(sandbox.paths, app).error().reason, Reason::config_invalid);
  EXPECT_FALSE(fs::exists(sandbox.workspace_file("app")));
  ConfigurationOnDisk configuration(sandbox.paths);
  EXPECT_EQ(configuration.layer(app).error().reason, Reason::config_invalid) << "not unknown";
  EXPECT_EQ(configuration.effective(app).error().reason, Reason::config_invalid);
}

// jackin moves a workspace out of config.toml between the request and the lock.
TEST_F(Writer, Write_MovedBeforeLock_WrittenToItsFile) {
  sandbox.global("[workspaces.app]\nworkdir = \"/a\"\n");
  before_flock = [&] {
    write_file(sandbox.workspace_file("app"), workspace_text);
    sandbox.global("");
  };
  const auto written = set(app, AuthKeys::canonical(op_source()));
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(written->file_name, "workspaces/app.toml");
  EXPECT_EQ(read_file(sandbox.paths.config_file()), "");
}

// jackin writes the file after the entry in jackind-slots.toml, which is synced first.
TEST_F(Writer, WriteExternal_FileSavedMeanwhile_NoConflictWithOwnEntry) {
  const std::string mine =
      "[claude]\nauth_forward = \"ignore\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$JACKIND_TOKEN_app\"\n";
  const std::string entry = "[tokens.JACKIND_TOKEN_app]\noauth_token = { file = \"~/t\" }\n";
  write_file(sandbox.workspace_file("app"), mine);
  write_file(sandbox.paths.slots_file(), entry);
  const AuthKeys before = keys(app);
  const AuthKeys wanted = AuthKeys::external("JACKIND_TOKEN_app", op_source());
  int saves = 0;
  const auto save = [&] { write_file(sandbox.workspace_file("app"), mine + std::string(++saves, '#') + "\n"); };
  at_fsync = save;
  const auto refused = set(app, wanted, before);
  EXPECT_EQ(refused.error().reason, Reason::config_conflict);
  EXPECT_EQ(refused.error().message, "another program keeps writing workspaces/app.toml");
  EXPECT_EQ(read_file(sandbox.paths.slots_file()), entry);
  int syncs = 0;
  at_fsync = [&] {
    if (++syncs == 2) save();
  };
  const auto written = set(app, wanted, before);
  at_fsync = nullptr;
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(keys(app), wanted);
  EXPECT_NE(read_file(sandbox.workspace_file("app")).find("##"), std::string::npos);
}

TEST_F(Writer, Write_Link_TargetReplaced) {
  const fs::path target = sandbox.home / "dotfiles/app.toml";
  write_file(target, workspace_text);
  fs::create_directory_symlink(sandbox.home / "dotfiles", sandbox.home / "link");
  fs::create_symlink(sandbox.home / "link/app.toml", sandbox.workspace_file("app"));
  ASSERT_TRUE(set(app, AuthKeys::canonical(op_source())));
  EXPECT_TRUE(fs::is_symlink(sandbox.workspace_file("app")));
  EXPECT_FALSE(fs::is_symlink(target));
  EXPECT_NE(read_file(target).find("oauth_token"), std::string::npos);
  EXPECT_EQ(leftovers(), "");
}

TEST_F(Writer, Write_DanglingLink_Rejected) {
  fs::create_symlink(sandbox.home / "nowhere.toml", sandbox.paths.config_file());
  const auto written = set(Scope::global(), AuthKeys::canonical(op_source()));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().reason, Reason::io_failed);
  EXPECT_TRUE(fs::is_symlink(sandbox.paths.config_file()));
  EXPECT_FALSE(fs::exists(sandbox.home / "nowhere.toml"));
}

TEST_F(Writer, Write_ReadOnlyFile_UnchangedWithRemedy) {
  write_file(sandbox.workspace_file("app"), workspace_text);
  fs::permissions(sandbox.workspace_file("app"), fs::perms(0444));
  const auto written = set(app, AuthKeys::canonical(op_source()));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().reason, Reason::permission_denied);
  EXPECT_EQ(command_line(written.error().remedy), "chmod u+w " + sandbox.workspace_file("app").string());
  EXPECT_EQ(read_file(sandbox.workspace_file("app")), workspace_text);
  EXPECT_EQ(leftovers(), "");
}

TEST_F(Writer, Write_ReadOnlyFolder_UnchangedWithRemedy) {
  write_file(sandbox.workspace_file("app"), workspace_text);
  write_file(sandbox.paths.config_lock(), "");
  fs::permissions(sandbox.paths.workspaces_dir(), fs::perms(0500));
  test::give_away(sandbox.home.path());
  const std::string said = test::in_child([&] {
    test::drop_privileges();
    const auto written = set(app, AuthKeys::canonical(op_source()));
    return written ? "written"
                   : std::string(to_code(written.error().reason)) + "|" + command_line(written.error().remedy);
  });
  EXPECT_EQ(said, "permission_denied|chmod u+w " + sandbox.paths.workspaces_dir().string());
  EXPECT_EQ(read_file(sandbox.workspace_file("app")), workspace_text);
  fs::permissions(sandbox.paths.workspaces_dir(), fs::perms(0700));
  EXPECT_EQ(leftovers(), "");
}

TEST_F(Writer, Write_FolderWithoutReadPermission_Written) {
  for (const unsigned mode : {0300U, 0311U}) {
    write_file(sandbox.workspace_file("app"), workspace_text);
    write_file(sandbox.paths.config_lock(), "");
    test::give_away(sandbox.home.path());
    fs::permissions(sandbox.paths.workspaces_dir(), fs::perms(mode));
    const std::string said = test::in_child([&] {
      test::drop_privileges();
      const auto expected = expect_writable(sandbox.paths, app);
      if (!expected) return "refused: " + expected.error().message;
      const auto written = set(app, AuthKeys::canonical(op_source()));
      return written ? "written" : written.error().message;
    });
    fs::permissions(sandbox.paths.workspaces_dir(), fs::perms(0700));
    EXPECT_EQ(said, "written") << mode;
    EXPECT_NE(read_file(sandbox.workspace_file("app")).find("oauth_token"), std::string::npos);
    EXPECT_EQ(leftovers(), "");
  }
}

TEST_F(Writer, Write_Incomplete_LeavesNothing) {
  write_file(sandbox.workspace_file("app"), workspace_text);
  write_file(sandbox.paths.config_lock(), "");
  const std::string said = test::in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{40, 40};
    setrlimit(RLIMIT_FSIZE, &limit);
    const auto written = set(app, AuthKeys::canonical(op_source()));
    return written ? "written" : std::string(to_code(written.error().reason));
  });
  EXPECT_EQ(said, "io_failed");
  EXPECT_EQ(read_file(sandbox.workspace_file("app")), workspace_text);
  EXPECT_EQ(leftovers(), "");
}

#ifdef __linux__
TEST_F(Writer, Write_DiskFull_Unchanged) {
  const std::string said = test::in_child([&]() -> std::string {
    if (unshare(CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("tmpfs", sandbox.paths.workspaces_dir().c_str(), "tmpfs", 0, "size=64k") != 0) {
      return "no mounts";
    }
    write_file(sandbox.workspace_file("app"), workspace_text);
    const int fill = open((sandbox.paths.workspaces_dir() / "fill").c_str(), O_WRONLY | O_CREAT, 0600);
    const std::string block(4096, 'x');
    while (write(fill, block.data(), block.size()) > 0) continue;
    const auto written = set(app, AuthKeys::canonical(op_source()));
    return (written ? "written" : std::string(to_code(written.error().reason))) + "|" +
           read_file(sandbox.workspace_file("app")) + "|" + leftovers();
  });
  if (said == "no mounts") GTEST_SKIP() << "may not mount";
  EXPECT_EQ(said, "disk_full|" + std::string(workspace_text) + "|");
}
#endif

TEST_F(Writer, Write_GroupNotKept_NoGroupBits) {
  if (geteuid() != 0) GTEST_SKIP() << "may not give files away";
  const fs::path file = sandbox.workspace_file("app");
  write_file(file, workspace_text);
  test::give_away(sandbox.home.path());
  constexpr gid_t unused_group = 54321;
  ASSERT_EQ(lchown(file.c_str(), static_cast<uid_t>(-1), unused_group), 0);
  fs::permissions(file, fs::perms(0660));
  const std::string said = test::in_child([&] {
    test::drop_privileges();
    const auto replaced = replace_file(file, "new", 0660, [] { return true; });
    return std::string(replaced && *replaced ? "replaced" : "failed");
  });
  ASSERT_EQ(said, "replaced");
  struct stat now {};
  ASSERT_EQ(stat(file.c_str(), &now), 0);
  EXPECT_NE(now.st_gid, unused_group);
  EXPECT_EQ(now.st_mode & 07777, 0600U);
}

// The file is private from its creation: a process that opened it earlier could read it later.
TEST_F(Writer, Write_TemporaryFile_PrivateFromCreation) {
  write_file(sandbox.workspace_file("app"), workspace_text);
  fs::permissions(sandbox.workspace_file("app"), fs::perms(0644));
  const mode_t umask_before = umask(0);
  mode_before_fchmod = 0;
  const auto replaced = replace_file(sandbox.workspace_file("app"), "new", 0644, [] { return true; });
  umask(umask_before);
  EXPECT_TRUE(replaced && *replaced);
  EXPECT_EQ(mode_before_fchmod, 0600U);
  EXPECT_EQ(mode_of(sandbox.workspace_file("app")), 0644U);
}

#ifdef __linux__
TEST_F(Writer, Replace_FolderNotReadable_FileSyncedAgain) {
  const fs::path file = sandbox.workspace_file("app");
  write_file(file, workspace_text);
  if (geteuid() == 0) test::give_away(sandbox.home.path());
  const auto syncs = [&](fs::perms folder) {
    fs::permissions(sandbox.paths.workspaces_dir(), folder);
    const std::string said = test::in_child([&] {
      if (geteuid() == 0) test::drop_privileges();
      file_syncs = 0;
      const auto replaced = replace_file(file, "new", 0600, [] { return true; });
      return replaced && *replaced ? std::to_string(file_syncs.load()) : std::string("failed");
    });
    fs::permissions(sandbox.paths.workspaces_dir(), fs::perms::owner_all);
    return said;
  };
  EXPECT_EQ(syncs(fs::perms::owner_all), "1");
  EXPECT_EQ(syncs(fs::perms::owner_write | fs::perms::owner_exec), "2");
  EXPECT_EQ(read_file(file), "new");
}
#endif

TEST_F(Writer, Replace_StoppedAtLastMoment_Unchanged) {
  write_file(sandbox.workspace_file("app"), workspace_text);
  const auto replaced = replace_file(sandbox.workspace_file("app"), "new", 0600, [] { return false; });
  ASSERT_TRUE(replaced);
  EXPECT_FALSE(*replaced);
  EXPECT_EQ(read_file(sandbox.workspace_file("app")), workspace_text);
  EXPECT_EQ(leftovers(), "");
}

TEST_F(Writer, Write_LeftoverOfKilledWriter_Removed) {
  write_file(sandbox.workspace_file("app"), workspace_text);
  write_file(sandbox.paths.workspaces_dir() / ".app.toml.4711-0.jackind", test::example_token());
  write_file(sandbox.paths.workspaces_dir() / ".other.toml.4711-0.jackind", "another's");
  ASSERT_TRUE(set(app, AuthKeys::canonical(op_source())));
  EXPECT_EQ(leftovers(), ".other.toml.4711-0.jackind ");
}

TEST_F(Writer, Write_TemporaryFile_NotListedAsWorkspace) {
  write_file(sandbox.workspace_file("app"), workspace_text);
  const auto replaced = replace_file(sandbox.workspace_file("app"), "new", 0600, [&] {
    ConfigurationOnDisk configuration(sandbox.paths);
    EXPECT_EQ(configuration.scopes()->size(), 2U);
    EXPECT_NE(leftovers(), "");
    EXPECT_FALSE(leftovers().ends_with(".toml "));
    return true;
  });
  EXPECT_TRUE(replaced && *replaced);
  EXPECT_EQ(read_file(sandbox.workspace_file("app")), "new");
}

TEST_F(Writer, Write_ManyWriters_NoChangeLost) {
  write_file(sandbox.workspace_file("app"), workspace_text);
  constexpr int writers = 4;
  std::vector<std::thread> threads;
  std::vector<bool> written(writers);
  std::vector<std::string> errors(writers);
  for (int i = 0; i < writers; ++i) {
    threads.emplace_back([&, i] {
      const auto result = set(*Scope::role("app", "r" + std::to_string(i)), AuthKeys::canonical(op_source()));
      if (!result) errors[static_cast<std::size_t>(i)] = result.error().message;
    });
  }
  for (auto& thread : threads) thread.join();
  for (int i = 0; i < writers; ++i) {
    EXPECT_EQ(errors[static_cast<std::size_t>(i)], "");
    EXPECT_EQ(keys(*Scope::role("app", "r" + std::to_string(i))), AuthKeys::canonical(op_source()));
  }
}

TEST_F(Writer, Write_PutBack_OriginalRestored) {
  const std::string original =
      "[claude]\nauth_forward = \"oauth_token\"\n[env]\nA = \"1\"\nCLAUDE_CODE_OAUTH_TOKEN = \"$T\"\n";
  write_file(sandbox.workspace_file("app"), original);
  const AuthKeys before = keys(app);
  ASSERT_TRUE(set(app, AuthKeys::canonical(op_source()), before));
  ASSERT_TRUE(set(app, before, AuthKeys::canonical(op_source())));
  EXPECT_EQ(keys(app), before);
  EXPECT_EQ(read_file(sandbox.workspace_file("app")), original);
}

TEST_F(Writer, Write_Errors_ShowNoToken) {
  const std::string token = test::example_token();
  const auto literal = AuthKeys::canonical(test::literal_source(token));
  const auto check = [&](const Result<WrittenSlot>& result) {
    ASSERT_FALSE(result);
    EXPECT_FALSE(test::shows_token(result.error().message + command_line(result.error().remedy), token))
        << result.error().message;
  };
  write_file(sandbox.workspace_file("app"), "[claude]\noauth_token = \"" + token + "\"\n");
  check(set(app, AuthKeys::canonical(op_source())));                          // conflict
  check(set(app, AuthKeys::older_pair(secrets::FileSource{"/x"}), literal));  // unsupported
  write_file(sandbox.workspace_file("app"), "claude = \"" + token + "\"\n");
  check(set(app, literal));  // no table
  write_file(sandbox.workspace_file("app"), "[claude]\noauth_token = [\"" + token + "\"]\n");
  check(set(app, literal));  // no source
  write_file(sandbox.workspace_file("app"), "x = 1\nx = \"" + token + "\"\n");
  check(set(app, literal));  // no TOML
}

}  // namespace
}  // namespace jackin::config
