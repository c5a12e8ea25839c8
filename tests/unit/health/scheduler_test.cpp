// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/scheduler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <optional>
#include <string>

#include "tests/fakes/components/daemon_context.hpp"
#include "tests/fakes/components/fake_notifier.hpp"
#include "tests/fakes/components/fake_store.hpp"
#include "tests/fakes/components/fake_upstream.hpp"
#include "tests/support/await.hpp"

namespace jackin::health {
namespace {

using namespace std::chrono_literals;
using test::token_like;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SchedulerTest : public testing::Test {
 protected:
  SchedulerTest() {
    auto fake = std::make_unique<test::FakeResolver>();
    resolver_ = fake.get();
    std::vector<std::unique_ptr<secrets::SourceResolver>> resolvers;
    resolvers.push_back(std::move(fake));
    sources_ = std::make_unique<secrets::Sources>(std::move(resolvers));
    sandbox_.workspace("my-app", "[claude]\noauth_token = { file = \"~/token\" }\n");
    resolver_->give("file:~/token", token_like('a'));
    start();
  }
  ~SchedulerTest() override { stop(); }

  // Does what a daemon start does.
  void start() {
    configuration_ = std::make_unique<config::Configuration>(sandbox_.paths, *sandbox_.real_clock);
    health_ = std::make_unique<Health>(Health::Dependencies{sandbox_.clock, sandbox_.pool, *configuration_, *sources_,
                                                            upstream_, *sandbox_.database, 24h, nullptr, [this] {
                                                              if (scheduler_) scheduler_->wake();
                                                            }});
    ASSERT_TRUE(test::await(sandbox_.io, health_->load()));
    scheduler_ = std::make_unique<Scheduler>(
        Scheduler::Dependencies{sandbox_.io.get_executor(), sandbox_.clock, sandbox_.pool, *configuration_, *sources_,
                                *sandbox_.database, *health_, notifier_, own_, interval_});
    stop_ = std::make_unique<asio::cancellation_signal>();
    ended_ = false;
    asio::co_spawn(sandbox_.io, scheduler_->run(),
                   asio::bind_cancellation_slot(stop_->slot(), [this](std::exception_ptr) { ended_ = true; }));
  }
  void stop() {
    if (!scheduler_) return;
    stop_->emit(asio::cancellation_type::terminal);
    sandbox_.io.restart();
    while (!ended_ && sandbox_.io.run_one() != 0) {
    }
    scheduler_.reset();
  }

  // Runs everything that is ready: until the scheduler sleeps and no event wakes it.
  void settle() {
    for (;;) {
      sandbox_.io.restart();
      if (sandbox_.io.poll() != 0) continue;
      if (scheduler_->is_asleep()) return;
      sandbox_.io.restart();
      sandbox_.io.run_one();
    }
  }
  Result<ProbeAnswer> probe(const Scope& scope) { return test::await(sandbox_.io, health_->probe(scope)); }
  void advance(Clock::Duration duration) {
    sandbox_.clock.advance(duration);
    settle();
  }

  void record(char seed, std::optional<Date> expires_on) {
    state::TokenRecord token;
    token.scope = app_;
    token.reference = "file:~/token";
    token.fingerprint = Digest::of(token_like(seed)).fingerprint();
    token.expires_on = expires_on;
    token.recorded_at = sandbox_.clock.now();
    ASSERT_TRUE(test::await(sandbox_.io, health_->record(token, upstream_.answer)));
    settle();
  }

  const Scope app_ = Scope::workspace("my-app").value();
  const Environment own_;
  std::optional<std::chrono::seconds> interval_ = 12h;
  test::DaemonContext sandbox_;
  test::FakeUpstream upstream_;
  test::FakeResolver* resolver_ = nullptr;
  test::FakeNotifier notifier_{sandbox_.clock};
  std::unique_ptr<secrets::Sources> sources_;
  std::unique_ptr<config::Configuration> configuration_;
  std::unique_ptr<Health> health_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<asio::cancellation_signal> stop_;
  bool ended_ = false;
};

TEST_F(SchedulerTest, NeverChecked_CheckedThenBeforeStale) {
  settle();
  EXPECT_THAT(resolver_->asked, IsEmpty());
  advance(1min);
  EXPECT_EQ(resolver_->asked.size(), 1U);
  EXPECT_EQ(probe(app_)->verdict, Verdict::ok);
  for (int day = 0; day < 3; ++day) {
    for (int hour = 0; hour < 24; ++hour) {
      advance(1h);
      EXPECT_TRUE(probe(app_)->fresh);
    }
  }
  EXPECT_GE(resolver_->asked.size(), 6U);
  EXPECT_LE(resolver_->asked.size(), 10U);
  // At most one request to the API a day.
  EXPECT_LE(upstream_.asked.size(), 4U);
}

TEST_F(SchedulerTest, Sleep_UntilDue_ForEverWithoutSlots) {
  settle();
  advance(1min);
  ASSERT_TRUE(sandbox_.clock.next_due());
  EXPECT_GE(*sandbox_.clock.next_due(), 9h);
  EXPECT_EQ(sandbox_.clock.waiting(), 1U);
  sandbox_.workspace("my-app", "");
  scheduler_->wake();
  settle();
  EXPECT_EQ(sandbox_.clock.waiting(), 0U);
}

TEST_F(SchedulerTest, SourceMayPrompt_NeverAsked) {
  stop();
  resolver_->asked.clear();
  resolver_->prompts = true;
  start();
  settle();
  for (int day = 0; day < 30; ++day) advance(24h);
  EXPECT_THAT(resolver_->asked, IsEmpty());
  scheduler_->want(app_);
  settle();
  EXPECT_THAT(resolver_->asked, IsEmpty());
}

TEST_F(SchedulerTest, ConfigurationChanged_NewSlotChecked) {
  settle();
  advance(1min);
  sandbox_.workspace("other", "[claude]\noauth_token = { file = \"~/other\" }\n");
  resolver_->give("file:~/other", token_like('b'));
  scheduler_->wake();
  settle();
  advance(1min);
  EXPECT_THAT(resolver_->asked, ElementsAre("file:~/token", "file:~/other"));
}

TEST_F(SchedulerTest, SourceUnreachable_BacksOff) {
  stop();
  resolver_->asked.clear();
  resolver_->fail("file:~/token", {Reason::source_unreachable, "no", {}});
  start();
  settle();
  advance(1min);
  ASSERT_EQ(resolver_->asked.size(), 1U);
  std::vector<Clock::Duration> pauses;
  for (int i = 0; i < 4; ++i) {
    pauses.push_back(*sandbox_.clock.next_due());
    advance(*sandbox_.clock.next_due());
  }
  EXPECT_THAT(pauses, ElementsAre(5min, 10min, 20min, 40min));
}

TEST_F(SchedulerTest, Want_StaleAnswer_RefreshedOncePerPeriod) {
  interval_.reset();
  scheduler_->wake();
  settle();
  const auto before = resolver_->asked.size();
  sandbox_.clock.advance(48h);
  for (int probes = 0; probes < 5; ++probes) {
    scheduler_->want(app_);
    settle();
  }
  EXPECT_EQ(resolver_->asked.size(), before + 1);
  EXPECT_TRUE(probe(app_)->fresh);
  advance(6min);
  scheduler_->want(app_);
  settle();
  EXPECT_EQ(resolver_->asked.size(), before + 2);
}

TEST_F(SchedulerTest, Rejection_NotifiedOnce) {
  settle();
  advance(1min);
  upstream_.reject();
  for (int day = 0; day < 5; ++day) advance(24h);
  EXPECT_THAT(notifier_.delivered, ElementsAre(HasSubstr("rejected my-app")));
}

TEST_F(SchedulerTest, DeliveryFailed_NotifiedLater) {
  record('a', date_of(sandbox_.clock.now()) + std::chrono::days(5));
  settle();
  ASSERT_EQ(notifier_.delivered.size(), 1U);
  notifier_.delivered.clear();
  resolver_->give("file:~/token", token_like('b'));
  record('b', date_of(sandbox_.clock.now()) + std::chrono::days(5));
  notifier_.fails = Error{Reason::unsupported, "no desktop shows it", {}};
  settle();
  notifier_.fails.reset();
  advance(12h);
  EXPECT_EQ(notifier_.delivered.size(), 1U);
}

TEST_F(SchedulerTest, DeliveryFailed_RetriedWithoutOtherEvent) {
  interval_.reset();
  notifier_.fails = Error{Reason::unsupported, "no desktop shows it", {}};
  record('a', date_of(sandbox_.clock.now()) + std::chrono::days(5));
  scheduler_->wake();
  settle();
  ASSERT_TRUE(sandbox_.clock.next_due());
  EXPECT_LE(*sandbox_.clock.next_due(), 10min);
  notifier_.fails.reset();
  advance(10min);
  EXPECT_EQ(notifier_.delivered.size(), 1U);
}

TEST_F(SchedulerTest, NotificationsOff_NothingDelivered) {
  notifier_.wanted = false;
  record('a', date_of(sandbox_.clock.now()) + std::chrono::days(5));
  for (int day = 0; day < 10; ++day) advance(24h);
  EXPECT_THAT(notifier_.delivered, IsEmpty());
}

// Changes the time zone, as for a travelling user; restores the earlier zone at the end.
class TimeZone {
 public:
  TimeZone() {
    if (const char* set = std::getenv("TZ")) before_ = set;
  }
  ~TimeZone() {
    before_ ? ::setenv("TZ", before_->c_str(), 1) : ::unsetenv("TZ");
    ::tzset();
  }
  TimeZone(const TimeZone&) = delete;
  TimeZone& operator=(const TimeZone&) = delete;

