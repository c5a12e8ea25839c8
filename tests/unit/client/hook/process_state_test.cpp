// SPDX-License-Identifier: Apache-2.0
#include "client/hook/process_state.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace jackin::client {
namespace {

// Hardening cannot be undone, so each test runs in a child process. The exit code names the failed check.
int in_child(const std::function<int()>& what) {
  const pid_t child = fork();
  if (child == 0) _exit(what());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool is_undumpable() {
#ifdef __linux__
  return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
#else
  return true;  // macOS has no such query
#endif
}

TEST(ProcessState, Harden_NoCoreAndNotDumpable) {
  EXPECT_EQ(in_child([] {
              rlimit limit{};
              getrlimit(RLIMIT_CORE, &limit);
              limit.rlim_cur = limit.rlim_max;
              setrlimit(RLIMIT_CORE, &limit);
              harden_client();
              getrlimit(RLIMIT_CORE, &limit);
              if (limit.rlim_cur != 0) return 1;
              if (!is_undumpable()) return 2;
              return 0;
            }),
            0);
}

TEST(ProcessState, HandBack_LimitsAndSignals_Restored) {
  EXPECT_EQ(in_child([] {
              rlimit before{};
              getrlimit(RLIMIT_CORE, &before);
              before.rlim_cur = before.rlim_max;
              setrlimit(RLIMIT_CORE, &before);
              sigset_t blocked;
              sigemptyset(&blocked);
              sigaddset(&blocked, SIGUSR2);
              sigprocmask(SIG_BLOCK, &blocked, nullptr);

              const InheritedState inherited = harden_client();
              sigemptyset(&blocked);
              sigaddset(&blocked, SIGTERM);
              sigprocmask(SIG_BLOCK, &blocked, nullptr);
              hand_back(inherited, -1);

              rlimit after{};
              getrlimit(RLIMIT_CORE, &after);
              if (after.rlim_cur != before.rlim_cur || after.rlim_max != before.rlim_max) return 1;
              sigset_t mask;
              sigprocmask(SIG_SETMASK, nullptr, &mask);
              if (sigismember(&mask, SIGUSR2) != 1 || sigismember(&mask, SIGTERM) != 0) return 2;
              struct sigaction action {};
              sigaction(SIGPIPE, nullptr, &action);
              return action.sa_handler == SIG_DFL ? 0 : 3;
            }),
            0);
}

TEST(ProcessState, HandBack_OwnDescriptors_NotInherited) {
  EXPECT_EQ(in_child([] {
              const int inherited_fd = open("/dev/null", O_RDONLY);
              InheritedState inherited = harden_client();
              inherited.descriptors = open_descriptors();
              const int ours = open("/dev/null", O_RDONLY);
              const int handed_over = open("/dev/null", O_RDONLY);
              hand_back(inherited, handed_over);
              if ((fcntl(inherited_fd, F_GETFD) & FD_CLOEXEC) != 0) return 1;
              if ((fcntl(ours, F_GETFD) & FD_CLOEXEC) == 0) return 2;
              return (fcntl(handed_over, F_GETFD) & FD_CLOEXEC) == 0 ? 0 : 3;
            }),
            0);
}

TEST(ProcessState, OpenDescriptors_OpenFile_Listed) {
  const int fd = open("/dev/null", O_RDONLY);
  const auto with = open_descriptors();
  EXPECT_TRUE(std::binary_search(with.begin(), with.end(), fd));
  EXPECT_FALSE(std::binary_search(with.begin(), with.end(), 2));
  close(fd);
  const auto without = open_descriptors();
  EXPECT_FALSE(std::binary_search(without.begin(), without.end(), fd));
}

}  // namespace
}  // namespace jackin::client
