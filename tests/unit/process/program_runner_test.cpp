// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "common/untrusted_text.hpp"
#include "daemon/process/program_runner.hpp"
#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin {
namespace {

using namespace std::chrono_literals;
using test::FakeClock;
using test::Started;
using test::TempDir;

// A FIFO that shows what processes write to it, and when the last writer has closed it.
class Witness {
 public:
  explicit Witness(std::filesystem::path fifo) : fifo_(std::move(fifo)) { EXPECT_EQ(mkfifo(fifo_.c_str(), 0600), 0); }
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  ~Witness() { close(fd_); }

  // Blocks until a process has written, or until all writers are gone; then the result is empty.
  std::string read_some() {
    if (fd_ < 0) fd_ = open(fifo_.c_str(), O_RDONLY | O_CLOEXEC);  // waits for the first writer
    char buffer[256];
    const auto count = read(fd_, buffer, sizeof buffer);
    return {buffer, count > 0 ? static_cast<std::size_t>(count) : 0};
  }

 private:
  std::filesystem::path fifo_;
  int fd_ = -1;
};

class ProgramRunnerTest : public testing::Test {
 protected:
  static ProgramCall shell(std::string script) {
    ProgramCall call;
    call.program = "/bin/sh";
    call.arguments = {"-c", std::move(script)};
    call.environment.set("PATH", "/usr/bin:/bin");
    return call;
  }

  Result<ProgramResult> run(ProgramCall call) { return test::await(io_, runner_->run(std::move(call))); }

  std::string output_of(std::string script) {
    auto result = run(shell(std::move(script)));
    if (!result) return "error: " + result.error().message;
    return std::string(result->output.view());
  }

  // Whether this process has no child left to reap.
  static bool no_child_is_left() { return waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD; }

  asio::io_context io_;
  FakeClock clock_;
  std::unique_ptr<ProgramRunner> runner_ = system_program_runner(io_.get_executor(), clock_);
};

TEST_F(ProgramRunnerTest, Run_ReturnsOutputErrorsAndExitCode) {
  auto result = run(shell("printf out; printf err >&2; exit 3"));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->output.view(), "out");
  EXPECT_EQ(printable(result->errors.raw()), "err");
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_TRUE(no_child_is_left());
}

TEST_F(ProgramRunnerTest, Run_EndedBySignal_ExitCodeOfShell) {
  auto result = run(shell("kill -TERM $$"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_code, 128 + SIGTERM);
}

TEST_F(ProgramRunnerTest, Run_EnvironmentIsExact) {
  ProgramCall call;
  call.program = "/usr/bin/env";
  call.environment.set("ONLY", "this one");
  setenv("JACKIN_TEST_LEAK", "1", 1);
  auto result = run(std::move(call));
  unsetenv("JACKIN_TEST_LEAK");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output.view(), "ONLY=this one\n");
}

TEST_F(ProgramRunnerTest, Run_ArgumentsBypassShell) {
  ProgramCall call;
  call.program = "/usr/bin/printf";
  call.arguments = {"[%s]", "$HOME; rm x", "two words", ""};
  auto result = run(std::move(call));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output.view(), "[$HOME; rm x][two words][]");
}

TEST_F(ProgramRunnerTest, Run_InputIsRealPipe) {
  ProgramCall call = shell("test -p /dev/stdin && test -p /dev/stdout && cat");
  call.input = Secret::copy_of("typed in");
  auto result = run(std::move(call));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output.view(), "typed in");
}

TEST_F(ProgramRunnerTest, Run_InputLargerThanPipe_WrittenCompletely) {
  ProgramCall call = shell("wc -c");
  call.input = Secret::copy_of(std::string(300000, 'x'));
  auto result = run(std::move(call));
  ASSERT_TRUE(result);
  EXPECT_NE(result->output.view().find("300000"), std::string_view::npos);
}

TEST_F(ProgramRunnerTest, Run_InputUnread_NoError) {
  ProgramCall call = shell("exec 0<&-; echo done");
  call.input = Secret::copy_of(std::string(300000, 'x'));
  auto result = run(std::move(call));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output.view(), "done\n");
}

TEST_F(ProgramRunnerTest, Run_NoInput_StdinEmpty) {
  EXPECT_EQ(output_of("cat; echo end"), "end\n");
}

#ifdef __linux__
TEST_F(ProgramRunnerTest, Run_InheritsNoOtherDescriptor) {
  const int leaked = open("/dev/null", O_RDONLY);  // deliberately not close-on-exec
  ASSERT_GE(leaked, 0);
  // The fourth descriptor belongs to ls and is the folder that it lists.
  EXPECT_EQ(output_of("exec ls -1 /proc/self/fd"), "0\n1\n2\n3\n");
  close(leaked);
}

