// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/feed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "common/words.hpp"
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
  Feed::Handle begin_to_watch(Feed::Begin begin = Feed::Begin::with_changes) {
    const auto hear = [this](const Change& change) {
      if (change.event == HealthEvent::complete) return heard_.push_back("complete");
      heard_.push_back(std::string(word_of(change.event)) + " " + change.answer.scope.str());
    };
    return feed_.watch(hear, begin, [this](const Error& error) { heard_.push_back("failed: " + error.message); });
  }
  Feed::Handle watch(Feed::Begin begin = Feed::Begin::with_changes) {
    auto handle = begin_to_watch(begin);
    run();
    return handle;
  }
  Task<> look(Health::EachAnswer each) {
    ++looks_;
    if (!answers_) co_return failure(Reason::config_unreadable, "it cannot be read");
    for (const auto& one : std::vector<ProbeAnswer>(*answers_)) {
      each(one);
      if (between_) between_(one.scope);
      co_await asio::post(io_.get_executor(), asio::use_awaitable);
    }
    co_return Result<>();
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
  std::function<void(const Scope&)> between_;  // between two answers of a pass
  Feed feed_{io_.get_executor(), clock_, [this](Health::EachAnswer each) { return look(std::move(each)); }};
};

TEST_F(FeedTest, Watch_ReportsLaterChanges) {
  const auto handle = watch();
  poke();
  EXPECT_THAT(heard_, IsEmpty());
  answers_ = std::vector{answer("b", Verdict::rejected), answer("c")};
  poke();
  EXPECT_THAT(heard_, ElementsAre("changed b", "added c", "removed a"));
  poke();
  EXPECT_EQ(heard_.size(), 3U);
}

TEST_F(FeedTest, WatchWithCurrent_AnswersOnlyToThisListener) {
  const auto first = watch(Feed::Begin::with_snapshot);
  EXPECT_THAT(heard_, ElementsAre("current a", "current b", "complete"));
  heard_.clear();
  std::vector<std::string> other;
  const auto second =
      feed_.watch([&](const Change& change) { other.emplace_back(word_of(change.event)); }, Feed::Begin::with_snapshot);
  run();
  EXPECT_THAT(heard_, IsEmpty());
  EXPECT_THAT(other, ElementsAre("current", "current", "complete"));
}

TEST_F(FeedTest, ChangeDuringPass_ReportedAfterCurrent) {
  between_ = [&](const Scope& scope) {
    if (scope.str() != "a" || looks_ > 1) return;
    answers_ = std::vector{answer("a", Verdict::rejected), answer("c")};
    feed_.poke();
  };
  const auto handle = watch(Feed::Begin::with_snapshot);
  EXPECT_THAT(heard_, ElementsAre("current a", "current b", "complete", "changed a", "added c", "removed b"));
  EXPECT_EQ(looks_, 2);
}

TEST_F(FeedTest, WatchDuringPass_CurrentFromNextPass) {
  Feed::Handle second;
  std::vector<std::string> other;
  const auto hear = [&](const Change& change) {
    if (change.event == HealthEvent::current) other.push_back(change.answer.scope.str());
  };
  between_ = [&](const Scope&) {
    // A handle compares equal to null.
    if (second.use_count() == 0) second = feed_.watch(hear, Feed::Begin::with_snapshot);
  };
  const auto first = watch();
  EXPECT_THAT(other, ElementsAre("a", "b"));
  EXPECT_EQ(looks_, 2);
}

TEST_F(FeedTest, CurrentUnavailable_ReportedAndSentLater) {
  const auto answers = std::exchange(answers_, std::nullopt);
  const auto handle = watch(Feed::Begin::with_snapshot);
  EXPECT_THAT(heard_, ElementsAre("failed: it cannot be read"));
  heard_.clear();
  answers_ = answers;
  poke();
  EXPECT_THAT(heard_, ElementsAre("current a", "current b", "complete"));
}

TEST_F(FeedTest, LastListenerLeaves_PassEnds) {
  auto handle = begin_to_watch(Feed::Begin::with_snapshot);
  between_ = [&](const Scope&) { handle.reset(); };
  run();
  EXPECT_THAT(heard_, ElementsAre("current a"));
  between_ = nullptr;
  handle = watch(Feed::Begin::with_snapshot);
  EXPECT_THAT(heard_, ElementsAre("current a", "current a", "current b", "complete"));
}

TEST_F(FeedTest, SameOutcome_NoChange) {
  const auto handle = watch();
  answers_->front().checked_at = Moment(std::chrono::seconds(5));
  answers_->front().fresh = true;
  poke();
  EXPECT_THAT(heard_, IsEmpty());
}

TEST_F(FeedTest, ManyPokes_OnePass) {
  const auto handle = watch();
  looks_ = 0;
  for (int i = 0; i < 10; ++i) feed_.poke();
  poke();
  EXPECT_EQ(looks_, 1);
}

TEST_F(FeedTest, NoListener_NoPass) {
  poke();
  { const auto handle = watch(); }
  looks_ = 0;
  poke();
  EXPECT_EQ(looks_, 0);
  EXPECT_FALSE(feed_.is_watched());
}

TEST_F(FeedTest, Midnight_ChangeOfDaysSeen) {
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

TEST_F(FeedTest, LastListenerLeaves_NoTimer) {
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

TEST_F(FeedTest, ConfigurationUnreadable_NoChange) {
  const auto handle = watch();
  answers_.reset();
  poke();
  EXPECT_THAT(heard_, IsEmpty());
}

TEST_F(FeedTest, ListenerLeavesInsideCall_Safe) {
  Feed::Handle first;
  first = feed_.watch([&](const Change&) { first.reset(); });
  run();
  const auto second = watch();
  answers_->push_back(answer("c"));
  poke();
  EXPECT_THAT(heard_, ElementsAre("added c"));
}

TEST_F(FeedTest, HandleOutlivesFeed_Safe) {
  Feed::Handle handle;
  {
    Feed feed(io_.get_executor(), clock_, [this](Health::EachAnswer each) { return look(std::move(each)); });
    handle = feed.watch([](const Change&) {});
  }
  run();
  handle.reset();
}

}  // namespace
}  // namespace jackin::health
