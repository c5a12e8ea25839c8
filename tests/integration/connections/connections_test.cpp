// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/os/daemon_record.hpp"
#include "common/os/process_identity.hpp"
#include "tests/integration/support/programs.hpp"

namespace jackin {
namespace {

namespace fs = std::filesystem;
using test::Program;
using test::ProgramEnd;
using test::Programs;
using test::Sandbox;
using testing::HasSubstr;
using testing::Not;

class ConnectionsTest : public testing::Test {
 protected:
  Sandbox sandbox;
  Programs programs{sandbox};

  // A client in a folder of its own with the jackind of this build beside it, as in an installation.
  fs::path client() {
    const fs::path folder = sandbox.home / "installed";
    if (!fs::exists(folder)) {
      fs::create_directory(folder);
      fs::copy_file(Programs::built("test_client"), folder / "test_client");
      fs::create_symlink(Programs::built("jackind"), folder / "jackind");
    }
    return folder / "test_client";
  }
  ProgramEnd call(const std::string& command) { return programs.run(client().string(), {command}); }

  static bool comes_true(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::yield();
    }
    return true;
  }

  DaemonRecord record() const {
    return parse_daemon_record(test::read_file(sandbox.paths.daemon_lock())).value_or(DaemonRecord());
  }
};

TEST_F(ConnectionsTest, Start_ListensAndStopsOnSignal) {
  ASSERT_EQ(programs.start_daemon(), "");
  EXPECT_EQ(call("hello").output, std::to_string(programs.daemon().pid()) + "\n");
  EXPECT_EQ(programs.stop_daemon().exit_code, 0);
  EXPECT_FALSE(fs::exists(sandbox.paths.socket()));
}

TEST_F(ConnectionsTest, Shutdown_AnsweredBeforeEnd) {
  ASSERT_EQ(programs.start_daemon(), "");
  const ProgramEnd asked = call("shutdown");
  EXPECT_EQ(asked.exit_code, 0) << asked.errors;
  EXPECT_EQ(programs.daemon().wait().exit_code, 0);
}

TEST_F(ConnectionsTest, SecondDaemon_EndsAndNamesFirst) {
  ASSERT_EQ(programs.start_daemon(), "");
  const auto first = std::to_string(programs.daemon().pid());
  const ProgramEnd second = programs.run("jackind", {"--foreground"});
  EXPECT_EQ(second.exit_code, 0);
  EXPECT_THAT(second.errors, HasSubstr("pid " + first));
  EXPECT_THAT(second.errors, HasSubstr(sandbox.paths.socket().string()));
  EXPECT_EQ(call("hello").exit_code, 0);
}

TEST_F(ConnectionsTest, SecondDaemon_OtherRuntimeFolder_Ends) {
  ASSERT_EQ(programs.start_daemon(), "");
  fs::create_directory(sandbox.home / "other-run");
  programs.environment.set("XDG_RUNTIME_DIR", (sandbox.home / "other-run").string());
  const ProgramEnd second = programs.run("jackind", {"--foreground"});
  EXPECT_EQ(second.exit_code, 0);
  EXPECT_THAT(second.errors, HasSubstr("is already running"));
  EXPECT_TRUE(fs::is_empty(sandbox.home / "other-run"));
}

TEST_F(ConnectionsTest, FiftyClientsStartIt_OneDaemon) {
  const std::string program = client().string();
  std::vector<Program> clients;
  for (int i = 0; i < 50; ++i) clients.push_back(programs.start(program, {"hello"}));
  std::set<std::string> pids;
  for (auto& one : clients) {
    const ProgramEnd end = one.wait();
    EXPECT_EQ(end.exit_code, 0) << end.errors;
    pids.insert(end.output);
  }
  EXPECT_THAT(pids, testing::SizeIs(1));
  EXPECT_EQ(*pids.begin(), std::to_string(record().pid) + "\n");
}

TEST_F(ConnectionsTest, Crash_NextDaemonStarts) {
  ASSERT_EQ(programs.start_daemon(), "");
  programs.daemon().signal(SIGKILL);
  EXPECT_EQ(programs.daemon().wait().exit_code, 128 + SIGKILL);
  ASSERT_TRUE(fs::exists(sandbox.paths.socket()));
  ASSERT_EQ(programs.start_daemon(), "");
  EXPECT_EQ(call("hello").exit_code, 0);
}

TEST_F(ConnectionsTest, StartDuringStop_TakesOver) {
  ASSERT_EQ(programs.start_daemon(), "");
  Program second = programs.start("jackind", {});
  programs.daemon().signal(SIGTERM);
  EXPECT_EQ(second.wait().exit_code, 0);
  EXPECT_EQ(programs.daemon().wait().exit_code, 0);
  const ProgramEnd greeted = call("hello");
  EXPECT_EQ(greeted.exit_code, 0) << greeted.errors;
}

TEST_F(ConnectionsTest, DaemonJustGone_ClientRetries) {
  ASSERT_EQ(programs.start_daemon(), "");
  const DaemonRecord left = record();
  EXPECT_EQ(programs.stop_daemon().exit_code, 0);
  // The state in which a client finds a daemon that ends before the client connects.
  const fs::path program = client().parent_path() / "jackind";
  fs::remove(program);
  const fs::path mark = sandbox.home / "found-one";
  test::write_file(program, "#!/bin/sh\n[ -e '" + mark.string() + "' ] && exec '" +
                                Programs::built("jackind").string() + "' \"$@\"\n: >'" + mark.string() +
                                "'\necho exists >&3\n");
  fs::permissions(program, fs::perms::owner_all);
  test::write_file(sandbox.paths.daemon_lock(), format_daemon_record(left));
  const ProgramEnd greeted = call("hello");
  EXPECT_EQ(greeted.exit_code, 0) << greeted.errors;
  EXPECT_TRUE(fs::exists(mark));

  // The error names a daemon that runs and does not listen.
  const DaemonRecord ending = record();
  EXPECT_EQ(call("shutdown").exit_code, 0);
  EXPECT_TRUE(comes_true([&] { return !identify_process(ending.pid); }));
  fs::remove(mark);
  DaemonRecord elsewhere = left;
  elsewhere.pid = getpid();
  elsewhere.start_time = identify_process(getpid())->start_time;
  elsewhere.socket = "/elsewhere/jackind.sock";
  test::write_file(sandbox.paths.daemon_lock(), format_daemon_record(elsewhere));
  EXPECT_THAT(call("hello").errors, HasSubstr("runs, but does not listen on /elsewhere/jackind.sock"));
  // `programs` stops the daemon that the record names.
  test::write_file(sandbox.paths.daemon_lock(), format_daemon_record(left));
}

TEST_F(ConnectionsTest, SocketPathTooLong_Remedy) {
  programs.environment.set("JACKIN_RUNTIME_DIR", (sandbox.home / std::string(120, 'x')).string());
  EXPECT_THAT(programs.start_daemon(), HasSubstr("JACKIN_RUNTIME_DIR"));
}

TEST_F(ConnectionsTest, SocketFolderIsLink_Rejected) {
  fs::create_directory(sandbox.home / "elsewhere");
  fs::create_directory_symlink(sandbox.home / "elsewhere", sandbox.paths.runtime_dir);
  EXPECT_THAT(programs.start_daemon(), HasSubstr("permission_denied"));
  EXPECT_TRUE(fs::is_empty(sandbox.home / "elsewhere"));
}

TEST_F(ConnectionsTest, SocketFolderOfAnotherUser_Rejected) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a folder to another user";
  fs::create_directory(sandbox.paths.runtime_dir);
  fs::permissions(sandbox.paths.runtime_dir, fs::perms::owner_all);
  ASSERT_EQ(chown(sandbox.paths.runtime_dir.c_str(), 65534, 65534), 0);
  EXPECT_THAT(programs.start_daemon(), HasSubstr("permission_denied"));
}

