// SPDX-License-Identifier: Apache-2.0
#include "daemon/process/pty.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>

#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"

namespace jackin {
namespace {

using namespace std::chrono_literals;
using test::await;
using test::FakeClock;
using test::Started;

class PtyTest : public testing::Test {
 protected:
  std::unique_ptr<PtyProgram> start(std::string script, TerminalSize size = {}) {
    ProgramCall call;
    call.program = "/bin/sh";
    call.arguments = {"-c", std::move(script)};
    call.environment.set("PATH", "/usr/bin:/bin");
    auto started = await(io_, launcher_->start(std::move(call), size));
    io_.restart();
    if (!started) {
      ADD_FAILURE() << started.error().message;
      return nullptr;
    }
    return std::move(*started);
  }

  // Reads until `wanted` was read or the terminal is closed.
  Task<std::string> read_until(PtyProgram& program, std::string wanted) {
    std::string seen;
    std::array<char, 64> buffer{};
    while (seen.find(wanted) == std::string::npos) {
      CO_TRY(const std::size_t count, co_await program.read(buffer));
      if (count == 0) break;
      seen.append(buffer.data(), count);
    }
    co_return seen;
  }
  std::string read(PtyProgram& program, std::string wanted) {
    auto result = await(io_, read_until(program, std::move(wanted)));
    return result ? *result : "error: " + result.error().message;
  }
  std::string read_all(PtyProgram& program) { return read(program, std::string("\0never\0", 7)); }

  asio::io_context io_;
  FakeClock clock_;
  std::unique_ptr<PtyLauncher> launcher_ = system_pty_launcher(io_.get_executor(), clock_);
};

TEST_F(PtyTest, Start_SizeGiven_TerminalHasSize) {
  const auto program = start("test -t 0 && test -t 1 && test -t 2 && stty size < /dev/tty", {31, 97});
  EXPECT_EQ(read_all(*program), "31 97\r\n");
  const auto code = await(io_, program->wait());
  ASSERT_TRUE(code);
  EXPECT_EQ(*code, 0);
}

TEST_F(PtyTest, Write_ReachesProgram) {
  const auto program = start("stty -echo; echo ready; read line; echo \"got $line\"");
  EXPECT_EQ(read(*program, "ready\r\n"), "ready\r\n");
  EXPECT_TRUE(await(io_, program->write("the code\n")));
  EXPECT_EQ(read_all(*program), "got the code\r\n");
}

TEST_F(PtyTest, Resize_ReachesProgram) {
  const auto program = start("trap 'stty size; exit' WINCH; echo ready; while :; do read line || :; done", {24, 80});
  EXPECT_EQ(read(*program, "ready\r\n"), "ready\r\n");
  EXPECT_TRUE(program->resize({40, 143}));
  EXPECT_EQ(read_all(*program), "40 143\r\n");
}

TEST_F(PtyTest, Wait_ReturnsExitCode) {
  const auto program = start("exit 7");
  const auto code = await(io_, program->wait());
  ASSERT_TRUE(code);
  EXPECT_EQ(*code, 7);
}

TEST_F(PtyTest, Read_WhileWaiting_ReadsToEnd) {
  const auto program = start("printf '%05000d' 1; printf END");
  Started<Result<int>> ended(io_, program->wait());
  const std::string seen = read_all(*program);
  EXPECT_EQ(seen.size(), 5003U);
  EXPECT_TRUE(seen.ends_with("1END"));
  EXPECT_TRUE(ended.result());
}

TEST_F(PtyTest, Read_Cancelled_ReasonCancelled) {
  const auto program = start("sleep 1000");
  std::array<char, 16> buffer{};
  Started<Result<std::size_t>> reading(io_, program->read(buffer));
  io_.poll();
  reading.cancel();
  const auto result = reading.result();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::cancelled);
}

TEST_F(PtyTest, Wait_Cancelled_ReasonCancelled) {
  const auto program = start("sleep 1000");
  Started<Result<int>> waiting(io_, program->wait());
  io_.poll();
  waiting.cancel();
  const auto result = waiting.result();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::cancelled);
}

struct Ended {};

asio::awaitable<Ended> ended(PtyProgram& program) {
  co_await program.end(500ms);
  co_return Ended{};
}

TEST_F(PtyTest, End_ProgramObeys_DoesNotWait) {
  const auto program = start("echo ready; exec sleep 1000");
  read(*program, "ready\r\n");
  // The clock does not advance: only the program's own end can end it.
  await(io_, ended(*program));
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
  const auto code = await(io_, program->wait());
  ASSERT_TRUE(code);
  EXPECT_EQ(*code, 128 + SIGHUP);
}

TEST_F(PtyTest, End_ProgramIgnoresSignals_KilledAfterGrace) {
  const auto program = start("trap '' HUP TERM; echo ready; while :; do sleep 1000; done");
  read(*program, "ready\r\n");
  Started<Ended> ending(io_, ended(*program));
  ending.run_until([&] { return clock_.waiting() == 1; });
  clock_.advance(500ms);
  ending.result();
  const auto code = await(io_, program->wait());
  ASSERT_TRUE(code);
  EXPECT_EQ(*code, 128 + SIGKILL);
}

TEST_F(PtyTest, End_Cancelled_StillCompletes) {
  const auto program = start("trap '' HUP TERM; echo ready; while :; do sleep 1000; done");
  read(*program, "ready\r\n");
  Started<Ended> ending(io_, ended(*program));
  ending.run_until([&] { return clock_.waiting() == 1; });
  ending.cancel();
  io_.poll();
  EXPECT_FALSE(ending.has_ended());
  clock_.advance(500ms);
  ending.result();
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
}

TEST_F(PtyTest, Destroyed_LeavesNoProcess) {
  auto program = start("trap '' HUP TERM; echo ready; while :; do sleep 1000; done");
  read(*program, "ready\r\n");
  const pid_t pid = program->pid();
  program.reset();
  EXPECT_EQ(kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

TEST_F(PtyTest, Destroyed_PendingRead_Cancelled) {
  auto program = start("sleep 1000");
  std::array<char, 16> buffer{};
  Started<Result<std::size_t>> reading(io_, program->read(buffer));
  Started<Result<int>> waiting(io_, program->wait());
  io_.poll();
  program.reset();
  EXPECT_FALSE(reading.result());
  EXPECT_FALSE(waiting.result());
}

TEST_F(PtyTest, Start_ProgramNotFound_ProgramMissing) {
  ProgramCall call;
  call.program = "/nonexistent/claude";
  const auto started = await(io_, launcher_->start(std::move(call), {}));
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().reason, Reason::program_missing);
}

TEST_F(PtyTest, Write_MoreThanTerminalBuffer_WrittenCompletely) {
  const auto program = start("stty raw -echo; echo ready; head -c 50000 | wc -c");
  read(*program, "ready");
  EXPECT_TRUE(await(io_, program->write(std::string(50000, 'x'))));
  EXPECT_NE(read_all(*program).find("50000"), std::string::npos);
}

}  // namespace
}  // namespace jackin
