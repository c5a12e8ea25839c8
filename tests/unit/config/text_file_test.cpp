// SPDX-License-Identifier: Apache-2.0
// The configuration files that may make the daemon run a program.

#include "daemon/config/text_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/remedy_command.hpp"
#include "daemon/config/contents.hpp"
#include "daemon/config/settings.hpp"
#include "tests/support/sandbox.hpp"
#include "tests/unit/config/sources.hpp"

namespace jackin::config {
namespace {

namespace fs = std::filesystem;

class Trust : public testing::Test {
 protected:
  Trust() {
    test::write_file(file_, "[claude]\noauth_token = { command = [\"print-token\"] }\n");
    for (const fs::path& folder : {sandbox_.paths.config_dir, file_.parent_path()}) chmod(folder.c_str(), 0755);
    chmod(file_.c_str(), 0644);
  }

  // The reason for which the workspace's command is refused with the current file; empty when it is accepted.
  std::string why_not() {
    ConfigurationOnDisk configuration(sandbox_.paths);
    const auto auth = configuration.effective(*Scope::workspace("app"));
    if (!auth) return auth.error().message;
    EXPECT_EQ(auth->source_file, file_);
    const auto danger = danger_to(auth->source_file, auth->source_ownership, sandbox_.paths);
    if (!danger) return {};
    const Error error = refused("no", *danger);
    EXPECT_EQ(error.reason, Reason::source_denied);
    EXPECT_TRUE(command_line(error.remedy).starts_with(danger->is_foreign ? "ls -ld /" : "chmod go-w /"))
        << command_line(error.remedy);
    return error.message;
  }

  test::Sandbox sandbox_;
  const fs::path file_ = sandbox_.workspace_file("app");
};

TEST_F(Trust, OnlyUserCanWrite_Trusted) {
  EXPECT_EQ(why_not(), "");
  // Read access is not write access.
  chmod(file_.c_str(), 0444);
  EXPECT_EQ(why_not(), "");
}

TEST_F(Trust, FileOrFolderWritableByOthers_NotTrusted) {
  for (const fs::path& path : {file_, file_.parent_path(), sandbox_.paths.config_dir}) {
    struct stat before {};
    ASSERT_EQ(stat(path.c_str(), &before), 0);
    chmod(path.c_str(), before.st_mode | S_IWOTH);
    EXPECT_EQ(why_not(), "no: " + path.string() + " can be written by others");
    chmod(path.c_str(), before.st_mode);
    EXPECT_EQ(why_not(), "");
  }
}

TEST_F(Trust, StickyFolder_Trusted) {
  chmod(file_.parent_path().c_str(), 01777);
  EXPECT_EQ(why_not(), "");
}

TEST_F(Trust, Link_TargetChecked) {
  const fs::path store = sandbox_.home / "store";
  fs::create_directories(store);
  fs::rename(file_, store / "app.toml");
  fs::create_symlink(store / "app.toml", file_);
  EXPECT_EQ(why_not(), "");
  chmod(store.c_str(), 0777);
  EXPECT_EQ(why_not(), "no: " + store.string() + " can be written by others");
  // The store of Nix has this mode.
  chmod(store.c_str(), 01777);
  EXPECT_EQ(why_not(), "");
  chmod((store / "app.toml").c_str(), 0666);
  EXPECT_EQ(why_not(), "no: " + file_.string() + " can be written by others");
}

TEST_F(Trust, ConfigurationFolderLinkIntoForeignFolder_NotTrusted) {
  const fs::path shared = sandbox_.home / "shared";
  fs::create_directories(shared);
  fs::rename(sandbox_.paths.config_dir, shared / "jackin");
  fs::create_symlink(shared / "jackin", sandbox_.paths.config_dir);
  EXPECT_EQ(why_not(), "");
  chmod(shared.c_str(), 0777);
  EXPECT_EQ(why_not(), "no: " + shared.string() + " can be written by others");
}

TEST_F(Trust, FileOwnedByAnotherUser_NotTrusted) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  ASSERT_EQ(chown(file_.c_str(), 65534, 65534), 0);
  EXPECT_EQ(why_not(), "no: " + file_.string() + " belongs to another user");
}

TEST_F(Trust, Settings_WithProgramOrServer_NeedTrust) {
  const fs::path file = sandbox_.paths.settings_file();
  const std::string harmless = "[cache]\nttl = \"1m\"\n";
  test::write_file(file, harmless + "[notify]\ncommand = \"notify\"\n[upstream]\nbase_url = \"https://a.test\"\n");
  chmod(file.c_str(), 0644);
  auto loaded = load_settings(sandbox_.paths);
  ASSERT_TRUE(loaded);
  EXPECT_FALSE(loaded->refused);
  EXPECT_FALSE(loaded->settings.notify_command.empty());
  EXPECT_EQ(loaded->settings.upstream_base_url, "https://a.test");

  chmod(file.c_str(), 0646);
  loaded = load_settings(sandbox_.paths);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->settings.cache_ttl, std::chrono::minutes(1));
  EXPECT_TRUE(loaded->settings.notify_command.empty());
  EXPECT_EQ(loaded->settings.upstream_base_url, default_base_url);
  ASSERT_TRUE(loaded->refused);
  EXPECT_EQ(loaded->refused->message,
            "jackind does not use [notify] command and [upstream] base_url in jackind.toml: " + file.string() +
                " can be written by others");
  EXPECT_EQ(command_line(loaded->refused->remedy), "chmod go-w " + file.string());

  // Without such a setting nothing is refused.
  test::write_file(file, harmless);
  EXPECT_FALSE(load_settings(sandbox_.paths)->refused);
}

}  // namespace
}  // namespace jackin::config
