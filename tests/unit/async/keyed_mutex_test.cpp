// SPDX-License-Identifier: Apache-2.0
#include "daemon/async/keyed_mutex.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"

namespace jackin::async {
namespace {

using namespace std::chrono_literals;
using test::Started;

class KeyedMutexTest : public testing::Test {
 protected:
  // Takes the mutex, works for `work`, and releases it.
  Task<bool> take(std::string name, std::string key, std::chrono::seconds limit = 30s, std::chrono::seconds work = 1s) {
    auto lock = co_await mutex_.take(key, limit);
    if (!lock) {
      log_.push_back(name + " " + std::string(to_code(lock.error().reason)));
      co_return failure(std::move(lock).error());
    }
    log_.push_back(name + " begins");
    const bool worked = co_await clock_.wait(work);
    log_.push_back(name + (worked ? " ends" : " is cancelled"));
    co_return true;
  }

  Started<Result<bool>> start(std::string name, std::string key, std::chrono::seconds limit = 30s,
                              std::chrono::seconds work = 1s) {
    Started<Result<bool>> started(io_, take(std::move(name), std::move(key), limit, work));
    settle();
    return started;
  }

  void settle() {
    io_.restart();
    io_.poll();
  }

  void advance(std::chrono::seconds by) {
    clock_.advance(by);
    settle();
  }

  using Log = std::vector<std::string>;

  asio::io_context io_;
  test::FakeClock clock_;
  KeyedMutex mutex_{clock_};
  Log log_;
};

TEST_F(KeyedMutexTest, SameKey_RunsInOrderOfRequests) {
  auto a = start("a", "account");
  auto b = start("b", "account");
  auto c = start("c", "account");
  EXPECT_EQ(log_, Log{"a begins"});
  advance(1s);
  EXPECT_EQ(log_, (Log{"a begins", "a ends", "b begins"}));
  advance(1s);
  advance(1s);
  EXPECT_EQ(log_, (Log{"a begins", "a ends", "b begins", "b ends", "c begins", "c ends"}));
  auto d = start("d", "account");
  EXPECT_EQ(log_.back(), "d begins");
  advance(1s);
}

TEST_F(KeyedMutexTest, DifferentKeys_RunInParallel) {
  auto a = start("a", "one");
  auto b = start("b", "two");
  EXPECT_EQ(log_, (Log{"a begins", "b begins"}));
  advance(1s);
}

TEST_F(KeyedMutexTest, Limit_Exceeded_TimesOut) {
  auto a = start("a", "account", 30s, 300s);
  auto b = start("b", "account", 30s);
  auto c = start("c", "account", 300s);
  advance(30s);
  EXPECT_EQ(log_, (Log{"a begins", "b timed_out"}));
  EXPECT_TRUE(b.has_ended());
  advance(270s);
  EXPECT_EQ(log_.back(), "c begins");
  advance(1s);
}

TEST_F(KeyedMutexTest, CancelledWaiter_Skipped) {
  auto a = start("a", "account");
  auto b = start("b", "account");
  auto c = start("c", "account");
  b.cancel();
  settle();
  EXPECT_EQ(log_, (Log{"a begins", "b cancelled"}));
  EXPECT_EQ(b.result().error().reason, Reason::cancelled);
  advance(1s);
  EXPECT_EQ(log_.back(), "c begins");
  advance(1s);
}

TEST_F(KeyedMutexTest, CancelledHolder_Releases) {
  auto a = start("a", "account");
  auto b = start("b", "account");
  a.cancel();
  settle();
  EXPECT_EQ(log_, (Log{"a begins", "a is cancelled", "b begins"}));
  advance(1s);
}

TEST_F(KeyedMutexTest, Destroyed_WithWaiters_LeavesNothing) {
  asio::io_context io;
  test::FakeClock clock;
  bool done = false;
  {
    KeyedMutex turns(clock);
    const auto wait_forever = [&]() -> Task<bool> {
      auto first = co_await turns.take("account", 1s);
      auto second = co_await turns.take("account", 1s);
      done = true;
      co_return second.has_value();
    };
    Started<Result<bool>> started(io, wait_forever());
    io.poll();
  }
  EXPECT_FALSE(done);
}

}  // namespace
}  // namespace jackin::async
