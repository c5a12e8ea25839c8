// SPDX-License-Identifier: Apache-2.0
#include "daemon/desktop/service_manager.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <cstring>
#include <string>
#include <vector>

#include "common/os/descriptor.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::MatchesRegex;

class Watching final : public ServiceManager {
 public:
  explicit Watching(std::optional<Clock::Duration> limit) : limit_(limit) {}
  void ready(const std::string&) override {}
  void reloading() override {}
  void stopping(const std::string&) override {}
  std::optional<Clock::Duration> watchdog() const override { return limit_; }
  void alive() override { ++signs; }

  int signs = 0;

 private:
  std::optional<Clock::Duration> limit_;
};

TEST(FeedWatchdog, Watchdog_SignalsTwiceWithinLimit) {
  asio::io_context io;
  test::FakeClock clock;
  Watching manager(2min);
  asio::co_spawn(io, feed_watchdog(manager, clock), asio::detached);
  io.poll();
  EXPECT_EQ(manager.signs, 1);
  for (int signs = 2; signs < 6; ++signs) {
    EXPECT_EQ(clock.next_due(), Clock::Duration(1min));
    clock.advance(1min);
    // A blocked event loop sends no sign: nothing sends one in its place.
    EXPECT_EQ(manager.signs, signs - 1);
    io.restart();
    io.poll();
    EXPECT_EQ(manager.signs, signs);
  }
}

TEST(FeedWatchdog, NoWatchdog_DoesNotWake) {
  asio::io_context io;
  test::FakeClock clock;
  Watching manager(std::nullopt);
  asio::co_spawn(io, feed_watchdog(manager, clock), asio::detached);
  io.run();
  EXPECT_EQ(manager.signs, 0);
  EXPECT_EQ(clock.waiting(), 0U);
}

#ifdef __linux__

// The end of the socket at which systemd listens.
class WithSystemd : public testing::Test {
 protected:
  WithSystemd() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path().c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~WithSystemd() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) unsetenv(name);
  }

  std::string path() const { return (folder_ / "notify").string(); }
  std::vector<std::string> received() const {
    std::vector<std::string> messages;
    std::array<char, 4096> buffer{};
    for (ssize_t count = 0; (count = recv(socket_.get(), buffer.data(), buffer.size(), 0)) > 0;) {
      messages.emplace_back(buffer.data(), static_cast<std::size_t>(count));
    }
    return messages;
  }

  test::TempDir folder_;
  os::Descriptor socket_;
};

TEST_F(WithSystemd, States_SentToManager) {
  const auto manager = system_service_manager(Environment({{"NOTIFY_SOCKET", path()}}));
  manager->ready("listens");
  manager->reloading();
  manager->ready("two\nlines");
  manager->alive();
  manager->stopping("ends");
  EXPECT_THAT(received(),
              ElementsAre("READY=1\nSTATUS=listens", MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]*"),
                          "READY=1\nSTATUS=two lines", "WATCHDOG=1", "STOPPING=1\nSTATUS=ends"));
}

TEST_F(WithSystemd, Watchdog_OtherProcess_Ignored) {
  const auto limit = [&](const std::string& microseconds, const std::string& pid) {
    Environment inherited({{"NOTIFY_SOCKET", path()}, {"WATCHDOG_USEC", microseconds}});
    if (!pid.empty()) inherited.set("WATCHDOG_PID", pid);
    const auto found = system_service_manager(inherited)->watchdog();
    EXPECT_EQ(getenv("WATCHDOG_USEC"), nullptr);
    EXPECT_EQ(getenv("WATCHDOG_PID"), nullptr);
    return found;
  };
  EXPECT_EQ(limit("30000000", std::to_string(getpid())), Clock::Duration(30s));
  EXPECT_EQ(limit("30000000", ""), Clock::Duration(30s));
  EXPECT_EQ(limit("30000000", "1"), std::nullopt);
  EXPECT_EQ(limit("0", ""), std::nullopt);
  EXPECT_EQ(limit("soon", ""), std::nullopt);
}

TEST_F(WithSystemd, NotStartedBySystemd_SendsNothing) {
  // A process that inherited the variable although systemd did not start it for this purpose.
  setenv("NOTIFY_SOCKET", path().c_str(), 1);
  const auto manager = system_service_manager(Environment());
  manager->ready("listens");
  manager->alive();
  EXPECT_THAT(received(), IsEmpty());
  EXPECT_EQ(manager->watchdog(), std::nullopt);
  EXPECT_EQ(getenv("NOTIFY_SOCKET"), nullptr);
}

TEST_F(WithSystemd, ManagerGone_NoFailure) {
  const auto manager = system_service_manager(Environment({{"NOTIFY_SOCKET", path()}}));
  socket_.close();
  manager->ready("listens");
  manager->stopping("ends");
}

#endif

}  // namespace
}  // namespace jackin
