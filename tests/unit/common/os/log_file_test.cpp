// SPDX-License-Identifier: Apache-2.0
#include "common/os/log_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "tests/support/temp_dir.hpp"

namespace jackin::os {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class LogFileTest : public ::testing::Test {
 protected:
  Result<LogFile> begin() const { return LogFile::open(folder_, home_); }
  std::string text(const std::string& name = "jackind.log") const { return test::read_file(folder_ / name); }
  unsigned mode(const fs::path& path) const {
    struct stat found {};
    EXPECT_EQ(stat(path.c_str(), &found), 0);
    return found.st_mode & 07777;
  }

  test::TempDir temp_;
  const fs::path home_ = temp_ / "home";
  const fs::path folder_ = home_ / "state" / "log";
};

TEST_F(LogFileTest, Write_AppendsToPrivateFile) {
  fs::create_directory(home_);
  auto log = begin();
  ASSERT_TRUE(log);
  log->write("one\n");
  log = begin();
  ASSERT_TRUE(log);
  log->write("two\n");
  EXPECT_EQ(text(), "one\ntwo\n");
  EXPECT_EQ(mode(folder_), 0700U);
  EXPECT_EQ(mode(folder_ / "jackind.log"), 0600U);
  EXPECT_EQ(log->times_begun_anew(), 0);
}

TEST_F(LogFileTest, FolderRemoved_CreatesNewFile) {
  fs::create_directory(home_);
  auto log = begin();
  ASSERT_TRUE(log);
  log->write("one\n");
  fs::remove_all(home_ / "state");
  log->write("two\n");
  log->write("three\n");
  EXPECT_EQ(text(), "two\nthree\n");
  EXPECT_EQ(mode(folder_), 0700U);
  EXPECT_EQ(mode(folder_ / "jackind.log"), 0600U);
  EXPECT_EQ(log->times_begun_anew(), 1);
}

TEST_F(LogFileTest, FileReplaced_CreatesNewFile) {
  fs::create_directory(home_);
  auto log = begin();
  ASSERT_TRUE(log);
  fs::rename(folder_ / "jackind.log", folder_ / "saved.log");
  log->write("one\n");
  EXPECT_EQ(text("saved.log"), "");
  EXPECT_EQ(text(), "one\n");
  test::write_file(folder_ / "other", "another\n");
  fs::rename(folder_ / "other", folder_ / "jackind.log");
  log->write("two\n");
  EXPECT_EQ(text(), "another\ntwo\n");
  EXPECT_EQ(mode(folder_ / "jackind.log"), 0600U);
  EXPECT_EQ(log->times_begun_anew(), 2);
}

TEST_F(LogFileTest, LinkOrFifoInPlace_NotFollowedAndNotWaitedFor) {
  fs::create_directory(home_);
  auto log = begin();
  ASSERT_TRUE(log);
  test::write_file(temp_ / "theirs", "");
  fs::remove(folder_ / "jackind.log");
  fs::create_symlink(temp_ / "theirs", folder_ / "jackind.log");
  log->write("one\n");
  EXPECT_EQ(test::read_file(temp_ / "theirs"), "");
  EXPECT_FALSE(begin());
  fs::remove(folder_ / "jackind.log");
  ASSERT_EQ(mkfifo((folder_ / "jackind.log").c_str(), 0600), 0);
  log->write("two\n");
  EXPECT_FALSE(begin());
  EXPECT_EQ(log->times_begun_anew(), 0);
  fs::remove(folder_ / "jackind.log");
  log->write("three\n");
  EXPECT_EQ(text(), "three\n");
}

TEST_F(LogFileTest, HomeFolderMissing_NotCreated) {
  EXPECT_FALSE(begin());
  EXPECT_FALSE(fs::exists(home_));
  fs::create_directory(home_);
  auto log = begin();
  ASSERT_TRUE(log);
  fs::remove_all(home_);
  log->write("one\n");
  EXPECT_FALSE(fs::exists(home_));
}

TEST_F(LogFileTest, Rotation_KeepsTwoOlderFiles) {
  fs::create_directory(home_);
  auto log = begin();
  ASSERT_TRUE(log);
  for (const char first : {'a', 'b', 'c', 'd'}) log->write(std::string(LogFile::most_bytes - 1, first) + "\n");
  EXPECT_EQ(text().front(), 'd');
  EXPECT_EQ(text("jackind.1.log").front(), 'c');
  EXPECT_EQ(text("jackind.2.log").front(), 'b');
  EXPECT_EQ(mode(folder_ / "jackind.log"), 0600U);
  EXPECT_FALSE(fs::exists(folder_ / "jackind.3.log"));
  EXPECT_EQ(log->times_begun_anew(), 0);
}

TEST_F(LogFileTest, Rotation_NextFileCannotBeOpened_CountsAsNoRemoval) {
  fs::create_directory(home_);
  auto log = begin();
  ASSERT_TRUE(log);
  log->write(std::string(LogFile::most_bytes - 1, 'a') + "\n");
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  log->write("lost to the older file\n");
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_FALSE(fs::exists(folder_ / "jackind.log"));
  log->write("one\n");
  EXPECT_EQ(text(), "one\n");
  EXPECT_EQ(log->times_begun_anew(), 0);
}

}  // namespace
}  // namespace jackin::os
