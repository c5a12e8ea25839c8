// SPDX-License-Identifier: Apache-2.0
#include "daemon/async/folder_watch.hpp"

#include <gtest/gtest.h>

#include <asio/io_context.hpp>

#include "tests/support/fake_clock.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::async {
namespace {

namespace fs = std::filesystem;

class FolderWatchTest : public testing::Test {
 protected:
  FolderWatchTest() {
    watch_ = watch_folders(io_.get_executor(), {folder_, folder_ / "sub"}, [this] { ++changes_; });
  }

  // Whether a change was reported since the last call. The system reports an event before the call that causes it
  // returns.
  bool was_notified() {
    const int before = changes_;
    io_.restart();
    io_.poll();
    return changes_ > before;
  }

  asio::io_context io_;
  test::TempDir home_;
  fs::path folder_ = home_ / "config";
  int changes_ = 0;
  std::unique_ptr<FolderWatch> watch_;
};

TEST_F(FolderWatchTest, FolderCreatedOrChanged_Reported) {
  EXPECT_FALSE(was_notified());
  fs::create_directory(folder_);
  EXPECT_TRUE(was_notified());
  fs::create_directory(folder_ / "sub");
  EXPECT_TRUE(was_notified());
  test::write_file(folder_ / "sub/a.toml", "x = 1");
  EXPECT_TRUE(was_notified());
  test::write_file(folder_ / "sub/a.toml", "x = 2");
  EXPECT_TRUE(was_notified());
  fs::rename(folder_ / "sub/a.toml", folder_ / "sub/b.toml");
  EXPECT_TRUE(was_notified());
  fs::remove(folder_ / "sub/b.toml");
  EXPECT_TRUE(was_notified());
  EXPECT_FALSE(was_notified());
}

TEST_F(FolderWatchTest, FolderReplaced_WatchesNewFolder) {
  fs::create_directories(folder_ / "sub");
  EXPECT_TRUE(was_notified());
  fs::rename(folder_, home_ / "old");
  EXPECT_TRUE(was_notified());
  fs::create_directories(folder_ / "sub");
  EXPECT_TRUE(was_notified());
  was_notified();
  test::write_file(folder_ / "sub/a.toml", "x = 1");
  EXPECT_TRUE(was_notified());
}

TEST_F(FolderWatchTest, WithThreads_ReportsWhenItHasBegun) {
  test::FakeClock clock;
  TimedCalls threads(clock, 1);
  int changes = 0;
  auto watch = watch_folders(
      io_.get_executor(), {folder_, folder_ / "sub"}, [&] { ++changes; }, &threads);
  const auto is_told = [&] {
    for (const int before = changes; changes == before;) {
      io_.restart();
      io_.run_one();
    }
  };
  is_told();  // it has begun
  fs::create_directory(folder_);
  is_told();
  is_told();  // the new folder is watched
  test::write_file(folder_ / "a.toml", "x = 1");
  is_told();
}

TEST_F(FolderWatchTest, Destroyed_ReportsNothing) {
  watch_.reset();
  fs::create_directory(folder_);
  io_.restart();
  io_.run();
  EXPECT_EQ(changes_, 0);
}

}  // namespace
}  // namespace jackin::async
