// SPDX-License-Identifier: Apache-2.0
#include "daemon/desktop/session_events.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <optional>
#include <string>
#include <vector>

#include "daemon/desktop/logind_events.hpp"
#include "daemon/desktop/sleep_watch.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/message_bus.hpp"
#include "tests/unit/desktop/fake_logind.hpp"

namespace jackin {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr uid_t me = 4711;
constexpr uid_t other_user = 4712;

class SessionEventsTest : public testing::Test {
 protected:
  SessionEventsTest() : jumps_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~SessionEventsTest() override { ::close(jumps_); }

  void listen(const std::string& bus) {
    desktop::LogindSources sources;
    sources.system_bus = bus;
    sources.user = me;
    sources.clock_jumps = os::Descriptor(::dup(jumps_));
    sources.asleep = [this] { return asleep_; };
    events_ = desktop::logind_events(io_.get_executor(), clock_, std::move(sources));
    for (const auto& [set, name] :
         {std::pair(&SessionEvents::on_suspend, "suspend"), std::pair(&SessionEvents::on_resume, "resume"),
          std::pair(&SessionEvents::on_lock, "lock"), std::pair(&SessionEvents::on_unlock, "unlock")}) {
      ((*events_).*set)([this, event = std::string(name)] { received_.push_back(event); });
    }
    events_->on_trouble([this](const Error& error) { trouble_.push_back(error.reason); });
    events_->start();
  }

  template <typename Condition>
  void run_until(Condition condition) {
    io_.restart();
    while (!condition()) ASSERT_NE(io_.run_one(), 0U) << "nothing is left to wait for";
  }
  void run_until_notified(std::size_t count) {
    run_until([&] { return received_.size() >= count; });
  }
  void run_what_is_ready() {
    io_.restart();
    io_.poll();
  }

  // Does what the kernel does when the machine runs again.
  void sleep_for(Clock::Duration duration) {
    asleep_ += duration;
    jump_the_clock();
  }
  void jump_the_clock() const { ASSERT_EQ(::eventfd_write(jumps_, 1), 0); }

  asio::io_context io_;
  test::FakeClock clock_;
  int jumps_;
  Clock::Duration asleep_ = 1h;
  std::vector<std::string> received_;
  std::vector<Reason> trouble_;
  std::unique_ptr<SessionEvents> events_;
};

class WithLogind : public SessionEventsTest {
 protected:
  WithLogind() { start_logind(); }

  void start_logind() {
    logind_.emplace(bus_.address(), [this] { asio::post(io_, [this] { ++delays_; }); });
    logind_->add_session("1", me);
    logind_->add_session("2", other_user);
  }
  // Returns once every request was answered.
  void listen_to_logind() {
    listen(bus_.address());
    run_until_delayed(1);
  }
  // Runs until that many suspends were delayed and their answers have arrived.
  void run_until_delayed(int times) {
    run_until([&] { return delays_ >= times; });
    run_until([&] { return clock_.waiting() == 0; });
  }

