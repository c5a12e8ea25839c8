// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/raw_mode.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <utility>

#include "client/terminal/signal_watch.hpp"

namespace jackin::client {
namespace {

class Pty {
 public:
  Pty() : master_(posix_openpt(O_RDWR | O_NOCTTY)) {
    if (grantpt(master_) != 0 || unlockpt(master_) != 0) ADD_FAILURE() << "cannot open a pseudo-terminal";
    terminal_ = open(ptsname(master_), O_RDWR | O_NOCTTY);
  }
  Pty(const Pty&) = delete;
  Pty& operator=(const Pty&) = delete;
  ~Pty() {
    close(terminal_);
    close(master_);
  }
  int terminal() const { return terminal_; }
  int master() const { return master_; }
  termios settings() const {
    termios settings{};
    EXPECT_EQ(tcgetattr(terminal_, &settings), 0);
    return settings;
  }

 private:
  int master_;
  int terminal_ = -1;
};

bool same(const termios& a, const termios& b) {
  return a.c_iflag == b.c_iflag && a.c_oflag == b.c_oflag && a.c_lflag == b.c_lflag && a.c_cflag == b.c_cflag &&
         std::memcmp(a.c_cc, b.c_cc, sizeof a.c_cc) == 0;
}

TEST(RawMode, Enter_RawInput_RestoredAtEnd) {
  const Pty pty;
  const termios before = pty.settings();
  {
    const auto raw = RawMode::enter(pty.terminal(), pty.terminal());
    ASSERT_TRUE(raw);
    const termios during = pty.settings();
    EXPECT_EQ(during.c_lflag & (ECHO | ICANON | ISIG), 0U);
    EXPECT_EQ(during.c_iflag & ICRNL, 0U);
    EXPECT_EQ(during.c_oflag & OPOST, before.c_oflag & OPOST);
  }
  EXPECT_TRUE(same(pty.settings(), before));
}

TEST(RawMode, End_CursorShown) {
  const Pty pty;
  { const auto raw = RawMode::enter(pty.terminal(), pty.terminal()); }
  char shown[64];
  const auto size = read(pty.master(), shown, sizeof shown);
  ASSERT_GT(size, 0);
  EXPECT_NE(std::string(shown, static_cast<std::size_t>(size)).find("\x1b[?25h"), std::string::npos);
}

TEST(RawMode, LeaveWith_End_LastBytesWritten) {
  const Pty pty;
  {
    auto raw = RawMode::enter(pty.terminal(), pty.terminal(), "first");
    ASSERT_TRUE(raw);
    raw->leave_with("second");
    raw->leave_with("third");
  }
  char shown[64];
  const auto size = read(pty.master(), shown, sizeof shown);
  ASSERT_GT(size, 0);
  EXPECT_EQ(std::string(shown, static_cast<std::size_t>(size)).substr(0, 6), "third\x1b");
}

TEST(RawMode, Enter_NoTerminal_Fails) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_FALSE(RawMode::enter(ends[0], ends[1]));
  close(ends[0]);
  close(ends[1]);
}

TEST(RawMode, Abort_TerminalRestored) {
  const Pty pty;
  const termios before = pty.settings();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto raw = RawMode::enter(pty.terminal(), pty.terminal());
    if (!raw) _exit(1);
    abort();
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGABRT);
  EXPECT_TRUE(same(pty.settings(), before));
}

TEST(RawMode, Suspend_TerminalRestoredUntilResume) {
  const Pty pty;
  const termios before = pty.settings();
  auto raw = RawMode::enter(pty.terminal(), pty.terminal());
  ASSERT_TRUE(raw);
  raw->suspend();
  EXPECT_TRUE(same(pty.settings(), before));
  raw->resume();
  EXPECT_EQ(pty.settings().c_lflag & ICANON, 0U);
}

TEST(SignalWatch, Signals_ReadInOrder) {
  auto watch = SignalWatch::start({SIGUSR1, SIGWINCH});
  ASSERT_TRUE(watch);
  EXPECT_EQ(watch->next(), std::nullopt);
  raise(SIGWINCH);
  raise(SIGUSR1);
  EXPECT_EQ(watch->next(), SIGWINCH);
  EXPECT_EQ(watch->next(), SIGUSR1);
  EXPECT_EQ(watch->next(), std::nullopt);
}

TEST(SignalWatch, End_FormerActionsRestored) {
  signal(SIGUSR1, SIG_IGN);
  { const auto watch = SignalWatch::start({SIGUSR1}); }
  EXPECT_EQ(signal(SIGUSR1, SIG_DFL), SIG_IGN);
}

}  // namespace
}  // namespace jackin::client
