// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/notices.hpp"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <optional>

#include "common/remedy_command.hpp"
#include "tests/fakes/components/daemon_context.hpp"
#include "tests/fakes/components/fake_notifier.hpp"
#include "tests/support/await.hpp"

namespace jackin::health {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const auto one = *Fingerprint::parse("a3f9c2b81e74");
const auto another = *Fingerprint::parse("ffffffffffff");

class NoticesTest : public testing::Test {
 protected:
  NoticesTest() { start(); }

  // Does what a daemon start does.
  void start() {
    notices_.emplace(Notices::Dependencies{sandbox_.clock, sandbox_.pool, *sandbox_.database, notifier_},
                     [this](const Error& error) { trouble_.push_back(error.message); });
  }

  // The answer for a token that expires in that many days.
  ProbeAnswer answer(std::string_view workspace, int days_left, const Fingerprint& fingerprint = one) const {
    ProbeAnswer answer;
    answer.scope = Scope::workspace(workspace).value();
    answer.mode = AuthMode::oauth_token;
    answer.verdict = days_left < 0 ? Verdict::expired : Verdict::expiring;
    answer.remedy = Remedy::rotate(answer.scope);
    answer.fingerprint = fingerprint;
    answer.days_left = days_left;
    answer.expires_on = date_of(sandbox_.clock.now()) + std::chrono::days(days_left);
    return answer;
  }

  void deliver_due(std::vector<ProbeAnswer> answers) {
    const auto telling = [&]() -> asio::awaitable<bool> {
      co_await notices_->deliver_due(std::move(answers));
      co_return true;
    };
    test::await(sandbox_.io, telling());
  }

