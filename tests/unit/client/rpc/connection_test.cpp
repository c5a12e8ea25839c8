// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/connection.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/remedy_command.hpp"
#include "jackin/v1/common.pb.h"
#include "tests/support/temp_dir.hpp"

namespace jackin::client {
namespace {

namespace fs = std::filesystem;

class ConnectionTest : public testing::Test {
 protected:
  test::TempDir dir;
  Environment environment{{{"HOME", dir.path().string()}, {"JACKIN_NO_AUTOSTART", "1"}}};
  Paths paths{.home = dir.path(),
              .config_dir = dir / "config",
              .state_dir = dir / "state",
              .data_dir = dir / "data",
              .runtime_dir = dir / "run",
              .home_dir = dir / ".jackin"};

  Error refusal(Autostart autostart = Autostart::yes) {
    const auto connection = Connection::open(environment, paths, autostart);
    EXPECT_FALSE(connection);
    return connection ? Error() : connection.error();
  }
};

TEST_F(ConnectionTest, NoDaemon_UnreachableWithStartRemedy) {
  const Error error = refusal();
  EXPECT_EQ(error.reason, Reason::daemon_unreachable);
  EXPECT_EQ(command_line(error.remedy), "jackinctl daemon start");
}

TEST_F(ConnectionTest, AutostartOff_NothingStarted) {
  (void)refusal();
  environment.erase("JACKIN_NO_AUTOSTART");
  (void)refusal(Autostart::no);
  EXPECT_TRUE(fs::is_empty(dir.path()));
}

TEST_F(ConnectionTest, SocketPathTooLong_RemedyNamesVariable) {
  paths.runtime_dir = dir / std::string(120, 'x');
  const Error error = refusal();
  EXPECT_EQ(error.reason, Reason::invalid_argument);
  EXPECT_NE(command_line(error.remedy).find("JACKIN_RUNTIME_DIR"), std::string::npos);
}

TEST_F(ConnectionTest, SocketOfOtherUser_NothingSent) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root to be somebody else";
  fs::create_directory(paths.runtime_dir);
  for (const auto& folder : {dir.path(), paths.runtime_dir}) fs::permissions(folder, fs::perms::all);
  std::array<int, 2> ready{};
  ASSERT_EQ(pipe(ready.data()), 0);
  const pid_t impostor = fork();
  if (impostor == 0) {
    if (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0) _exit(2);
    const int listening = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, paths.socket().c_str(), paths.socket().native().size());
    if (bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) _exit(3);
    if (listen(listening, 1) != 0) _exit(4);
    (void)!write(ready[1], "r", 1);
    const int client = accept(listening, nullptr, nullptr);
    char byte = 0;
    _exit(read(client, &byte, 1) == 0 ? 0 : 1);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  EXPECT_EQ(refusal().reason, Reason::permission_denied);
  int status = 0;
  waitpid(impostor, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0) << "it received something";
  for (const int end : ready) close(end);
}

// The test listens and accepts no connection. That is enough for a channel on which no data is sent.
class AskTest : public ConnectionTest {
 public:
  ~AskTest() override { close(listening_); }