TEST_F(ConnectionsTest, StartFails_ClientShowsDaemonsError) {
  fs::create_directory_symlink(sandbox.home.path(), sandbox.paths.runtime_dir);
  const ProgramEnd refused = call("hello");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.errors, HasSubstr("permission_denied: "));
  EXPECT_THAT(refused.errors, HasSubstr(sandbox.paths.runtime_dir.string()));
}

TEST_F(ConnectionsTest, OtherConfiguration_RejectedWithRemedy) {
  ASSERT_EQ(programs.start_daemon(), "");
  programs.environment.set("JACKIN_CONFIG_DIR", (sandbox.home / "other-config").string());
  const ProgramEnd refused = call("hello");
  EXPECT_THAT(refused.errors, HasSubstr("daemon_mismatch"));
  EXPECT_THAT(refused.errors, HasSubstr("jackinctl daemon restart"));
}

TEST_F(ConnectionsTest, NoAutostart_NotStarted) {
  programs.environment.set("JACKIN_NO_AUTOSTART", "1");
  EXPECT_EQ(call("hello").exit_code, 4);
  EXPECT_FALSE(fs::exists(sandbox.paths.daemon_lock()));
}

TEST_F(ConnectionsTest, Autostart_NoCredentialAndNoTerminal) {
  programs.environment.set("CLAUDE_CODE_OAUTH_TOKEN", "not-for-the-daemon");
  programs.environment.set("NODE_OPTIONS", "--inspect");
  ASSERT_EQ(call("hello").exit_code, 0);
  const std::string process = "/proc/" + std::to_string(record().pid);
  if (access((process + "/environ").c_str(), R_OK) != 0)
    GTEST_SKIP() << "the memory of the daemon cannot be read, as intended";
  EXPECT_THAT(test::read_file(process + "/environ"), Not(HasSubstr("not-for-the-daemon")));
  EXPECT_THAT(test::read_file(process + "/environ"), Not(HasSubstr("NODE_OPTIONS")));
  EXPECT_EQ(fs::read_symlink(process + "/cwd"), "/");
  for (const int fd : {0, 1, 2}) EXPECT_EQ(fs::read_symlink(process + "/fd/" + std::to_string(fd)), "/dev/null");
}

