// SPDX-License-Identifier: Apache-2.0
#include "daemon/launch/onboarding.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temp_dir.hpp"

namespace jackin::launch {
namespace {

using testing::ElementsAre;

std::vector<std::string> rules(AuthMode mode, HostLogin login = {}) {
  std::vector<std::string> lines;
  for (const auto& file : onboarding_for(mode, std::move(login))) {
    const std::string content(file.content.view());
    switch (file.rule) {
      case OnboardingFile::Rule::exactly:
        lines.push_back(file.name + " = " + content);
        break;
      case OnboardingFile::Rule::absent:
        lines.push_back(file.name + " absent");
        break;
      case OnboardingFile::Rule::if_missing:
        lines.push_back(file.name + " ?= " + content);
        break;
      case OnboardingFile::Rule::keep:
        lines.push_back(file.name + " kept");
        break;
    }
  }
  return lines;
}

TEST(Onboarding, Rules_DependOnMode) {
  EXPECT_THAT(rules(AuthMode::oauth_token),
              ElementsAre(R"(account.json = {"hasCompletedOnboarding":true})", "credentials.json absent"));
  EXPECT_THAT(rules(AuthMode::ignore), ElementsAre("account.json = {}", "credentials.json absent"));
  EXPECT_THAT(rules(AuthMode::api_key), ElementsAre("account.json = {}", "credentials.json absent"));
}

TEST(Onboarding, Rules_Sync_HostLoginPassedOn) {
  HostLogin login;
  login.credentials = Secret::copy_of("C");
  login.account = Secret::copy_of("A");
  EXPECT_THAT(rules(AuthMode::sync, std::move(login)), ElementsAre("account.json = A", "credentials.json = C"));
  HostLogin without_account;
  without_account.credentials = Secret::copy_of("C");
  EXPECT_THAT(rules(AuthMode::sync, std::move(without_account)),
              ElementsAre("account.json = {}", "credentials.json = C"));
}

TEST(Onboarding, Rules_SyncWithoutLogin_KeepExisting) {
  EXPECT_THAT(rules(AuthMode::sync), ElementsAre("account.json ?= {}", "credentials.json kept"));
}

TEST(HostLogin, Read_HomeFolder) {
  const test::TempDir home;
  test::write_file(home / ".claude/.credentials.json", "C");
  test::write_file(home / ".claude.json", "A");
  const auto login = read_host_login(host_login_place(home.path(), std::nullopt)).value();
  EXPECT_EQ(login.credentials->view(), "C");
  EXPECT_EQ(login.account->view(), "A");
}

TEST(HostLogin, Read_NamedFolderOnly) {
  const test::TempDir home;
  test::write_file(home / ".claude/.credentials.json", "home");
  test::write_file(home / ".claude.json", "A");
  EXPECT_FALSE(read_host_login(host_login_place(home.path(), "~/work"))->credentials);
  test::write_file(home / "work/.credentials.json", "work");
  const auto without_account = read_host_login(host_login_place(home.path(), "~/work")).value();
  EXPECT_EQ(without_account.credentials->view(), "work");
  EXPECT_FALSE(without_account.account);
  test::write_file(home / "work/.claude.json", "B");
  const auto login = read_host_login(host_login_place(home.path(), "~/work")).value();
  EXPECT_EQ(login.account->view(), "B");
}

TEST(HostLogin, Read_LinkFollowed_FifoNotWaitedFor) {
  const test::TempDir home;
  test::write_file(home / "dotfiles/credentials", "C");
  std::filesystem::create_directory(home / ".claude");
  std::filesystem::create_symlink(home / "dotfiles/credentials", home / ".claude/.credentials.json");
  EXPECT_EQ(read_host_login(host_login_place(home.path(), std::nullopt))->credentials->view(), "C");
  std::filesystem::remove(home / ".claude/.credentials.json");
  ASSERT_EQ(::mkfifo((home / ".claude/.credentials.json").c_str(), 0600), 0);
  EXPECT_FALSE(read_host_login(host_login_place(home.path(), std::nullopt))->credentials);
}

TEST(HostLogin, Read_TooLarge_Fails) {
  const test::TempDir home;
  test::write_file(home / ".claude/.credentials.json", "C");
  test::write_file(home / ".claude.json", std::string(17U * 1024 * 1024, 'x'));
  EXPECT_EQ(read_host_login(host_login_place(home.path(), std::nullopt)).error().reason, Reason::source_invalid);
}

TEST(Onboarding, LoginFolderUnavailable_NotTreatedAsMissing) {
  const test::TempDir home;
  EXPECT_FALSE(read_host_login(host_login_place(home.path(), {}))->credentials);
  std::filesystem::create_directory_symlink(home / "away", home / ".claude");
  const auto login = read_host_login(host_login_place(home.path(), {}));
  ASSERT_FALSE(login);
  EXPECT_THAT(login.error().message, testing::HasSubstr("which does not exist"));
}

}  // namespace
}  // namespace jackin::launch
