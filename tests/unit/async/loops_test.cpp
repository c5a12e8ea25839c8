// SPDX-License-Identifier: Apache-2.0
#include "daemon/async/loops.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <asio/io_context.hpp>
#include <chrono>
#include <stdexcept>
#include <vector>

#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"

namespace jackin::async {
namespace {

using std::chrono::seconds;

class ParallelFor : public testing::Test {
 protected:
  // Each piece of work takes one second of the fake clock.
  std::function<asio::awaitable<void>(std::size_t)> work() {
    return [this](std::size_t index) -> asio::awaitable<void> {
      begun_.push_back(index);
      most_ = std::max(most_, begun_.size() - ended_);
      const bool waited = co_await clock_.wait(seconds(1));
      ++ended_;
      if (!waited) ++cancelled_;
    };
  }

  asio::io_context io_;
  test::FakeClock clock_;
  std::vector<std::size_t> begun_;
  std::size_t ended_ = 0;
  std::size_t most_ = 0;
  std::size_t cancelled_ = 0;
};

TEST_F(ParallelFor, ManyItems_RunInOrderWithinLimit) {
  test::Started<bool> started(io_, parallel_for(10, 3, work()));
  int turns = 0;
  while (!started.has_ended()) {
    started.run_until([&] {
      const std::size_t expected = std::min<std::size_t>(3, 10 - ended_);
      return started.has_ended() || (expected > 0 && clock_.waiting() == expected);
    });
    if (!started.has_ended()) {
      clock_.advance(seconds(1));
      ++turns;
    }
  }
  EXPECT_TRUE(started.result());
  EXPECT_EQ(begun_, (std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(most_, 3U);
  EXPECT_EQ(turns, 4);
}

TEST_F(ParallelFor, NoItems_ReturnsAtOnce) {
  EXPECT_TRUE(test::await(io_, parallel_for(0, 3, work())));
}

TEST_F(ParallelFor, Cancelled_EndsRunningItemsAndStartsNoOther) {
  test::Started<bool> started(io_, parallel_for(10, 3, work()));
  started.run_until([&] { return clock_.waiting() == 3; });
  started.cancel();
  EXPECT_FALSE(started.result());
  EXPECT_EQ(begun_.size(), 3U);
  EXPECT_EQ(cancelled_, 3U);
}

TEST_F(ParallelFor, ItemThrows_RethrownAfterAllEnded) {
  const auto failing = [this](std::size_t index) -> asio::awaitable<void> {
    if (index == 1) throw std::runtime_error("no");
    const bool waited = co_await clock_.wait(seconds(1));
    ended_ += waited ? 1 : 0;
  };
  test::Started<bool> started(io_, parallel_for(3, 2, failing));
  started.run_until([&] { return clock_.waiting() == 1; });
  EXPECT_FALSE(started.has_ended());
  clock_.advance(seconds(1));
  EXPECT_THROW(started.result(), std::runtime_error);
  EXPECT_EQ(ended_, 1U);
}

}  // namespace
}  // namespace jackin::async
