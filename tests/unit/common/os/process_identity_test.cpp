// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "daemon/process/program_runner.hpp"

namespace jackin {
namespace {

TEST(IdentifyProcess, ThisProcess_Identified) {
  const auto self = identify_process(getpid());
  ASSERT_TRUE(self);
  EXPECT_EQ(self->pid, getpid());
  EXPECT_GT(self->start_time, 0U);
  EXPECT_NE(self->command.find("os_test"), std::string::npos) << self->command;
  EXPECT_EQ(identify_process(getpid())->start_time, self->start_time);
}

TEST(IdentifyProcess, NoSuchProcess_Nothing) {
  EXPECT_FALSE(identify_process(0));
  EXPECT_FALSE(identify_process(-1));
  EXPECT_FALSE(identify_process(0x7ffffffe));
}

TEST(IdentifyProcess, Zombie_Nothing) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  siginfo_t info{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  EXPECT_FALSE(identify_process(child));
  waitpid(child, nullptr, 0);
}

#ifdef __linux__
TEST(IdentifyProcess, MisleadingCommandName_ParsedCorrectly) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_NAME, "a) Z 1 (\x1b[31mb");
    if (write(ready[1], "x", 1) != 1) _exit(1);
    pause();
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  const auto identity = identify_process(child);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(ready[0]);
  close(ready[1]);
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->command, "a) Z 1 (b");
  EXPECT_GE(identity->start_time, identify_process(getpid())->start_time);
}
#endif

}  // namespace
}  // namespace jackin