  test::MessageBus bus_;
  std::optional<test::FakeLogind> logind_;
  int delays_ = 0;
};

TEST_F(WithLogind, Suspend_ReportedBeforeItHappens_ThenResume) {
  listen_to_logind();
  EXPECT_EQ(logind_->inhibition(), "sleep jackind delay");
  logind_->prepare_for_sleep(true);
  run_until_notified(1);
  EXPECT_THAT(received_, ElementsAre("suspend"));
  logind_->wait_for_sleep_to_be_allowed();
  logind_->prepare_for_sleep(false);
  run_until_notified(2);
  EXPECT_THAT(received_, ElementsAre("suspend", "resume"));
  // The next suspend is delayed as well.
  run_until_delayed(2);
  logind_->prepare_for_sleep(true);
  run_until_notified(3);
  logind_->wait_for_sleep_to_be_allowed();
  EXPECT_THAT(trouble_, IsEmpty());
}

TEST_F(WithLogind, Resume_SeveralSources_ReportedOnce) {
  listen_to_logind();
  logind_->prepare_for_sleep(true);
  run_until_notified(1);
  sleep_for(8h);
  run_until_notified(2);
  logind_->prepare_for_sleep(false);
  run_until_delayed(2);
  EXPECT_THAT(received_, ElementsAre("suspend", "resume"));

  logind_->prepare_for_sleep(true);
  run_until_notified(3);
  asleep_ += 1h;
  logind_->prepare_for_sleep(false);
  run_until_notified(4);
  jump_the_clock();
  run_what_is_ready();
  EXPECT_THAT(received_, ElementsAre("suspend", "resume", "suspend", "resume"));
}

TEST_F(WithLogind, Lock_OnlyOfThisUsersSessions) {
  listen_to_logind();
  logind_->ask_to_lock("2", true);
  logind_->set_locked_hint("2", true);
  logind_->ask_to_lock("1", true);
  logind_->set_locked_hint("1", true);
  logind_->set_locked_hint("1", false);
  logind_->ask_to_lock("1", false);
  run_until_notified(4);
  EXPECT_THAT(received_, ElementsAre("lock", "lock", "unlock", "unlock"));
}

TEST_F(WithLogind, Lock_OfLaterSession_Reported) {
  listen_to_logind();
  logind_->add_session("3", me);
  // logind's answer to the request that this causes arrives before its later signals.
  for (int i = 0; received_.empty() && i < 1000; ++i) {
    logind_->ask_to_lock("3", true);
    io_.restart();
    io_.run_one();
  }
  ASSERT_FALSE(received_.empty());
  EXPECT_EQ(received_.front(), "lock");
}

TEST_F(WithLogind, BusLost_ThreeAttempts_ThenReported) {
  listen_to_logind();
  // Destroyed first, because the stand-in's library fails when its bus ends.
  logind_.reset();
  bus_.stop();
  for (const auto pause : {Clock::Duration(5s), Clock::Duration(1min), Clock::Duration(10min)}) {
    run_until([&] { return clock_.waiting() == 1; });
    EXPECT_THAT(trouble_, IsEmpty());
    EXPECT_EQ(clock_.next_due(), pause);
    clock_.advance(pause);
  }
  run_until([&] { return !trouble_.empty(); });
  EXPECT_THAT(trouble_, ElementsAre(Reason::unsupported));
  EXPECT_EQ(clock_.waiting(), 0U);
}

TEST_F(WithLogind, Idle_NoTimer) {
  listen_to_logind();
  run_what_is_ready();
  EXPECT_EQ(io_.poll(), 0U);
  EXPECT_EQ(clock_.waiting(), 0U);
}

TEST_F(WithLogind, Destroyed_CallsNothing) {
  listen_to_logind();
  logind_->prepare_for_sleep(true);
  events_.reset();
  run_what_is_ready();
  EXPECT_THAT(received_, IsEmpty());
  logind_->wait_for_sleep_to_be_allowed();
}

TEST_F(SessionEventsTest, NoBus_ReportedOnce_ResumeStillDetected) {
  const test::TempDir folder;
  listen("unix:path=" + (folder / "bus").string());
  run_until([&] { return !trouble_.empty(); });
  EXPECT_THAT(trouble_, ElementsAre(Reason::unsupported));
  EXPECT_EQ(clock_.waiting(), 0U);
  sleep_for(1h);
  run_until_notified(1);
  EXPECT_THAT(received_, ElementsAre("resume"));
}

TEST_F(SessionEventsTest, NoLogind_ReportedOnce) {
  const test::MessageBus bus;
  listen(bus.address());
  run_until([&] { return !trouble_.empty(); });
  EXPECT_THAT(trouble_, ElementsAre(Reason::unsupported));
}

TEST_F(SessionEventsTest, ClockSet_NotTakenForSleep) {
  listen("unix:path=/nowhere/bus");
  run_until([&] { return !trouble_.empty(); });
  jump_the_clock();
  run_what_is_ready();
  sleep_for(100ms);
  run_what_is_ready();
  EXPECT_THAT(received_, IsEmpty());
  sleep_for(10s);
  run_until_notified(1);
}

TEST_F(SessionEventsTest, DestroyedBeforeStart_NoFailure) {
  listen("unix:path=/nowhere/bus");
  events_.reset();
  run_what_is_ready();
  EXPECT_THAT(trouble_, IsEmpty());
}

TEST(SystemSessionEvents, Start_AnySystem_NoFailure) {
  asio::io_context io;
  test::FakeClock clock;
  const auto events = system_session_events(io.get_executor(), clock, {});
  events->start();
  io.poll();
}

TEST(WallClockJumps, ClockRunsOn_NoEvent) {
  const auto jumps = desktop::wall_clock_jumps();
  if (!jumps) GTEST_SKIP() << "this kernel has none";
  std::uint64_t count = 0;
  EXPECT_LT(::read(jumps.get(), &count, sizeof count), 0);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_GE(desktop::time_asleep(), -1ms);
}

}  // namespace
}  // namespace jackin
