// SPDX-License-Identifier: Apache-2.0
#include "common/os/hardening.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace jackin::os {
namespace {

// Each test runs in a child process, since hardening cannot be undone. The exit code names the failed check.
#define EXPECT_IN_A_CHILD(holds) EXPECT_EXIT(_exit(holds()), testing::ExitedWithCode(0), "")

int no_core_and_no_tracing() {
  if (!harden_process()) return 1;
  rlimit core{1, 1};
  if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_cur != 0 || core.rlim_max != 0) return 2;
#ifdef __linux__
  if (prctl(PR_GET_DUMPABLE) != 0) return 3;
#endif
  return 0;
}

TEST(Hardening, Harden_Process_NoCoreDumpAndNoTracing) {
  EXPECT_IN_A_CHILD(no_core_and_no_tracing);
}

int private_files_and_broken_pipes() {
  umask(0);
  signal(SIGPIPE, SIG_DFL);
  if (!harden_process()) return 1;
  if (umask(0) != 077) return 2;
  int ends[2];
  if (pipe(ends) != 0) return 3;
  close(ends[0]);
  return write(ends[1], "x", 1) == -1 ? 0 : 4;
}

TEST(Hardening, Harden_Process_FilesPrivateAndBrokenPipesErrors) {
  EXPECT_IN_A_CHILD(private_files_and_broken_pipes);
}

int only_kept_descriptors() {
  const int base = 100;
  for (int fd = base; fd < base + 6; ++fd) {
    if (dup2(STDERR_FILENO, fd) != fd) return 1;
  }
  if (!harden_process({base + 4, base + 1, -1})) return 2;
  for (int fd = 3; fd < base + 20; ++fd) {
    const bool is_open = fcntl(fd, F_GETFD) >= 0;
    if (is_open != (fd == base + 1 || fd == base + 4)) return 3;
  }
  for (int fd = 0; fd < 3; ++fd) {
    if (fcntl(fd, F_GETFD) < 0) return 4;
  }
  return 0;
}

TEST(Hardening, CloseDescriptors_KeepsOnlyListed) {
  EXPECT_IN_A_CHILD(only_kept_descriptors);
}

int standard_descriptors() {
  close(STDIN_FILENO);
  close(STDOUT_FILENO);
  if (!harden_process()) return 1;
  char byte = 0;
  if (read(STDIN_FILENO, &byte, 1) != 0 || write(STDOUT_FILENO, "x", 1) != 1) return 2;
  return fcntl(3, F_GETFD) < 0 ? 0 : 3;
}

TEST(Hardening, StandardDescriptors_MissingOnesOpened) {
  EXPECT_IN_A_CHILD(standard_descriptors);
}

int locked_memory() {
  rlimit limit{};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return 1;
  limit.rlim_cur = 0;
  if (setrlimit(RLIMIT_MEMLOCK, &limit) != 0) return 2;
  allow_locked_memory();
  rlimit now{};
  if (getrlimit(RLIMIT_MEMLOCK, &now) != 0) return 3;
  return now.rlim_cur == limit.rlim_max ? 0 : 4;
}

TEST(Hardening, LockedMemory_RaisedToHardLimit) {
  EXPECT_IN_A_CHILD(locked_memory);
}

TEST(Hardening, WipesFreedMemory_ObjectNotLinked_False) {
  EXPECT_FALSE(wipes_freed_memory());
}

}  // namespace
}  // namespace jackin::os
