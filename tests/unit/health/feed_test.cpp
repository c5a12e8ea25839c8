#include "daemon/health/feed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/io_context.hpp>
#include <string>
#include <vector>

#include "tests/support/fake_clock.hpp"

namespace jackin::health {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FeedTest : public testing::Test {
 protected:
  static ProbeAnswer answer(const std::string& workspace, Verdict verdict = Verdict::ok) {
    ProbeAnswer answer;
    answer.scope = Scope::workspace(workspace).value();
    answer.verdict = verdict;
    return answer;
  }
  Feed::Handle watch() {
    return feed_.watch([this](const Change& change) {
      heard_.push_back(std::string(to_text(change.kind)) + " " + change.answer.scope.str());
    });
  }
  void run() {
    io_.restart();
    io_.poll();
  }
  void poke() {
    feed_.poke();
    run();
  }

  asio::io_context io_;
  test::FakeClock clock_;
  std::optional<std::vector<ProbeAnswer>> answers_ = std::vector{answer("a"), answer("b")};
  int looks_ = 0;
  std::vector<std::string> heard_;
  Feed feed_{io_.get_executor(), clock_, [this] {
               ++looks_;
               return answers_;
             }};
};

TEST_F(FeedTest, TellsWhatChangesFromTheWatchingOn) {
  const auto handle = watch();
  poke();
  EXPECT_THAT(heard_, IsEmpty());
  answers_ = std::vector{answer("b", Verdict::rejected), answer("c")};
  poke();
  EXPECT_THAT(heard_, ElementsAre("changed b", "added c", "removed a"));
  poke();
  EXPECT_EQ(heard_.size(), 3U);
}

TEST_F(FeedTest, AnotherCheckWithTheSameOutcomeIsNoChange) {
  const auto handle = watch();
  answers_->front().checked_at = Moment(std::chrono::seconds(5));
  answers_->front().fresh = true;
  poke();
  EXPECT_THAT(heard_, IsEmpty());
}

TEST_F(FeedTest, LooksOnceForManyPokes) {
  const auto handle = watch();
  looks_ = 0;
  for (int i = 0; i < 10; ++i) feed_.poke();
  poke();
  EXPECT_EQ(looks_, 1);
}

TEST_F(FeedTest, CostsNothingWhileNobodyWatches) {
  poke();
  { const auto handle = watch(); }
  looks_ = 0;
  poke();
  EXPECT_EQ(looks_, 0);
  EXPECT_FALSE(feed_.is_watched());
}

TEST_F(FeedTest, ADayThatPassesIsSeenAtMidnightWhileSomebodyWatches) {
  using namespace std::chrono_literals;
  const auto handle = watch();
  run();
  EXPECT_EQ(clock_.waiting(), 1U);
  answers_->front().days_left = 29;
  clock_.advance(12h - 1s);
  run();
  EXPECT_THAT(heard_, IsEmpty());
  clock_.advance(1s);
  run();
  EXPECT_THAT(heard_, ElementsAre("changed a"));
  answers_->front().days_left = 28;
  clock_.advance(24h);
  run();
  EXPECT_THAT(heard_, ElementsAre("changed a", "changed a"));
}

TEST_F(FeedTest, WaitsForNoMidnightOnceTheLastWatcherHasGone) {
  auto first = watch();
  auto second = watch();
  run();
  EXPECT_EQ(clock_.waiting(), 1U);
  first.reset();
  run();
  EXPECT_EQ(clock_.waiting(), 1U);
  second.reset();
  run();
  EXPECT_EQ(clock_.waiting(), 0U);
  const auto again = watch();
  run();
  EXPECT_EQ(clock_.waiting(), 1U);
}

TEST_F(FeedTest, AConfigurationThatCannotBeReadChangesNothing) {
  const auto handle = watch();
  answers_.reset();
  poke();
  EXPECT_THAT(heard_, IsEmpty());
}

TEST_F(FeedTest, AWatcherMayLeaveWhileItIsTold) {
  Feed::Handle first;
  first = feed_.watch([&](const Change&) { first.reset(); });
  const auto second = watch();
  answers_->push_back(answer("c"));
  poke();
  EXPECT_THAT(heard_, ElementsAre("added c"));
}

TEST_F(FeedTest, AHandleMayOutliveTheFeed) {
  Feed::Handle handle;
  {
    Feed feed(io_.get_executor(), clock_, [this] { return answers_; });
    handle = feed.watch([](const Change&) {});
  }
  handle.reset();
}

}  // namespace
}  // namespace jackin::health
