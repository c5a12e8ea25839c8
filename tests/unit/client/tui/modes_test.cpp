// SPDX-License-Identifier: Apache-2.0
#include "client/tui/terminal/modes.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "client/terminal/signal_watch.hpp"

namespace jackin::tui {
namespace {

class Pty {
 public:
  Pty() : master_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    if (grantpt(master_) != 0 || unlockpt(master_) != 0) ADD_FAILURE() << "cannot open a pseudo-terminal";
    terminal_ = open(ptsname(master_), O_RDWR | O_NOCTTY | O_CLOEXEC);
  }
  Pty(const Pty&) = delete;
  Pty& operator=(const Pty&) = delete;
  ~Pty() {
    close(terminal_);
    close(master_);
  }
  int terminal() const { return terminal_; }
  termios settings() const {
    termios settings{};
    EXPECT_EQ(tcgetattr(terminal_, &settings), 0);
    return settings;
  }
  /// Everything that was written so far.
  std::string written() {
    pollfd ready{.fd = master_, .events = POLLIN, .revents = 0};
    while (poll(&ready, 1, 0) > 0 && (ready.revents & POLLIN) != 0) {
      char bytes[4096];
      const auto size = read(master_, bytes, sizeof bytes);
      if (size <= 0) break;
      written_.append(bytes, static_cast<std::size_t>(size));
    }
    return written_;
  }

 private:
  int master_;
  int terminal_ = -1;
  std::string written_;
};

bool same(const termios& a, const termios& b) {
  return a.c_iflag == b.c_iflag && a.c_oflag == b.c_oflag && a.c_lflag == b.c_lflag && a.c_cflag == b.c_cflag;
}

void expect_restored(Pty& pty, const termios& before) {
  EXPECT_TRUE(same(pty.settings(), before));
  const std::string written = pty.written();
  for (const char* mode : {"1049", "2004", "1000", "1006"}) {
    const auto on = written.rfind(std::string("\x1b[?") + mode + "h");
    const auto off = written.rfind(std::string("\x1b[?") + mode + "l");
    EXPECT_NE(on, std::string::npos) << mode;
    ASSERT_NE(off, std::string::npos) << mode;
    EXPECT_GT(off, on) << mode;
  }
  EXPECT_GT(written.rfind("\x1b[?25h"), written.rfind("\x1b[?25l"));
  ASSERT_NE(written.rfind("\x1b[?7l"), std::string::npos);
  EXPECT_GT(written.rfind("\x1b[?7h"), written.rfind("\x1b[?7l"));
  EXPECT_NE(written.rfind("\x1b[?2026l"), std::string::npos);
}

TEST(FullScreen, End_TerminalRestored) {
  Pty pty;
  const termios before = pty.settings();
  {
    const auto screen = FullScreen::enter(pty.terminal(), pty.terminal(), true);
    ASSERT_TRUE(screen);
    EXPECT_EQ(pty.settings().c_lflag & ICANON, 0U);
    EXPECT_NE(pty.written().find("\x1b[?1049h"), std::string::npos);
  }
  expect_restored(pty, before);
}

TEST(FullScreen, NoMouse_MouseModesNotSet) {
  Pty pty;
  const auto screen = FullScreen::enter(pty.terminal(), pty.terminal(), false);
  ASSERT_TRUE(screen);
  EXPECT_EQ(pty.written().find("\x1b[?1000h"), std::string::npos);
  EXPECT_EQ(pty.written().find("\x1b[?1006h"), std::string::npos);
}

TEST(FullScreen, NoTerminal_Fails) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_FALSE(FullScreen::enter(ends[0], ends[1], true));
  close(ends[0]);
  close(ends[1]);
}

TEST(FullScreen, Suspend_TerminalRestoredUntilResume) {
  Pty pty;
  const termios before = pty.settings();
  auto screen = FullScreen::enter(pty.terminal(), pty.terminal(), true);
  ASSERT_TRUE(screen);
  screen->suspend();
  expect_restored(pty, before);
  screen->resume();
  EXPECT_EQ(pty.settings().c_lflag & ICANON, 0U);
  EXPECT_GT(pty.written().rfind("\x1b[?1049h"), pty.written().rfind("\x1b[?1049l"));
}

class Signals : public testing::TestWithParam<int> {};

TEST_P(Signals, FatalSignal_TerminalRestored) {
  Pty pty;
  const termios before = pty.settings();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto screen = FullScreen::enter(pty.terminal(), pty.terminal(), true);
    if (!screen) _exit(1);
    // The signal arrives in the middle of a frame.
    [[maybe_unused]] const auto size = write(pty.terminal(), "\x1b[?2026h\x1b[3", 12);
    raise(GetParam());
    _exit(1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), GetParam());
  expect_restored(pty, before);
}

#ifdef JACKIN_SANITIZED
// A sanitizer reports SEGV itself.
INSTANTIATE_TEST_SUITE_P(FullScreen, Signals, testing::Values(SIGHUP, SIGINT, SIGQUIT, SIGTERM));
#else
INSTANTIATE_TEST_SUITE_P(FullScreen, Signals, testing::Values(SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGSEGV, SIGABRT));
#endif

TEST(FullScreen, SignalWatched_ReachesTheProgram) {
  Pty pty;
  auto watch = client::SignalWatch::start({SIGTERM, SIGHUP});
  ASSERT_TRUE(watch);
  const auto screen = FullScreen::enter(pty.terminal(), pty.terminal(), true);
  ASSERT_TRUE(screen);
  raise(SIGTERM);
  EXPECT_EQ(watch->next(), SIGTERM);
  EXPECT_EQ(pty.settings().c_lflag & ICANON, 0U);
}

}  // namespace
}  // namespace jackin::tui
