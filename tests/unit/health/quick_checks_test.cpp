// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/quick_checks.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/fakes/components/fake_store.hpp"
#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"

namespace jackin::health {
namespace {

class QuickChecksTest : public testing::Test {
 protected:
  using Look = test::Started<Result<>>;

  QuickChecksTest() {
    auto fake = std::make_unique<test::FakeResolver>();
    fake->quick_checked = [this, wait = answers_.get_future().share()]() -> Result<> {
      const bool is_first = ++quick_checks_ == 1;
      (is_first || !answers_next_.valid() ? wait : answers_next_).wait();
      return {};
    };
    std::vector<std::unique_ptr<secrets::SourceResolver>> resolvers;
    resolvers.push_back(std::move(fake));
    sources_ = std::make_unique<secrets::Sources>(std::move(resolvers));
    look_.emplace(clock_, *sources_, "/home");
  }

  Look start(const std::string& path) { return Look(io_, look_->check(secrets::FileSource{path})); }

  // Runs until that many callers wait, and that many threads check.
  void run_until_waiting(Look& look, std::size_t waiting, std::size_t looking) {
    look.run_until([&] { return clock_.waiting() == waiting; });
    while (quick_checks_ < looking) std::this_thread::yield();
  }

  asio::io_context io_;
  test::FakeClock clock_;
  std::promise<void> answers_;
  std::shared_future<void> answers_next_;  // of the checks after the first one; not valid: as the first one
  std::atomic<std::size_t> quick_checks_ = 0;
  std::unique_ptr<secrets::Sources> sources_;
  std::optional<QuickChecks> look_;
};

TEST_F(QuickChecksTest, SameSource_CheckedOneAtATime_EachSeesEarlierChanges) {
  Look first = start("/a");
  Look second = start("/a");
  run_until_waiting(second, 2, 1);
  EXPECT_EQ(quick_checks_.load(), 1U);
  answers_.set_value();
  EXPECT_TRUE(first.result());
  EXPECT_TRUE(second.result());
  EXPECT_EQ(quick_checks_.load(), 2U) << "it sees what was changed before it was asked for";
}

TEST_F(QuickChecksTest, NoAnswer_UnreachableAndOthersNotDelayed) {
  std::vector<Look> dead;
  for (std::size_t i = 0; i < QuickChecks::most; ++i) dead.push_back(start("/dead/" + std::to_string(i)));
  run_until_waiting(dead.back(), QuickChecks::most, QuickChecks::most);
  // All threads are busy: the caller does not wait for another one.
  Look fine = start("/fine");
  EXPECT_TRUE(fine.result());
  clock_.advance(QuickChecks::limit);
  for (Look& look : dead) EXPECT_EQ(look.result().error().reason, Reason::source_unreachable);
  Look again = start("/dead/0");
  EXPECT_EQ(again.result().error().reason, Reason::source_unreachable) << "and the next does not wait";
  answers_.set_value();
}

TEST_F(QuickChecksTest, CallerCancelled_DoesNotWait) {
  Look gone = start("/a");
  run_until_waiting(gone, 1, 1);
  gone.cancel();
  EXPECT_EQ(gone.result().error().reason, Reason::cancelled);
  answers_.set_value();
}

TEST_F(QuickChecksTest, WaitForEarlierCheck_NotReportedAsSilence) {
  constexpr auto most_of_limit = QuickChecks::limit - std::chrono::milliseconds(1);
  Look first = start("/a");
  Look second = start("/a");
  run_until_waiting(second, 2, 1);
  clock_.advance(most_of_limit);
  std::promise<void> answers_second;
  answers_next_ = answers_second.get_future().share();
  answers_.set_value();
  EXPECT_TRUE(first.result());
  run_until_waiting(second, 1, 2);
  clock_.advance(most_of_limit);
  answers_second.set_value();
  EXPECT_TRUE(second.result()) << "its limit begins with its check";
}

TEST_F(QuickChecksTest, EarlierChecksTakeTheWholeTime_Skipped) {
  Look first = start("/a");
  Look second = start("/a");
  Look third = start("/a");
  run_until_waiting(third, 3, 1);
  clock_.advance(QuickChecks::limit - std::chrono::milliseconds(1));
  std::promise<void> answers_second;
  answers_next_ = answers_second.get_future().share();
  answers_.set_value();
  EXPECT_TRUE(first.result());
  run_until_waiting(third, 2, 2);
  clock_.advance(std::chrono::milliseconds(1));
  EXPECT_TRUE(third.result());
  EXPECT_EQ(quick_checks_.load(), 2U);
  answers_second.set_value();
  EXPECT_TRUE(second.result());
}

}  // namespace
}  // namespace jackin::health
