// SPDX-License-Identifier: Apache-2.0
#include "daemon/async/timed_calls.hpp"

#include <gtest/gtest.h>

#include <asio/executor_work_guard.hpp>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/secret.hpp"
#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"

namespace jackin {
namespace {

using async::TimedCalls;
using test::await;
using test::Started;

// A call that does not return before the test releases it. The threads may outlive the test, so all state is shared.
class Hang {
 public:
  Result<int> operator()() const {
    entered_->set_value();
    return_->get_future().wait();
    return 7;
  }
  void until_entered() const { entered_->get_future().wait(); }
  void end() const { return_->set_value(); }

 private:
  std::shared_ptr<std::promise<void>> entered_ = std::make_shared<std::promise<void>>();
  std::shared_ptr<std::promise<void>> return_ = std::make_shared<std::promise<void>>();
};

using Answer = Result<int>;

Answer quick() {
  return 1;
}

class TimedCallsTest : public testing::Test {
 protected:
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> busy_{io_.get_executor()};
  test::FakeClock clock_;
  std::optional<TimedCalls> calls_{std::in_place, clock_, 2};

  // Two calls that hang in the two threads.
  struct BothThreads {
    explicit BothThreads(TimedCallsTest& test)
        : one(test.io_, test.calls_->run("1", first)), two(test.io_, test.calls_->run("2", second)) {
      two.run_until([&test] { return test.clock_.waiting() == 2; });
      first.until_entered();
      second.until_entered();
    }
    void end() const {
      first.end();
      second.end();
    }

    const Hang first;
    const Hang second;
    Started<Answer> one;
    Started<Answer> two;
  };
};

TEST_F(TimedCallsTest, Run_WorkOnOtherThread) {
  const auto there =
      await(io_, calls_->run("a", []() -> Result<std::thread::id> { return std::this_thread::get_id(); }));
  ASSERT_TRUE(there);
  EXPECT_NE(*there, std::this_thread::get_id());
}

TEST_F(TimedCallsTest, Run_MovesSecretInAndOut) {
  Secret token = Secret::copy_of("x");
  auto append = [token = std::move(token)]() mutable -> Result<Secret> {
    token.push_back('y');
    return std::move(token);
  };
  const auto result = await(io_, calls_->run("a", std::move(append)));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->view(), "xy");
}

TEST_F(TimedCallsTest, Run_WorkThrowsOrFails_PassedOn) {
  const auto throws = []() -> Answer { throw std::runtime_error("broken"); };
  EXPECT_THROW(await(io_, calls_->run("a", throws)), std::runtime_error);
  const auto fails = []() -> Answer { return failure(Reason::source_gone, "gone"); };
  EXPECT_EQ(await(io_, calls_->run("a", fails)).error().reason, Reason::source_gone);
}

TEST_F(TimedCallsTest, Run_CallHangs_TimesOutAndDelaysNoOther) {
  const Hang hang;
  Started<Answer> hanging(io_, calls_->run("slow", hang));
  hanging.run_until([&] { return clock_.waiting() == 1; });
  hang.until_entered();
  // Each of these answers arrived while the other call was hanging.
  for (int i = 0; i < 100; ++i) EXPECT_EQ(await(io_, calls_->run("other", quick)), 1);
  EXPECT_FALSE(hanging.has_ended());
  clock_.advance(TimedCalls::limit);
  const auto result = hanging.result();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::timed_out);
  EXPECT_EQ(await(io_, calls_->run("other", quick)), 1);
  hang.end();
}

TEST_F(TimedCallsTest, Run_KeyOfHangingCall_ImpatientFailsAtOncePatientWaits) {
  const Hang hang;
  const auto brief = std::chrono::milliseconds(50);
  Started<Answer> hanging(io_, calls_->run("slow", brief, hang));
  hanging.run_until([&] { return clock_.waiting() == 1; });
  hang.until_entered();
  clock_.advance(brief);
  EXPECT_FALSE(hanging.result());
  EXPECT_EQ(await(io_, calls_->run("slow", brief, quick)).error().reason, Reason::timed_out);
  Started<Answer> impatient(io_, calls_->run("slow", brief * 2, quick));
  Started<Answer> patient(io_, calls_->run("slow", quick));
  patient.run_until([&] { return clock_.waiting() == 2; });
  EXPECT_EQ(clock_.next_due(), brief) << "the hanging call counts for its limit";
  clock_.advance(brief);
  EXPECT_EQ(impatient.result().error().reason, Reason::timed_out);
  hang.end();
  EXPECT_EQ(patient.result(), 1);
}

