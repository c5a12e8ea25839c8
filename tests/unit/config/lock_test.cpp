// SPDX-License-Identifier: Apache-2.0
// jackin's own lock, shared with another process.

#include "daemon/config/config_lock.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "common/remedy_command.hpp"
#include "daemon/config/writer.hpp"
#include "tests/support/sandbox.hpp"
#include "tests/unit/config/processes.hpp"
#include "tests/unit/config/sources.hpp"

namespace jackin::config {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

struct ConfigLockTest : testing::Test {
  test::Sandbox sandbox;
};

TEST_F(ConfigLockTest, Acquire_PidInPrivateFileWhileHeld) {
  {
    const auto lock = ConfigLock::acquire(sandbox.paths, 0ms);
    ASSERT_TRUE(lock);
    EXPECT_EQ(test::read_file(sandbox.paths.config_lock()), std::to_string(getpid()) + "\n");
    EXPECT_EQ(fs::status(sandbox.paths.config_lock()).permissions(), fs::perms(0600));
    EXPECT_EQ(ConfigLock::acquire(sandbox.paths, 0ms).error().reason, Reason::config_locked);
  }
  EXPECT_EQ(test::read_file(sandbox.paths.config_lock()), "");
  EXPECT_TRUE(ConfigLock::acquire(sandbox.paths, 0ms));
}

TEST_F(ConfigLockTest, Acquire_Held_ErrorNamesHolder) {
  test::LockHolder holder(sandbox.paths.config_lock());
  const auto lock = ConfigLock::acquire(sandbox.paths, 30ms);
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().reason, Reason::config_locked);
  EXPECT_NE(lock.error().message.find("process " + std::to_string(holder.pid()) + " ("), std::string::npos)
      << lock.error().message;
  EXPECT_NE(command_line(lock.error().remedy).find(std::to_string(holder.pid())), std::string::npos);
  EXPECT_EQ(test::read_file(sandbox.paths.config_lock()), std::to_string(holder.pid()) + "\n");
}

TEST_F(ConfigLockTest, Acquire_HeldWithoutPid_ErrorSaysSo) {
  const test::LockHolder holder(sandbox.paths.config_lock(), false);
  const auto lock = ConfigLock::acquire(sandbox.paths, 0ms);
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().reason, Reason::config_locked);
  EXPECT_NE(lock.error().message.find("another process"), std::string::npos);
}

TEST_F(ConfigLockTest, Acquire_HolderEnds_Acquired) {
  test::LockHolder holder(sandbox.paths.config_lock());
  ASSERT_FALSE(ConfigLock::acquire(sandbox.paths, 0ms));
  bool got = false;
  std::thread waiter([&] { got = ConfigLock::acquire(sandbox.paths, 60s).has_value(); });
  holder.release();
  waiter.join();
  EXPECT_TRUE(got);
}

TEST_F(ConfigLockTest, Acquire_FileReadableByOthers_ModeTightened) {
  test::write_file(sandbox.paths.config_lock(), "");
  fs::permissions(sandbox.paths.config_lock(), fs::perms(0644));
  ASSERT_TRUE(ConfigLock::acquire(sandbox.paths, 0ms));
  EXPECT_EQ(fs::status(sandbox.paths.config_lock()).permissions(), fs::perms(0600));
}

#ifdef __linux__
// Whether this process has the file of that name open.
bool is_open_here(const fs::path& file) {
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code ignored;
    if (fs::read_symlink(entry.path(), ignored) == file) return true;
  }
  return false;
}

TEST_F(ConfigLockTest, Acquire_FileReplacedMeanwhile_LocksCurrentFile) {
  const fs::path lock = sandbox.paths.config_lock();
  const fs::path next = sandbox.home / "next";
  // In this order: a process that is forked later inherits the other one's pipe.
  test::LockHolder second(next);
  test::LockHolder first(lock);
  std::atomic<bool> got = false;
  std::thread waiter([&] {
    const auto held = ConfigLock::acquire(sandbox.paths, 60s);
    got = held.has_value();
  });
  while (!is_open_here(lock)) std::this_thread::yield();
  fs::rename(next, lock);
  first.release();
  while (!is_open_here(lock) && !got) std::this_thread::yield();
  EXPECT_FALSE(got) << "another process holds the file that bears the name";
  second.release();
  waiter.join();
  EXPECT_TRUE(got);
}
#endif

TEST_F(ConfigLockTest, Acquire_StalePid_Acquired) {
  test::write_file(sandbox.paths.config_lock(), "1\n");
  EXPECT_TRUE(ConfigLock::acquire(sandbox.paths, 0ms));
}

TEST_F(ConfigLockTest, Acquire_Link_Rejected) {
  test::write_file(sandbox.home / "target", "precious");
  fs::create_symlink(sandbox.home / "target", sandbox.paths.config_lock());
  const auto lock = ConfigLock::acquire(sandbox.paths, 0ms);
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().reason, Reason::permission_denied);
  EXPECT_EQ(test::read_file(sandbox.home / "target"), "precious");
}

TEST_F(ConfigLockTest, Acquire_Held_WriterWaits) {
  test::write_file(sandbox.paths.config_file(), "a = 1\n");
  const SlotChange change{Scope::global(), AuthKeys::canonical(test::op_source()), {}, {}};
  test::LockHolder holder(sandbox.paths.config_lock());
  const auto refused = write_slot(sandbox.paths, change, 20ms);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::config_locked);
  EXPECT_EQ(test::read_file(sandbox.paths.config_file()), "a = 1\n");
  bool written = false;
  std::thread writer([&] { written = write_slot(sandbox.paths, change, 60s).has_value(); });
  holder.release();
  writer.join();
  EXPECT_TRUE(written);
}

}  // namespace
}  // namespace jackin::config
