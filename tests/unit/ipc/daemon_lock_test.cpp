// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/daemon_lock.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "common/remedy_command.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::ipc {
namespace {

using std::chrono::seconds;

class DaemonLockTest : public testing::Test {
 protected:
  test::TempDir dir;
  Paths paths{.home = dir.path(),
              .config_dir = dir / "config",
              .state_dir = dir / "state",
              .data_dir = dir / "data",
              .runtime_dir = dir / "run",
              .home_dir = dir / ".jackin"};

  static DaemonRecord record(int pid) {
    return {.pid = pid,
            .start_time = 0,
            .boot_id = {},
            .version = "1",
            .socket = "/run/s",
            .config_dir = "/c",
            .log = LogPlace::file,
            .stopping = false};
  }
  auto take(int pid, seconds limit = seconds(0)) { return DaemonLock::take(paths, record(pid), limit); }
};

TEST_F(DaemonLockTest, Take_Held_NamesHolder) {
  auto first = take(11);
  ASSERT_TRUE(first);
  std::get<DaemonLock>(*first).listening("/run/jackind.sock");
  auto second = take(12);
  ASSERT_TRUE(second);
  DaemonRecord holder = record(11);
  holder.socket = "/run/jackind.sock";
  EXPECT_EQ(std::get<DaemonRunsAlready>(*second).record, holder);
}

TEST_F(DaemonLockTest, Take_HolderGone_Taken) {
  ASSERT_TRUE(take(11));
  auto second = take(12);
  ASSERT_TRUE(second);
  EXPECT_EQ(std::get<DaemonLock>(*second).record().pid, 12);
}

TEST_F(DaemonLockTest, Take_HolderStarting_TimesOut) {
  auto starting = take(11);
  ASSERT_TRUE(starting);
  const auto second = take(12);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, Reason::timed_out);
}

TEST_F(DaemonLockTest, Take_HolderStopping_Waits) {
  auto ending = take(11);
  ASSERT_TRUE(ending);
  auto& lock = std::get<DaemonLock>(*ending);
  lock.listening("/run/jackind.sock");
  lock.stopping();
  const auto second = take(12);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, Reason::timed_out);
  EXPECT_EQ(command_line(second.error().remedy), "kill -9 11");
}

TEST_F(DaemonLockTest, Take_StaleRecord_Taken) {
  test::write_file(paths.daemon_lock(), format_daemon_record(record(11)));
  std::filesystem::permissions(paths.state_dir, std::filesystem::perms::owner_all);
  auto taken = take(12);
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_TRUE(std::holds_alternative<DaemonLock>(*taken));
  EXPECT_EQ(parse_daemon_record(test::read_file(paths.daemon_lock()))->pid, 12);
}

TEST_F(DaemonLockTest, Take_RecordUnreadable_ReportsRunning) {
  auto first = take(11);
  ASSERT_TRUE(first);
  std::get<DaemonLock>(*first).listening("/run/jackind.sock");
  test::write_file(paths.daemon_lock(), "pid 11\n");
  auto second = take(12);
  ASSERT_TRUE(second);
  EXPECT_EQ(std::get<DaemonRunsAlready>(*second).record.pid, 0);
}

TEST_F(DaemonLockTest, Take_Link_NotFollowed) {
  std::filesystem::create_directories(paths.state_dir);
  std::filesystem::permissions(paths.state_dir, std::filesystem::perms::owner_all);
  test::write_file(dir / "precious", "kept");
  std::filesystem::create_symlink(dir / "precious", paths.daemon_lock());
  EXPECT_FALSE(take(11));
  EXPECT_EQ(test::read_file(dir / "precious"), "kept");
}