 protected:
  AskTest() : listening_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    fs::create_directory(paths.runtime_dir);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, paths.socket().c_str(), paths.socket().native().size());
    EXPECT_EQ(bind(listening_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(listen(listening_, 16), 0);
  }

  Result<Connection> connect() {
    ++connects;
    return Connection::reach(environment, paths);
  }
  // Each call gets the next of `answers`; further calls get the last one.
  Result<> ask_and_get(std::vector<grpc::Status> answers) {
    return ask(
        connection, [this] { return connect(); },
        [&](const Connection& on, grpc::ClientContext& context) {
          channels.insert(on.channel().get());
          held.push_back(on);
          deadlines.push_back(context.deadline());
          return answers.at(std::min(calls++, answers.size() - 1));
        },
        std::chrono::minutes(1));
  }

  static grpc::Status lost() { return {grpc::StatusCode::UNAVAILABLE, "Socket closed"}; }
  static grpc::Status refused() {
    v1::ErrorDetail detail;
    detail.set_reason("unknown_workspace");
    detail.set_message("there is none");
    return {grpc::StatusCode::NOT_FOUND, "x", detail.SerializeAsString()};
  }

  int listening_;
  std::optional<Connection> connection;
  int connects = 0;
  std::size_t calls = 0;
  std::set<const grpc::Channel*> channels;
  std::vector<Connection> held;  // so that no channel gets the address of an earlier one
  std::vector<std::chrono::system_clock::time_point> deadlines;
};

#ifdef __linux__  // macOS refuses a connection when the queue is full
TEST_F(AskTest, QueueFull_WaitsConfiguredTime) {
  environment.set("JACKIN_CONNECT_SECONDS", "1");
  EXPECT_EQ(listen(listening_, 0), 0);
  const auto begin = std::chrono::steady_clock::now();
  std::vector<Connection> queue;
  Result<Connection> next = Connection::reach(environment, paths);
  while (next && queue.size() < 16) {
    queue.push_back(std::move(*next));
    next = Connection::reach(environment, paths);
  }
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().reason, Reason::daemon_unreachable);
  EXPECT_NE(next.error().message.find("its queue is full"), std::string::npos) << next.error().message;
  const auto waited = std::chrono::steady_clock::now() - begin;
  EXPECT_GE(waited, std::chrono::seconds(1));
  EXPECT_LT(waited, std::chrono::seconds(10));
}
#endif

TEST_F(AskTest, NoConnection_ConnectedAndReused) {
  EXPECT_TRUE(ask_and_get({grpc::Status::OK}));
  EXPECT_TRUE(ask_and_get({grpc::Status::OK}));
  EXPECT_EQ(connects, 1);
  EXPECT_EQ(calls, 2U);
  EXPECT_EQ(channels.size(), 1U);
}

TEST_F(AskTest, ConnectionLost_RetriedOnNewConnection) {
  connection = Connection::reach(environment, paths).value();
  const auto before = std::chrono::system_clock::now();
  EXPECT_TRUE(ask_and_get({lost(), {grpc::StatusCode::CANCELLED, ""}, grpc::Status::OK}));
  EXPECT_EQ(connects, 2) << "the one it was given is of no use any more";
  EXPECT_EQ(channels.size(), 3U);
  ASSERT_EQ(deadlines.size(), 3U);
  for (const auto& deadline : deadlines) EXPECT_GE(deadline, before + std::chrono::seconds(50));
}

TEST_F(AskTest, ConnectionLostAlways_FourCalls) {
  const auto asked = ask_and_get({lost()});
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().reason, Reason::daemon_unreachable);
  EXPECT_EQ(calls, 4U);
  EXPECT_FALSE(connection) << "what is lost is not used again";
}

TEST_F(AskTest, DaemonError_NotRetried) {
  const auto asked = ask_and_get({refused()});
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().reason, Reason::unknown_workspace);
  EXPECT_EQ(calls, 1U);
  EXPECT_TRUE(connection);
}

TEST_F(AskTest, ConnectionLost_ReconnectFails_ReasonReturned) {
  connection = Connection::reach(environment, paths).value();
  fs::remove(paths.socket());
  const auto asked = ask_and_get({lost(), grpc::Status::OK});
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().reason, Reason::daemon_unreachable);
  EXPECT_EQ(command_line(asked.error().remedy), "jackinctl daemon start");
  EXPECT_EQ(calls, 1U);
}

TEST_F(AskTest, Reach_ConnectionLostAlways_FourAttempts) {
  int accepted = 0;
  std::thread server([&] {
    for (int fd = 0; (fd = accept(listening_, nullptr, nullptr)) >= 0; ++accepted) close(fd);
  });
  EXPECT_EQ(refusal().reason, Reason::daemon_unreachable);
  shutdown(listening_, SHUT_RDWR);
  server.join();
  EXPECT_EQ(accepted, 4);
}

}  // namespace
}  // namespace jackin::client
