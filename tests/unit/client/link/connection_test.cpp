#include "client/link/connection.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>

#include "tests/support/temp_dir.hpp"

namespace jackin::client {
namespace {

namespace fs = std::filesystem;

class ConnectionTest : public testing::Test {
 protected:
  test::TempDir dir;
  Environment environment{{{"HOME", dir.path().string()}, {"JACKIN_NO_AUTOSTART", "1"}}};
  Paths paths{.home = dir.path(), .config_dir = dir / "config", .home_dir = dir / "state", .runtime_dir = dir / "run"};

  Error refusal(Autostart autostart = Autostart::yes) {
    const auto connection = Connection::open(environment, paths, autostart);
    EXPECT_FALSE(connection);
    return connection ? Error() : connection.error();
  }
};

TEST_F(ConnectionTest, SaysThatNobodyRunsAndHowToStartIt) {
  const Error error = refusal();
  EXPECT_EQ(error.reason, Reason::daemon_unreachable);
  EXPECT_EQ(error.remedy, "jackinctl daemon start");
}

TEST_F(ConnectionTest, StartsNothingWhenToldNotTo) {
  (void)refusal();
  environment.erase("JACKIN_NO_AUTOSTART");
  (void)refusal(Autostart::no);
  EXPECT_TRUE(fs::is_empty(dir.path()));
}

TEST_F(ConnectionTest, SaysWhatToDoWhenTheSocketsPathIsTooLong) {
  paths.runtime_dir = dir / std::string(120, 'x');
  const Error error = refusal();
  EXPECT_EQ(error.reason, Reason::invalid_argument);
  EXPECT_NE(error.remedy.find("JACKIN_RUNTIME_DIR"), std::string::npos);
}

TEST_F(ConnectionTest, SaysNothingToAnotherUsersSocket) {
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
  EXPECT_EQ(WEXITSTATUS(status), 0) << "it was told something";
  for (const int end : ready) close(end);
}

}  // namespace
}  // namespace jackin::client