TEST_F(DaemonLockTest, Keep_FileGoneOrReplaced_WrittenAgain) {
  auto first = take(11);
  ASSERT_TRUE(first);
  auto& lock = std::get<DaemonLock>(*first);
  lock.listening("/run/jackind.sock");
  EXPECT_TRUE(lock.keep().value());
  const std::string record = test::read_file(paths.daemon_lock());
  std::filesystem::remove(paths.daemon_lock());
  EXPECT_TRUE(lock.keep().value());
  EXPECT_EQ(test::read_file(paths.daemon_lock()), record);
  std::filesystem::remove_all(paths.state_dir);
  EXPECT_TRUE(lock.keep().value());
  EXPECT_TRUE(std::holds_alternative<DaemonRunsAlready>(*take(12)));
  test::write_file(paths.state_dir / "other", "");
  std::filesystem::rename(paths.state_dir / "other", paths.daemon_lock());
  EXPECT_TRUE(lock.keep().value());
  EXPECT_EQ(test::read_file(paths.daemon_lock()), record);
}

TEST_F(DaemonLockTest, Keep_OtherDaemonHoldsNewFile_ReturnsFalse) {
  auto first = take(11);
  ASSERT_TRUE(first);
  std::get<DaemonLock>(*first).listening("/run/jackind.sock");
  std::filesystem::remove(paths.daemon_lock());
  auto second = take(12);
  ASSERT_TRUE(std::holds_alternative<DaemonLock>(*second));
  EXPECT_FALSE(std::get<DaemonLock>(*first).keep().value());
}

class EarlierLock : public DaemonLockTest {
 protected:
  EarlierLock() { paths.home_dir = dir / ".jackin"; }

  // Holds the lock of an earlier version, in a process that ends on request.
  pid_t hold(const DaemonRecord& written) {
    const auto file = paths.earlier_daemon_lock();
    test::write_file(file, format_daemon_record(written));
    std::filesystem::permissions(file.parent_path(), std::filesystem::perms::owner_all);
    std::array<int, 2> ready{};
    EXPECT_EQ(pipe(ready.data()), 0);
    const pid_t holder = fork();
    if (holder == 0) {
      const int lock = open(file.c_str(), O_RDWR);
      if (flock(lock, LOCK_EX) != 0) _exit(1);
      DaemonRecord own = written;
      own.pid = getpid();
      const std::string text = format_daemon_record(own);
      if (ftruncate(lock, 0) != 0 || pwrite(lock, text.data(), text.size(), 0) < 0) _exit(1);
      (void)!write(ready[1], "r", 1);
      for (;;) pause();
    }
    char byte = 0;
    EXPECT_EQ(read(ready[0], &byte, 1), 1);
    for (const int end : ready) close(end);
    return holder;
  }
};

TEST_F(EarlierLock, TakeEarlier_NoFile_NotCreated) {
  auto taken = take(11);
  EXPECT_FALSE(std::get<DaemonLock>(*taken).take_earlier(paths).value());
  EXPECT_FALSE(std::filesystem::exists(paths.home_dir));
}

TEST_F(EarlierLock, TakeEarlier_OlderDaemon_StoppedAndTaken) {
  const pid_t holder = hold(record(0x7fff));
  auto taken = take(11);
  auto& lock = std::get<DaemonLock>(*taken);
  EXPECT_TRUE(lock.take_earlier(paths).value());
  int status = 0;
  ASSERT_EQ(waitpid(holder, &status, 0), holder);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
  // Clients of that version find this daemon by it.
  lock.listening("/run/jackind.sock");
  EXPECT_EQ(test::read_file(paths.earlier_daemon_lock()), test::read_file(paths.daemon_lock()));
}

TEST_F(EarlierLock, TakeEarlier_SameVersion_Left) {
  DaemonRecord other = record(0x7fff);
  other.start_time = 1;
  const pid_t holder = hold(other);
  auto taken = take(11);
  EXPECT_FALSE(std::get<DaemonLock>(*taken).take_earlier(paths).value());
  EXPECT_EQ(kill(holder, SIGKILL), 0);
  int status = 0;
  waitpid(holder, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

}  // namespace
}  // namespace jackin::ipc