TEST_F(ProgramRunnerTest, Run_ProgramLeadsOwnSessionAndGroup) {
  EXPECT_EQ(output_of("read -r pid _ _ _ group session _ < /proc/$$/stat; "
                      "[ $pid = $group ] && [ $pid = $session ] && echo leads"),
            "leads\n");
}

TEST_F(ProgramRunnerTest, Run_SignalsAreDefault) {
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  // SIGPIPE is ignored in this process, as in the daemon.
  const std::string seen = output_of("exec grep -E '^Sig(Blk|Ign)' /proc/self/status");
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_EQ(seen, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}
#endif

TEST_F(ProgramRunnerTest, Run_FolderGiven_UsedWithPrivateUmask) {
  TempDir folder;
  ProgramCall call = shell("pwd; umask");
  call.directory = folder.path();
  auto result = run(std::move(call));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output.view(), folder.path().string() + "\n0077\n");
}

TEST_F(ProgramRunnerTest, Run_ProgramNotFound_ProgramMissing) {
  ProgramCall call;
  call.program = "/nonexistent/program";
  auto result = run(std::move(call));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::program_missing);
  EXPECT_NE(result.error().message.find("/nonexistent/program"), std::string::npos);
  EXPECT_TRUE(no_child_is_left());
}

TEST_F(ProgramRunnerTest, Run_NotExecutable_ProgramFailed) {
  TempDir folder;
  test::write_file(folder / "text", "no program");
  ProgramCall call;
  call.program = folder / "text";
  auto result = run(std::move(call));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::program_failed);
  EXPECT_TRUE(no_child_is_left());
}

TEST_F(ProgramRunnerTest, Run_FolderNotFound_ProgramFailed) {
  ProgramCall call = shell("true");
  call.directory = "/nonexistent";
  auto result = run(std::move(call));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::program_failed);
}

TEST_F(ProgramRunnerTest, Run_ProgramHangs_KillsWholeGroup) {
  TempDir folder;
  Witness witness(folder / "fifo");
  ProgramCall call =
      shell("exec 3>" + (folder / "fifo").string() + "; trap '' TERM HUP; sleep 1000 & echo up >&3; wait");
  call.limit = 30s;
  Started<Result<ProgramResult>> started(io_, runner_->run(std::move(call)));
  started.run_until([&] { return clock_.waiting() == 1; });
  EXPECT_EQ(witness.read_some(), "up\n");
  clock_.advance(29s);
  io_.poll();
  EXPECT_FALSE(started.has_ended());
  clock_.advance(1s);
  const auto result = started.result();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::timed_out);
  EXPECT_TRUE(no_child_is_left());
  // The sleep process had it open too.
  EXPECT_EQ(witness.read_some(), "");
}

TEST_F(ProgramRunnerTest, Run_Cancelled_KillsAndReaps) {
  TempDir folder;
  Witness witness(folder / "fifo");
  Started<Result<ProgramResult>> started(
      io_, runner_->run(shell("exec 3>" + (folder / "fifo").string() + "; sleep 1000 & echo up >&3; wait")));
  started.run_until([&] { return clock_.waiting() == 1; });
  EXPECT_EQ(witness.read_some(), "up\n");
  started.cancel();
  const auto result = started.result();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::cancelled);
  EXPECT_TRUE(no_child_is_left());
  EXPECT_EQ(witness.read_some(), "");
  EXPECT_EQ(clock_.waiting(), 0U);
}

TEST_F(ProgramRunnerTest, Run_AlreadyCancelled_StartsNothing) {
  TempDir folder;
  const auto late = [&]() -> Task<ProgramResult> {
    co_await clock_.wait(1h);
    co_return co_await runner_->run(shell("touch " + (folder / "ran").string()));
  };
  Started<Result<ProgramResult>> started(io_, late());
  io_.poll();
  started.cancel();
  const auto result = started.result();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::cancelled);
  EXPECT_FALSE(std::filesystem::exists(folder / "ran"));
}

TEST_F(ProgramRunnerTest, Run_OutputOverLimit_CutOff) {
  ProgramCall call = shell("exec cat /dev/zero");
  call.output_limit = 1000;
  const auto result = run(std::move(call));
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->too_much_output);
  EXPECT_EQ(result->exit_code, 128 + SIGKILL);
  EXPECT_TRUE(no_child_is_left());
}