TEST_F(ConnectionsTest, GrpcVerbosity_NothingPrinted) {
  programs.environment.set("GRPC_VERBOSITY", "DEBUG");
  programs.environment.set("GRPC_TRACE", "all");
  ASSERT_EQ(programs.start_daemon(), "");
  ASSERT_EQ(call("hello").exit_code, 0);
  const std::string said = programs.stop_daemon().errors;
  EXPECT_THAT(said, HasSubstr("listens on"));
  EXPECT_THAT(said, Not(HasSubstr("chttp2")));
  EXPECT_THAT(said, Not(HasSubstr("grpc")));
}

TEST_F(ConnectionsTest, BrokenSettings_LastGoodOnesKept) {
  programs.write_settings("[log]\nlevel = \"info\"\n");
  ASSERT_EQ(programs.start_daemon(), "");
  programs.write_settings("[log]\nlevle = \"debug\"\n");
  programs.daemon().signal(SIGHUP);
  EXPECT_TRUE(programs.daemon().wait_for_error_text("cannot reload the settings"));
  programs.write_settings("[log]\nlevel = \"debug\"\n");
  programs.daemon().signal(SIGHUP);
  EXPECT_TRUE(programs.daemon().wait_for_error_text("reloaded the settings"));
  EXPECT_EQ(programs.stop_daemon().exit_code, 0);
}

TEST_F(ConnectionsTest, Log_IsPrivate) {
  ASSERT_EQ(call("hello").exit_code, 0);
  struct stat found {};
  ASSERT_EQ(stat((sandbox.paths.log_dir() / "jackind.log").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(ConnectionsTest, Log_ExistingFiles_ModeTightened) {
  const fs::path folder = sandbox.paths.log_dir();
  fs::create_directories(folder);
  chmod(folder.c_str(), 0700);
  for (const auto* const name : {"jackind.log", "jackind.1.log"}) {
    test::write_file(folder / name, "older\n");
    chmod((folder / name).c_str(), 0644);
  }
  ASSERT_EQ(call("hello").exit_code, 0);
  for (const auto* const name : {"jackind.log", "jackind.1.log"}) {
    struct stat found {};
    ASSERT_EQ(stat((folder / name).c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600u) << name;
  }
  EXPECT_THAT(test::read_file(folder / "jackind.log"), testing::StartsWith("older\n"));
}

TEST_F(ConnectionsTest, Log_LinkOrFifo_StartFails) {
  const fs::path folder = sandbox.paths.log_dir();
  const fs::path target = folder / "target";
  fs::create_directories(folder);
  chmod(folder.c_str(), 0700);
  test::write_file(target, "");
  fs::create_symlink(target, folder / "jackind.log");
  const auto linked = call("hello");
  EXPECT_NE(linked.exit_code, 0);
  EXPECT_THAT(linked.errors, HasSubstr("jackind.log is a link"));
  EXPECT_EQ(test::read_file(target), "");
  fs::remove(folder / "jackind.log");
  ASSERT_EQ(mkfifo((folder / "jackind.log").c_str(), 0600), 0);
  const auto waiting = call("hello");
  EXPECT_NE(waiting.exit_code, 0);
  EXPECT_THAT(waiting.errors, HasSubstr("jackind.log is not a regular file"));
  fs::remove(folder / "jackind.log");
  EXPECT_EQ(call("hello").exit_code, 0);
}

TEST(Jackind, CommandLine_HelpVersionAndWrongUsage_ExitCodes) {
  const Sandbox sandbox;
  const Programs programs{sandbox};
  EXPECT_EQ(programs.run("jackind", {"--help"}).exit_code, 0);
  EXPECT_THAT(programs.run("jackind", {"--version"}).output, HasSubstr("jackind "));
  const ProgramEnd wrong = programs.run("jackind", {"--no-such-flag"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.errors, testing::MatchesRegex("error: .*no-such-flag.*\ntry: jackind --help\n"));
  EXPECT_FALSE(fs::exists(sandbox.paths.state_dir));
}

}  // namespace
}  // namespace jackin