  test::DaemonContext sandbox_;
  test::FakeNotifier notifier_{sandbox_.clock};
  std::vector<std::string> trouble_;
  std::optional<Notices> notices_;
};

TEST_F(NoticesTest, Expiry_NamesScopeDateAndRemedy) {
  deliver_due({answer("my-app", 7)});
  ASSERT_EQ(notifier_.notices.size(), 1U);
  const auto& notice = notifier_.notices.front();
  EXPECT_EQ(notice.kind, NoticeKind::expiring);
  EXPECT_EQ(notice.urgency, notify::Urgency::normal);
  EXPECT_EQ(notice.scope.str(), "my-app");
  EXPECT_EQ(notice.summary, "The Claude token of my-app expires in 7 days, on " + format_date(*notice.expires_on));
  EXPECT_EQ(command_line(notice.remedy), "jackinctl rotate my-app");
  EXPECT_EQ(notice.days_left, 7);
  EXPECT_EQ(notice.fingerprint, one);
  EXPECT_THAT(trouble_, IsEmpty());
}

TEST_F(NoticesTest, LastDay_UrgencyCritical) {
  auto rejected = answer("c", 100, *Fingerprint::parse("cccccccccccc"));
  rejected.verdict = Verdict::rejected;
  deliver_due({answer("a", 1), answer("b", -2, another), rejected});
  const auto today = date_of(sandbox_.clock.now());
  EXPECT_THAT(notifier_.summaries(),
              ElementsAre("The Claude token of a expires tomorrow, " + format_date(today + std::chrono::days(1)),
                          "The Claude token of b expired on " + format_date(today - std::chrono::days(2)),
                          "Claude's API rejects the token of c"));
  for (const auto& notice : notifier_.notices) EXPECT_EQ(notice.urgency, notify::Urgency::critical);
}

TEST_F(NoticesTest, Restart_NotRepeated) {
  deliver_due({answer("my-app", 7)});
  deliver_due({answer("my-app", 6)});
  start();
  deliver_due({answer("my-app", 5)});
  EXPECT_EQ(notifier_.asked, 1);
  deliver_due({answer("my-app", 1)});
  EXPECT_EQ(notifier_.asked, 2);
}

TEST_F(NoticesTest, NewToken_StartsAgain) {
  deliver_due({answer("my-app", 7)});
  deliver_due({answer("my-app", 365, another)});
  EXPECT_EQ(notifier_.asked, 1);
  deliver_due({answer("my-app", 7, another)});
  EXPECT_EQ(notifier_.asked, 2);
}

TEST_F(NoticesTest, SharedToken_OneNotice) {
  deliver_due({answer("a", 30), answer("b", 30), answer("c", 200, another), answer("d", 30)});
  ASSERT_EQ(notifier_.notices.size(), 1U);
  EXPECT_EQ(notifier_.notices.front().scope.str(), "a");
  EXPECT_THAT(notifier_.notices.front().summary, testing::HasSubstr("of a and 2 more expires in 30 days"));
}

TEST_F(NoticesTest, DeliveryFails_RetriedAndReportedOnce) {
  notifier_.fails = Error{Reason::unsupported, "no desktop", {}};
  deliver_due({answer("a", 7), answer("b", 7, another)});
  deliver_due({answer("a", 7), answer("b", 7, another)});
  EXPECT_EQ(notifier_.asked, 1) << "only after a while";
  sandbox_.clock.advance(std::chrono::minutes(10));
  deliver_due({answer("a", 7), answer("b", 7, another)});
  EXPECT_EQ(notifier_.asked, 2);
  EXPECT_THAT(trouble_, ElementsAre("no desktop"));
  notifier_.fails.reset();
  sandbox_.clock.advance(std::chrono::minutes(20));
  deliver_due({answer("a", 7), answer("b", 7, another)});
  EXPECT_EQ(notifier_.notices.size(), 2U);
  EXPECT_FALSE(notices_->retry_in());
  notifier_.fails = Error{Reason::unsupported, "no desktop", {}};
  deliver_due({answer("a", 1)});
  EXPECT_THAT(trouble_, ElementsAre("no desktop", "no desktop"));
}

TEST_F(NoticesTest, DeliveryFails_PausesGrow_OtherNotifierAtOnce) {
  notifier_.fails = Error{Reason::unsupported, "no desktop", {}};
  std::vector<int> pauses;  // minutes
  for (int i = 0; i < 10; ++i) {
    deliver_due({answer("a", 7)});
    ASSERT_TRUE(notices_->retry_in());
    pauses.push_back(static_cast<int>(std::chrono::duration_cast<std::chrono::minutes>(*notices_->retry_in()).count()));
    sandbox_.clock.advance(*notices_->retry_in());
    EXPECT_EQ(notices_->retry_in(), Clock::Duration(0));
  }
  EXPECT_THAT(pauses, ElementsAre(10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440));
  deliver_due({answer("a", 7)});
  notifier_.fails.reset();
  notices_->retry_now();
  deliver_due({answer("a", 7)});
  EXPECT_EQ(notifier_.notices.size(), 1U);
  EXPECT_FALSE(notices_->retry_in());
}

TEST_F(NoticesTest, OtherNotifierDuringFailingPass_RetriedAtOnce) {
  notifier_.fails = Error{Reason::unsupported, "no desktop", {}};
  notifier_.on_tell = [this] { notices_->retry_now(); };
  deliver_due({answer("a", 7)});
  EXPECT_EQ(notices_->retry_in(), Clock::Duration(0));
  notifier_.on_tell = nullptr;
  deliver_due({answer("a", 7)});
  EXPECT_EQ(notices_->retry_in(), std::chrono::minutes(10)) << "the request counts once";
}

TEST_F(NoticesTest, RecordRefused_WrittenLater_NotRepeatedAfterRestart) {
  const auto execute = [this](const char* sql) {
    SQLite::Database(sandbox_.paths.database().string(), SQLite::OPEN_READWRITE).exec(sql);
  };
  execute("CREATE TRIGGER full BEFORE INSERT ON told BEGIN SELECT RAISE(FAIL, 'full'); END");
  deliver_due({answer("my-app", 7)});
  EXPECT_EQ(notifier_.notices.size(), 1U);
  EXPECT_EQ(trouble_.size(), 1U);
  execute("DROP TRIGGER full");
  sandbox_.clock.advance(std::chrono::minutes(10));
  deliver_due({answer("my-app", 7)});
  start();
  deliver_due({answer("my-app", 7)});
  EXPECT_EQ(notifier_.notices.size(), 1U);
}

TEST_F(NoticesTest, NothingDue_NoTimer) {
  notifier_.fails = Error{Reason::unsupported, "no desktop", {}};
  deliver_due({answer("a", 7)});
  sandbox_.clock.advance(std::chrono::minutes(10));
  deliver_due({answer("a", 365, another)});
  EXPECT_FALSE(notices_->retry_in());
  deliver_due({answer("a", 7)});
  ASSERT_TRUE(notices_->retry_in());
  notifier_.wanted = false;
  deliver_due({answer("a", 7)});
  EXPECT_FALSE(notices_->retry_in()) << "nor after the user disables notifications";
}

TEST_F(NoticesTest, DeliveryFailsForOne_OthersDelivered) {
  notifier_.fails_for = "a";
  deliver_due({answer("a", 7), answer("b", 7, another)});
  ASSERT_EQ(notifier_.notices.size(), 1U);
  EXPECT_EQ(notifier_.notices.front().scope.str(), "b");
  EXPECT_TRUE(notices_->retry_in());
  sandbox_.clock.advance(std::chrono::minutes(10));
  notifier_.fails_for.clear();
  deliver_due({answer("a", 7), answer("b", 7, another)});
  EXPECT_EQ(notifier_.notices.size(), 2U);
}

TEST_F(NoticesTest, SwitchedOff_StayDue) {
  notifier_.wanted = false;
  deliver_due({answer("my-app", 7)});
  EXPECT_EQ(notifier_.asked, 0);
  notifier_.wanted = true;
  deliver_due({answer("my-app", 7)});
  EXPECT_EQ(notifier_.asked, 1);
}

TEST_F(NoticesTest, NotOurToken_NoNotice) {
  auto gone = answer("a", 7);
  gone.verdict = Verdict::gone;
  auto other_mode = answer("b", 7);
  other_mode.mode = AuthMode::sync;
  auto unknown = answer("c", 7);
  unknown.fingerprint.reset();
  auto no_expiry = answer("d", 7);
  no_expiry.expires_on.reset();
  no_expiry.days_left.reset();
  no_expiry.verdict = Verdict::ok;
  deliver_due({gone, other_mode, unknown, no_expiry});
  EXPECT_EQ(notifier_.asked, 0);
}

TEST_F(NoticesTest, ConcurrentCalls_OneNotice) {
  const auto both = [&]() -> asio::awaitable<bool> {
    const std::vector<ProbeAnswer> answers{answer("my-app", 7)};
    asio::co_spawn(sandbox_.io, notices_->deliver_due(answers), asio::detached);
    co_await notices_->deliver_due(answers);
    co_return true;
  };
  test::await(sandbox_.io, both());
  sandbox_.io.restart();
  sandbox_.io.run();
  EXPECT_EQ(notifier_.asked, 1);
}

}  // namespace
}  // namespace jackin::health