TEST_F(ProgramRunnerTest, Run_OutputAtLimit_Allowed) {
  ProgramCall call = shell("printf 12345678");
  call.output_limit = 8;
  auto exactly = run(std::move(call));
  ASSERT_TRUE(exactly);
  EXPECT_FALSE(exactly->too_much_output);
  EXPECT_EQ(exactly->exit_code, 0);
  ProgramCall more = shell("printf 123456789");
  more.output_limit = 8;
  auto beyond = run(std::move(more));
  ASSERT_TRUE(beyond);
  // Detected even when the program ended before it could be killed.
  EXPECT_TRUE(beyond->too_much_output);
  EXPECT_EQ(beyond->exit_code, 128 + SIGKILL);
}

TEST_F(ProgramRunnerTest, Run_LongErrors_KeepsEnd) {
  auto result = run(shell("i=0; while [ $i -lt 3000 ]; do echo 'line of errors' >&2; i=$((i+1)); done; echo last >&2"));
  ASSERT_TRUE(result);
  EXPECT_LE(result->errors.raw().size(), 4100U);
  EXPECT_TRUE(result->errors.raw().ends_with("last\n")) << result->errors.raw();
}

TEST_F(ProgramRunnerTest, Run_ErrorsCutInsideToken_NoPieceLeft) {
  // Of these 4,200 bytes the runner keeps the last 4,096: the cut is inside the token.
  auto result = run(shell("printf '%s' sk-ant-oat01-$(printf '%0200d' 0 | tr 0 Q) >&2; printf ' %03986d' 7 >&2"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->errors.raw().find('Q'), std::string_view::npos) << result->errors.raw();
  EXPECT_TRUE(printable(result->errors.raw(), 5000).ends_with("07"));
}

TEST_F(ProgramRunnerTest, Run_ErrorsKeptRaw) {
  auto result = run(shell("printf '\\033[31mred\\033[0m\\007 sk-ant-oat01-abcdef\\377' >&2"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->errors.raw(), "\033[31mred\033[0m\007 sk-ant-oat01-abcdef\377");
  EXPECT_EQ(result->errors.shown({}), withheld_text);
}

TEST_F(ProgramRunnerTest, Run_GrandchildKeepsPipes_NotDelayed) {
  TempDir folder;
  Witness witness(folder / "fifo");
  const std::string fifo = (folder / "fifo").string();
  // The clock does not advance: only the program's own end can end the run.
  auto result = run(shell("(exec 3>" + fifo + "; echo $$ >&3; exec sleep 1000) & echo kept; echo also >&2"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output.view(), "kept\n");
  EXPECT_EQ(printable(result->errors.raw()), "also");
  const std::string group = witness.read_some();
  ASSERT_FALSE(group.empty());
  kill(-std::stoi(group), SIGKILL);
}

TEST_F(ProgramRunnerTest, Run_OutputBeforeExit_Complete) {
  for (int round = 0; round < 20; ++round) {
    auto result = run(shell("printf '%030000d' 7; printf end"));
    ASSERT_TRUE(result);
    EXPECT_EQ(result->output.size(), 30003U);
    EXPECT_TRUE(result->output.view().ends_with("07end"));
  }
}

TEST_F(ProgramRunnerTest, Run_Concurrently) {
  TempDir folder;
  ASSERT_EQ(mkfifo((folder / "fifo").c_str(), 0600), 0);
  const std::string fifo = (folder / "fifo").string();
  // Each program needs the other one to be running.
  Started<Result<ProgramResult>> reader(io_, runner_->run(shell("cat " + fifo)));
  Started<Result<ProgramResult>> writer(io_, runner_->run(shell("echo hello > " + fifo)));
  auto read = reader.result();
  ASSERT_TRUE(read);
  EXPECT_EQ(read->output.view(), "hello\n");
  EXPECT_TRUE(writer.result());
}

TEST(ProgramRunner, ContextDestroyedDuringRun_NoProcessLeft) {
  TempDir folder;
  Witness witness(folder / "fifo");
  {
    asio::io_context io;
    FakeClock clock;
    const auto runner = system_program_runner(io.get_executor(), clock);
    ProgramCall call;
    call.program = "/bin/sh";
    call.arguments = {"-c", "exec 3>" + (folder / "fifo").string() + "; echo up >&3; sleep 1000"};
    call.environment.set("PATH", "/usr/bin:/bin");
    Started<Result<ProgramResult>> started(io, runner->run(std::move(call)));
    started.run_until([&] { return clock.waiting() == 1; });
    EXPECT_EQ(witness.read_some(), "up\n");
  }
  EXPECT_EQ(witness.read_some(), "");
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

}  // namespace
}  // namespace jackin
