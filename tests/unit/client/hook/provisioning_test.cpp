// SPDX-License-Identifier: Apache-2.0
#include "client/hook/provisioning.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/remedy_command.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::client {
namespace {

namespace fs = std::filesystem;
using Rule = ProvisionFile::Rule;

constexpr const char* onboarded = R"({"hasCompletedOnboarding":true})";

class Provisioning : public testing::Test {
 protected:
  Result<> make(const std::string& name, Rule rule, std::string_view content = {}) {
    std::vector<ProvisionFile> files;
    files.push_back({name, rule, Secret::copy_of(content)});
    return provision(folder(), files);
  }
  fs::path folder() const { return temp_ / "launch"; }
  fs::path account() const { return folder() / "account.json"; }
  fs::path credentials() const { return folder() / "credentials.json"; }

  static struct stat entry(const fs::path& path) {
    struct stat entry {};
    EXPECT_EQ(lstat(path.c_str(), &entry), 0) << path;
    return entry;
  }
  static unsigned mode(const fs::path& path) { return entry(path).st_mode & 07777U; }
  int files_in_folder() const {
    return static_cast<int>(std::distance(fs::directory_iterator(folder()), fs::directory_iterator()));
  }

  test::TempDir temp_;
};

TEST_F(Provisioning, Exactly_NothingThere_PrivateFolderAndFile) {
  const mode_t former = umask(0);
  ASSERT_TRUE(make("account.json", Rule::exactly, onboarded));
  umask(former);
  EXPECT_EQ(test::read_file(account()), onboarded);
  EXPECT_EQ(mode(account()), 0600U);
  EXPECT_EQ(mode(folder()), 0700U);
  EXPECT_EQ(files_in_folder(), 1);
}

TEST_F(Provisioning, Exactly_SameContent_Untouched) {
  ASSERT_TRUE(make("account.json", Rule::exactly, onboarded));
  const timespec past[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, account().c_str(), past, 0), 0);
  const auto before = entry(account());
  ASSERT_TRUE(make("account.json", Rule::exactly, onboarded));
  const auto after = entry(account());
  EXPECT_EQ(after.st_ino, before.st_ino);
  EXPECT_EQ(after.st_mtim.tv_sec, before.st_mtim.tv_sec);
  EXPECT_EQ(after.st_ctim.tv_nsec, before.st_ctim.tv_nsec);
}

TEST_F(Provisioning, Exactly_OtherContent_Replaced) {
  test::write_file(account(), "{}");
  const auto before = entry(account());
  ASSERT_TRUE(make("account.json", Rule::exactly, onboarded));
  EXPECT_EQ(test::read_file(account()), onboarded);
  EXPECT_NE(entry(account()).st_ino, before.st_ino);
  EXPECT_EQ(mode(account()), 0600U);
  EXPECT_EQ(files_in_folder(), 1);
}

TEST_F(Provisioning, Exactly_LongerContent_Replaced) {
  test::write_file(account(), std::string(onboarded) + " ");
  ASSERT_TRUE(make("account.json", Rule::exactly, onboarded));
  EXPECT_EQ(test::read_file(account()), onboarded);
}

TEST_F(Provisioning, Exactly_SameContentOpenMode_MadePrivate) {
  test::write_file(account(), onboarded);
  chmod(account().c_str(), 0644);
  ASSERT_TRUE(make("account.json", Rule::exactly, onboarded));
  EXPECT_EQ(mode(account()), 0600U);
}

TEST_F(Provisioning, Exactly_Link_ReplacedTargetUntouched) {
  const fs::path outside = temp_ / "outside";
  test::write_file(outside, "precious");
  fs::create_directory(folder());
  fs::create_symlink(outside, account());
  ASSERT_TRUE(make("account.json", Rule::exactly, onboarded));
  EXPECT_EQ(test::read_file(outside), "precious");
  EXPECT_TRUE(S_ISREG(entry(account()).st_mode));
  EXPECT_EQ(test::read_file(account()), onboarded);
}

TEST_F(Provisioning, Exactly_LinkToSameContent_Replaced) {
  const fs::path outside = temp_ / "outside";
  test::write_file(outside, onboarded);
  fs::create_directory(folder());
  fs::create_symlink(outside, account());
  ASSERT_TRUE(make("account.json", Rule::exactly, onboarded));
  EXPECT_TRUE(S_ISREG(entry(account()).st_mode));
}

TEST_F(Provisioning, Exactly_Fifo_ReplacedWithoutWait) {
  fs::create_directory(folder());
  ASSERT_EQ(mkfifo(account().c_str(), 0600), 0);
  ASSERT_TRUE(make("account.json", Rule::exactly, onboarded));
  EXPECT_EQ(test::read_file(account()), onboarded);
}