  // In POSIX form: "XST-14" is 14 hours ahead of UTC.
  static void move_to(const char* zone) {
    ::setenv("TZ", zone, 1);
    ::tzset();
  }

 private:
  std::optional<std::string> before_;
};

// The complete life of a token: created on 2026-11-23, valid for a year.
TEST_F(SchedulerTest, YearOfToken_SuspendsClockJumpsZonesRestarts_NoticesAndVerdictsRight) {
  const TimeZone restored;
  TimeZone::move_to("XST-14");
  const Date expiry = *parse_date("2027-11-23");
  record('a', expiry);
  std::vector<std::pair<int, Verdict>> verdicts;  // days left when the verdict changed
  const auto look = [&] {
    const auto answer = probe(app_).value();
    if (verdicts.empty() || verdicts.back().second != answer.verdict) {
      verdicts.emplace_back(days_between(date_of(sandbox_.clock.now()), expiry), answer.verdict);
    }
  };
  const auto live = [&](int days, Clock::Duration step) {
    for (Clock::Duration gone{0}; gone < days * 24h; gone += step) {
      advance(step);
      look();
    }
  };

  live(300, 6h);
  EXPECT_THAT(notifier_.delivered, IsEmpty());
  // A laptop that is suspended for three weeks at a time: waits that ended meanwhile end on resume.
  live(21, 21 * 24h);
  EXPECT_THAT(notifier_.delivered, IsEmpty());
  // Days are counted in UTC in every time zone.
  TimeZone::move_to("YST+12");
  live(14, 12h);  // 30 days left
  EXPECT_THAT(notifier_.delivered, ElementsAre("2027-10-24 expiring my-app 30"));
  stop();
  start();
  settle();
  live(10, 6h);  // 20 left
  // The user sets the clock back by a month, and forward again.
  const Moment before_jump = sandbox_.clock.now();
  sandbox_.clock.set_now(before_jump - 30 * 24h);
  scheduler_->wake();
  settle();
  live(1, 6h);
  sandbox_.clock.set_now(before_jump + 24h);
  scheduler_->wake();
  settle();
  EXPECT_EQ(notifier_.delivered.size(), 1U);
  TimeZone::move_to("XST-14");
  live(12, 6h);  // 7 left
  stop();
  start();
  settle();
  EXPECT_THAT(notifier_.delivered, ElementsAre(testing::_, "2027-11-16 expiring my-app 7"));
  // The API is unavailable in the last days: the record decides.
  upstream_.fail();
  live(8, 6h);
  EXPECT_THAT(notifier_.delivered,
              ElementsAre(testing::_, testing::_, "2027-11-22 expiring my-app 1", "2027-11-24 expired my-app -1"));
  EXPECT_EQ(probe(app_)->decision, Decision::block);
  // The API is available again, and its answer decides.
  upstream_.accept();
  live(2, 6h);
  EXPECT_EQ(probe(app_)->verdict, Verdict::ok);
  upstream_.reject();
  live(3, 6h);
  ASSERT_EQ(notifier_.delivered.size(), 5U);
  EXPECT_THAT(notifier_.delivered.back(), HasSubstr("rejected my-app"));
  EXPECT_EQ(probe(app_)->decision, Decision::block);
  live(30, 6h);
  EXPECT_EQ(notifier_.delivered.size(), 5U);
  EXPECT_EQ(verdicts, (std::vector<std::pair<int, Verdict>>{{365, Verdict::ok},
                                                            {30, Verdict::expiring},
                                                            {50, Verdict::ok},
                                                            {19, Verdict::expiring},
                                                            {-1, Verdict::expired},
                                                            {-2, Verdict::ok},
                                                            {-4, Verdict::rejected}}));
}

}  // namespace
}  // namespace jackin::health
