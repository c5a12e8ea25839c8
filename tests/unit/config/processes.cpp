// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/processes.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>

namespace jackin::test {
namespace {

constexpr uid_t nobody = 65534;

}  // namespace

void drop_privileges() {
  if (geteuid() != 0) return;
  if (setgid(nobody) != 0 || setuid(nobody) != 0) _exit(1);
}

void give_away(const std::string& path) {
  if (geteuid() != 0) return;
  if (chown(path.c_str(), nobody, nobody) != 0) ADD_FAILURE() << "cannot give away " << path;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (lchown(entry.path().c_str(), nobody, nobody) != 0) ADD_FAILURE() << "cannot give away " << entry.path();
  }
}

LockHolder::LockHolder(const std::string& lock, bool write_pid) {
  std::array<int, 2> ready{};
  std::array<int, 2> keep{};
  if (pipe(ready.data()) != 0 || pipe(keep.data()) != 0) return;
  pid_ = fork();
  if (pid_ == 0) {
    close(ready[0]);
    close(keep[1]);
    const int fd = open(lock.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
    const std::string pid_line = std::to_string(getpid()) + "\n";
    if (flock(fd, LOCK_EX) != 0) _exit(1);
    if (write_pid && write(fd, pid_line.data(), pid_line.size()) < 0) _exit(1);
    close(ready[1]);
    char byte = 0;
    _exit(read(keep[0], &byte, 1) == 0 ? 0 : 1);
  }
  close(ready[1]);
  close(keep[0]);
  keep_ = keep[1];
  char byte = 0;
  EXPECT_EQ(read(ready[0], &byte, 1), 0);
  close(ready[0]);
}

void LockHolder::release() {
  if (keep_ < 0) return;
  close(keep_);
  keep_ = -1;
  int status = 0;
  waitpid(pid_, &status, 0);
  EXPECT_EQ(status, 0);
}

LockHolder::~LockHolder() {
  release();
}

}  // namespace jackin::test
