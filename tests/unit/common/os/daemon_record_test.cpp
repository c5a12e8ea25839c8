// SPDX-License-Identifier: Apache-2.0
#include "common/os/daemon_record.hpp"

#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/os/process_identity.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin {
namespace {

DaemonRecord record() {
  DaemonRecord made;
  made.pid = 4711;
  made.start_time = 12345678901234;
  made.boot_id = "0b5c4f0e";
  made.version = "0.1.0";
  made.socket = "/run/user/1/a folder\nwith % and \x01/jackind.sock";
  made.config_dir = "/home/me/.config/jackin";
  made.log = LogPlace::journal;
  return made;
}

TEST(DaemonRecord, FormatAndParse_RoundTrip) {
  for (const bool stopping : {false, true}) {
    DaemonRecord written = record();
    written.stopping = stopping;
    EXPECT_EQ(parse_daemon_record(format_daemon_record(written)), written);
    written.socket = "/a b\n%0a\tc";
    written.config_dir.clear();
    written.log.reset();
    EXPECT_EQ(parse_daemon_record(format_daemon_record(written)), written);
  }
}

TEST(DaemonRecord, Parse_Truncated_Nothing) {
  const std::string text = format_daemon_record(record());
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_FALSE(parse_daemon_record(text.substr(0, length))) << length;
  }
}

TEST(DaemonRecord, Parse_Malformed_Nothing) {
  for (const std::string_view text :
       {"end\n", "pid x\nend\n", "pid 0\nend\n", "pid -5\nend\n", "pid\nend\n", "pid 1\nsocket %zz\nend\n",
        "pid 1\nsocket %4\nend\n", "pid 99999999999999\nend\n"}) {
    EXPECT_FALSE(parse_daemon_record(text)) << text;
  }
}

class DaemonRecordFile : public testing::Test {
 protected:
  void SetUp() override { write(); }
  void write() {
    test::write_file(lock_, format_daemon_record(record()));
    ASSERT_EQ(chmod(lock_.c_str(), 0600), 0);
    ASSERT_EQ(chmod(lock_.parent_path().c_str(), 0700), 0);
  }
  test::TempDir folder_;
  std::filesystem::path lock_ = folder_ / "state/jackind.lock";
};

TEST_F(DaemonRecordFile, Read_LockHeld_DoesNotInterfere) {
  EXPECT_EQ(read_daemon_record(lock_), record());
  const int file = open(lock_.c_str(), O_RDWR);
  ASSERT_EQ(flock(file, LOCK_EX | LOCK_NB), 0);
  EXPECT_EQ(read_daemon_record(lock_), record());
  close(file);
}

TEST_F(DaemonRecordFile, Read_WritableByOthers_Nothing) {
  for (const mode_t mode : {0620, 0602}) {
    ASSERT_EQ(chmod(lock_.c_str(), mode), 0);
    EXPECT_FALSE(read_daemon_record(lock_));
  }
  write();
  for (const mode_t mode : {0720, 0702}) {
    ASSERT_EQ(chmod(lock_.parent_path().c_str(), mode), 0);
    EXPECT_FALSE(read_daemon_record(lock_));
  }
  write();
  EXPECT_TRUE(read_daemon_record(lock_));
  if (geteuid() != 0) return;
  ASSERT_EQ(chown(lock_.c_str(), 65534, 65534), 0);
  EXPECT_FALSE(read_daemon_record(lock_));
}

TEST_F(DaemonRecordFile, Read_LinkOrFifo_Nothing) {
  std::filesystem::rename(lock_, folder_ / "elsewhere");
  EXPECT_FALSE(read_daemon_record(lock_));
  std::filesystem::create_symlink(folder_ / "elsewhere", lock_);
  EXPECT_FALSE(read_daemon_record(lock_));
  std::filesystem::remove(lock_);
  ASSERT_EQ(mkfifo(lock_.c_str(), 0600), 0);
  EXPECT_FALSE(read_daemon_record(lock_));
}

TEST(DaemonRecord, IsRunning_OnlyForSameProcess) {
  DaemonRecord mine = record();
  mine.pid = getpid();
  mine.start_time = identify_process(getpid())->start_time;
  mine.boot_id = boot_id();
  EXPECT_TRUE(is_running(mine));
  for (const auto change : {0, 1, 2}) {
    DaemonRecord other = mine;
    if (change == 0) ++other.start_time;
    if (change == 1) other.boot_id += "x";
    if (change == 2) other.start_time = 0;
    EXPECT_FALSE(is_running(other)) << change;
  }
}

}  // namespace
}  // namespace jackin
