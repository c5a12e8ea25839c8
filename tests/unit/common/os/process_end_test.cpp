// SPDX-License-Identifier: Apache-2.0
#include "common/os/process_end.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace jackin {
namespace {

TEST(ProcessEnd, ProcessEnds_Seen) {
  const pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  ProcessEnd end(child);
  EXPECT_FALSE(end.wait(std::chrono::milliseconds(0)));
  kill(child, SIGKILL);
  EXPECT_TRUE(end.wait(std::chrono::seconds(30)));
  waitpid(child, nullptr, 0);
}

TEST(ProcessEnd, ProcessGone_SeenAtOnce) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  ProcessEnd end(child);
  EXPECT_TRUE(end.wait(std::chrono::milliseconds(0)));
}

}  // namespace
}  // namespace jackin