TEST_F(TimedCallsTest, Run_KeyOfHangingCall_FailsAtOnceUntilItReturns) {
  const Hang hang;
  Started<Answer> hanging(io_, calls_->run("slow", hang));
  hanging.run_until([&] { return clock_.waiting() == 1; });
  hang.until_entered();
  clock_.advance(TimedCalls::limit);
  EXPECT_FALSE(hanging.result());
  const auto next = await(io_, calls_->run("slow", quick));
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().reason, Reason::timed_out);
  EXPECT_EQ(clock_.waiting(), 0U);
  hang.end();
  io_.restart();
  io_.run_one();  // the report of the thread
  EXPECT_EQ(await(io_, calls_->run("slow", quick)), 1);
}

TEST_F(TimedCallsTest, Run_AllThreadsHang_OthersRunAfterTheLimit) {
  BothThreads both(*this);
  clock_.advance(TimedCalls::limit / 2);
  Started<Answer> three(io_, calls_->run("3", quick));
  three.run_until([&] { return clock_.waiting() == 3; });
  EXPECT_TRUE(calls_->is_full());
  clock_.advance(TimedCalls::limit - TimedCalls::limit / 2);
  EXPECT_EQ(three.result(), 1);
  EXPECT_FALSE(both.one.result());
  EXPECT_FALSE(both.two.result());
  EXPECT_FALSE(calls_->is_full());
  both.end();
}

TEST_F(TimedCallsTest, Run_CallersOfHangingCallsCancelled_OthersRun) {
  BothThreads both(*this);
  both.one.cancel();
  both.two.cancel();
  EXPECT_EQ(await(io_, calls_->run("3", quick)), 1);
  both.end();
}

TEST_F(TimedCallsTest, Run_ManyHangingCalls_CountAsThreads) {
  const auto brief = std::chrono::milliseconds(50);
  std::vector<Hang> hangs(TimedCalls::most_left + 2);
  std::vector<Started<Answer>> hanging;
  for (std::size_t i = 0; i < hangs.size(); i += 2) {
    for (std::size_t j = i; j < i + 2; ++j) hanging.emplace_back(io_, calls_->run(std::to_string(j), brief, hangs[j]));
    hanging.back().run_until([&] { return clock_.waiting() == 2; });
    hangs[i].until_entered();
    hangs[i + 1].until_entered();
    clock_.advance(brief);
    EXPECT_FALSE(hanging.back().result());
    EXPECT_EQ(calls_->is_full(), i + 2 == hangs.size());
  }
  for (const Hang& hang : hangs) hang.end();
  EXPECT_EQ(await(io_, calls_->run("other", quick)), 1);
}

TEST_F(TimedCallsTest, Run_CallsOfOneGroupHang_OnlyItsCallsFail) {
  calls_.emplace(clock_, 16, [](const std::string& key) { return key.starts_with("/dead/") ? "/dead" : ""; });
  std::vector<Hang> hangs(TimedCalls::most_of_group);
  std::vector<Started<Answer>> hanging;
  for (std::size_t i = 0; i < hangs.size(); ++i) {
    hanging.emplace_back(io_, calls_->run("/dead/" + std::to_string(i), hangs[i]));
  }
  hanging.back().run_until([&] { return clock_.waiting() == hangs.size(); });
  for (const Hang& hang : hangs) hang.until_entered();
  clock_.advance(TimedCalls::limit / 2);
  Started<Answer> queued(io_, calls_->run("/dead/queued", quick));
  queued.run_until([&] { return clock_.waiting() == hangs.size() + 1; });
  EXPECT_EQ(await(io_, calls_->run("/other", quick)), 1);
  clock_.advance(TimedCalls::limit - TimedCalls::limit / 2);
  for (auto& call : hanging) EXPECT_FALSE(call.result());
  EXPECT_FALSE(queued.has_ended());
  const auto refused = await(io_, calls_->run("/dead/next", quick));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::timed_out);
  EXPECT_EQ(refused.error().message, "/dead does not answer");
  EXPECT_EQ(await(io_, calls_->run("/other", quick)), 1);
  hangs[0].end();
  EXPECT_EQ(queued.result(), 1) << "the group answers";
  for (std::size_t i = 1; i < hangs.size(); ++i) hangs[i].end();
}

TEST_F(TimedCallsTest, Run_SameKey_OneAfterTheOther) {
  const Hang hang;
  Started<Answer> first(io_, calls_->run("a", hang));
  Started<Answer> second(io_, calls_->run("a", quick));
  second.run_until([&] { return clock_.waiting() == 2; });
  hang.until_entered();
  EXPECT_FALSE(second.has_ended());
  hang.end();
  EXPECT_EQ(second.result(), 1);
  EXPECT_EQ(first.result(), 7);
}