TEST_F(Provisioning, Absent_FileOrLink_Removed) {
  const fs::path outside = temp_ / "outside";
  test::write_file(outside, "precious");
  test::write_file(credentials(), "{}");
  ASSERT_TRUE(make("credentials.json", Rule::absent));
  EXPECT_FALSE(fs::exists(fs::symlink_status(credentials())));
  fs::create_symlink(outside, credentials());
  ASSERT_TRUE(make("credentials.json", Rule::absent));
  EXPECT_FALSE(fs::exists(fs::symlink_status(credentials())));
  EXPECT_EQ(test::read_file(outside), "precious");
}

TEST_F(Provisioning, Absent_NothingThere_Ok) {
  EXPECT_TRUE(make("credentials.json", Rule::absent));
}

TEST_F(Provisioning, IfMissing_Existing_KeptAndPrivate) {
  ASSERT_TRUE(make("account.json", Rule::if_missing, "{}"));
  EXPECT_EQ(test::read_file(account()), "{}");
  test::write_file(account(), "claude's own");
  chmod(account().c_str(), 0640);
  ASSERT_TRUE(make("account.json", Rule::if_missing, "{}"));
  EXPECT_EQ(test::read_file(account()), "claude's own");
  EXPECT_EQ(mode(account()), 0600U);
}

TEST_F(Provisioning, Keep_File_MadePrivate) {
  test::write_file(credentials(), "login");
  chmod(credentials().c_str(), 0666);
  ASSERT_TRUE(make("credentials.json", Rule::keep));
  EXPECT_EQ(test::read_file(credentials()), "login");
  EXPECT_EQ(mode(credentials()), 0600U);
  fs::remove(credentials());
  ASSERT_TRUE(make("credentials.json", Rule::keep));
  EXPECT_FALSE(fs::exists(credentials()));
}

TEST_F(Provisioning, KeepOrIfMissing_Link_Rejected) {
  const fs::path outside = temp_ / "outside";
  test::write_file(outside, "precious");
  chmod(outside.c_str(), 0644);
  fs::create_directory(folder());
  fs::create_symlink(outside, account());
  for (const Rule rule : {Rule::keep, Rule::if_missing}) {
    const auto done = make("account.json", rule, "{}");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().reason, Reason::permission_denied);
  }
  EXPECT_EQ(mode(outside), 0644U);
}

TEST_F(Provisioning, Folder_Link_Rejected) {
  fs::create_directory(temp_ / "real");
  fs::create_symlink(temp_ / "real", folder());
  EXPECT_FALSE(make("account.json", Rule::exactly, onboarded));
  EXPECT_FALSE(provision(folder() / "", {}));
  EXPECT_TRUE(fs::is_empty(temp_ / "real"));
}

// docker creates such a folder when the file of a mount does not exist.
TEST_F(Provisioning, AnyRule_EmptyFolderAtPath_Removed) {
  for (const Rule rule : {Rule::exactly, Rule::if_missing}) {
    fs::create_directories(account());
    ASSERT_TRUE(make("account.json", rule, onboarded));
    EXPECT_EQ(test::read_file(account()), onboarded);
    fs::remove(account());
  }
  for (const Rule rule : {Rule::absent, Rule::keep}) {
    fs::create_directories(credentials());
    ASSERT_TRUE(make("credentials.json", rule));
    EXPECT_FALSE(fs::exists(credentials()));
  }
}

TEST_F(Provisioning, AnyRule_NonEmptyFolderAtPath_Rejected) {
  fs::create_directories(account());
  test::write_file(account() / "file", "precious");
  for (const Rule rule : {Rule::exactly, Rule::if_missing, Rule::keep, Rule::absent}) {
    const auto done = make("account.json", rule, onboarded);
    ASSERT_FALSE(done);
    EXPECT_NE(done.error().message.find(account().string() + " is a folder, not a file"), std::string::npos);
    EXPECT_EQ(command_line(done.error().remedy).find("mv " + account().string() + " "), 0U)
        << command_line(done.error().remedy);
  }
  EXPECT_EQ(test::read_file(account() / "file"), "precious");
  EXPECT_EQ(files_in_folder(), 1);
}

TEST_F(Provisioning, UnknownFileName_Rejected) {
  for (const char* name : {"../account.json", "settings.json", "", "/etc/passwd"}) {
    const auto done = make(name, Rule::exactly, "x");
    ASSERT_FALSE(done) << name;
    EXPECT_EQ(done.error().reason, Reason::invalid_argument);
  }
}

}  // namespace
}  // namespace jackin::client