TEST_F(TimedCallsTest, Run_CallerCancelled_DoesNotWait) {
  const Hang hang;
  Started<Answer> hanging(io_, calls_->run("a", hang));
  Started<Answer> queued(io_, calls_->run("a", quick));
  queued.run_until([&] { return clock_.waiting() == 2; });
  hang.until_entered();
  hanging.cancel();
  queued.cancel();
  EXPECT_EQ(hanging.result().error().reason, Reason::cancelled);
  EXPECT_EQ(queued.result().error().reason, Reason::cancelled);
  EXPECT_EQ(clock_.waiting(), 0U);
  hang.end();
}

TEST_F(TimedCallsTest, OwnLimit_LateReturn_Reported) {
  std::vector<std::string> late;
  calls_.emplace(clock_, 1, nullptr, [&](const std::string& key) { late.push_back(key); });
  const Hang hang;
  Started<Answer> hanging(io_, calls_->run("slow", std::chrono::milliseconds(10), hang));
  hanging.run_until([&] { return clock_.waiting() == 1; });
  hang.until_entered();
  EXPECT_TRUE(calls_->is_full());
  EXPECT_FALSE(calls_->hangs("slow"));
  clock_.advance(std::chrono::milliseconds(10));
  EXPECT_FALSE(hanging.result());
  EXPECT_TRUE(calls_->hangs("slow"));
  hang.end();
  while (late.empty()) {
    io_.restart();
    io_.run_one();
  }
  EXPECT_EQ(late, std::vector<std::string>{"slow"});
  EXPECT_FALSE(calls_->hangs("slow"));
  EXPECT_FALSE(calls_->is_full());
  EXPECT_EQ(await(io_, calls_->run("slow", quick)), 1);
  EXPECT_EQ(late.size(), 1U);
}

TEST_F(TimedCallsTest, Uncancelled_CallerCancelled_ResultReturned) {
  const Hang hang;
  Started<Answer> hanging(io_, calls_->run_uncancelled("a", TimedCalls::limit, hang));
  hanging.run_until([&] { return clock_.waiting() == 1; });
  hang.until_entered();
  hanging.cancel();
  hang.end();
  EXPECT_EQ(hanging.result(), 7);
}

TEST_F(TimedCallsTest, Destroyed_ThreadHangs_DoesNotWait) {
  const Hang hang;
  Started<Answer> hanging(io_, calls_->run("a", hang));
  hanging.run_until([&] { return clock_.waiting() == 1; });
  hang.until_entered();
  calls_.reset();
  hang.end();
  // Only the timer that was cancelled is left for the io_context.
  io_.poll();
  EXPECT_FALSE(hanging.has_ended());
}

TEST_F(TimedCallsTest, RunFromItsBegin_WaitedForAnother_HasItsWholeTime) {
  const auto brief = std::chrono::milliseconds(50);
  const Hang first;
  const Hang second;
  Started<Answer> earlier(io_, calls_->run("a", first));
  earlier.run_until([&] { return clock_.waiting() == 1; });
  Started<Answer> later(io_, calls_->run_from_its_begin("a", brief, second));
  later.run_until([&] { return clock_.waiting() == 2; });
  first.until_entered();
  clock_.advance(brief - std::chrono::milliseconds(1));
  first.end();
  EXPECT_EQ(earlier.result(), 7);
  second.until_entered();
  clock_.advance(brief - std::chrono::milliseconds(1));
  second.end();
  EXPECT_EQ(later.result(), 7);
}

TEST_F(TimedCallsTest, RunFromItsBegin_Hangs_TimesOut) {
  const auto brief = std::chrono::milliseconds(50);
  const Hang hang;
  Started<Answer> hanging(io_, calls_->run_from_its_begin("a", brief, hang));
  hanging.run_until([&] { return clock_.waiting() == 1; });
  hang.until_entered();
  clock_.advance(brief);
  EXPECT_EQ(hanging.result().error().reason, Reason::timed_out);
  EXPECT_EQ(await(io_, calls_->run_from_its_begin("a", brief, quick)).error().reason, Reason::timed_out)
      << "the earlier call hangs";
  hang.end();
}

TEST_F(TimedCallsTest, RunFromItsBegin_NotBegunInTime_Busy) {
  const auto brief = std::chrono::milliseconds(50);
  const Hang hang;
  Started<Answer> earlier(io_, calls_->run("a", hang));
  earlier.run_until([&] { return clock_.waiting() == 1; });
  Started<Answer> later(io_, calls_->run_from_its_begin("a", brief, quick));
  later.run_until([&] { return clock_.waiting() == 2; });
  hang.until_entered();
  clock_.advance(brief);
  EXPECT_EQ(later.result().error().reason, Reason::busy);
  hang.end();
  EXPECT_EQ(earlier.result(), 7);
}

}  // namespace
}  // namespace jackin
