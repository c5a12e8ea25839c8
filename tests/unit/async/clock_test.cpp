// SPDX-License-Identifier: Apache-2.0
#include "daemon/async/clock.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/use_awaitable.hpp>
#include <vector>

#include "daemon/async/timeout.hpp"
#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"

namespace jackin {
namespace {

using namespace std::chrono_literals;
using test::await;
using test::FakeClock;
using test::Started;

TEST(SystemClock, Wait_Positive_LastsAtLeastThatLong) {
  asio::io_context io;
  const auto clock = system_clock(io.get_executor());
  const auto before = clock->uptime();
  EXPECT_TRUE(await(io, clock->wait(5ms)));
  EXPECT_GE(clock->uptime() - before, 5ms);
}

// The reading end of a pipe without a writer.
int readable_descriptor() {
  std::array<int, 2> ends{-1, -1};
  EXPECT_EQ(pipe(ends.data()), 0);
  close(ends[1]);
  return ends[0];
}

// Two descriptors are ready at once. The handler of one closes the other, whose event is queued, and starts the wait.
TEST(SystemClock, Wait_EventOfClosedDescriptorQueued_LastsAtLeastThatLong) {
  for (const std::size_t first : {0U, 1U}) {
    asio::io_context io;
    const auto clock = system_clock(io.get_executor());
    std::array<asio::posix::stream_descriptor, 2> ready{asio::posix::stream_descriptor(io, readable_descriptor()),
                                                        asio::posix::stream_descriptor(io, readable_descriptor())};
    const auto handle = [&]() -> asio::awaitable<bool> {
      co_await ready.at(first).async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
      ready.at(1 - first).close();
      const auto before = clock->uptime();
      const bool has_passed = co_await clock->wait(5ms);
      co_return has_passed && clock->uptime() - before >= 5ms;
    };
    EXPECT_TRUE(await(io, handle())) << first;
  }
}

TEST(SystemClock, Wait_Negative_EndsAtOnce) {
  asio::io_context io;
  const auto clock = system_clock(io.get_executor());
  EXPECT_TRUE(await(io, clock->wait(-1h)));
}

TEST(SystemClock, Wait_Cancelled_ReturnsFalse) {
  asio::io_context io;
  const auto clock = system_clock(io.get_executor());
  Started<bool> waiting(io, clock->wait(1h));
  io.poll();
  waiting.cancel();
  EXPECT_FALSE(waiting.result());
}

TEST(SystemClock, Wait_StartedAfterCancellation_ReturnsFalse) {
  asio::io_context io;
  const auto clock = system_clock(io.get_executor());
  const auto twice = [&]() -> asio::awaitable<int> {
    const bool first = co_await clock->wait(1h);
    const bool second = co_await clock->wait(1h);
    co_return (first ? 1 : 0) + (second ? 1 : 0);
  };
  Started<int> waiting(io, twice());
  io.poll();
  waiting.cancel();
  EXPECT_EQ(waiting.result(), 0);
}

TEST(FakeClock, Advance_SeveralWaits_EndInOrderOfTheirTime) {
  asio::io_context io;
  FakeClock clock;
  std::vector<int> ended;
  const auto wait_then_note = [&](Clock::Duration duration, int number) -> asio::awaitable<bool> {
    const bool passed = co_await clock.wait(duration);
    ended.push_back(number);
    co_return passed;
  };
  Started<bool> late(io, wait_then_note(3s, 3));
  Started<bool> early(io, wait_then_note(1s, 1));
  Started<bool> same(io, wait_then_note(1s, 2));
  io.poll();
  EXPECT_EQ(clock.waiting(), 3U);
  EXPECT_EQ(clock.next_due(), 1s);
  clock.advance(999ms);
  io.poll();
  EXPECT_TRUE(ended.empty());
  clock.advance(1ms);
  io.poll();
  EXPECT_EQ(ended, (std::vector{1, 2}));
  clock.advance(1h);
  EXPECT_TRUE(late.result());
  EXPECT_EQ(ended, (std::vector{1, 2, 3}));
}

TEST(FakeClock, Advance_MovesWallClock) {
  FakeClock clock;
  const auto before = clock.now();
  clock.advance(36h);
  EXPECT_EQ(clock.now() - before, 36h);
  clock.set_now(before);
  EXPECT_EQ(clock.now(), before);
}

TEST(FakeClock, Wait_Cancelled_ReturnsFalse) {
  asio::io_context io;
  FakeClock clock;
  Started<bool> waiting(io, clock.wait(1h));
  io.poll();
  waiting.cancel();
  EXPECT_FALSE(waiting.result());
  EXPECT_EQ(clock.waiting(), 0U);
}

TEST(Timeout, Due_CallsOnce) {
  asio::io_context io;
  FakeClock clock;
  int calls = 0;
  async::Timeout timeout(io.get_executor(), clock, 10s, [&] { ++calls; });
  io.poll();
  clock.advance(9s);
  io.poll();
  EXPECT_EQ(calls, 0);
  clock.advance(1s);
  io.poll();
  EXPECT_EQ(calls, 1);
}

TEST(Timeout, Destroyed_DoesNotCall) {
  asio::io_context io;
  FakeClock clock;
  int calls = 0;
  {
    const async::Timeout before_it_began(io.get_executor(), clock, 10s, [&] { ++calls; });
  }
  {
    const async::Timeout waiting(io.get_executor(), clock, 10s, [&] { ++calls; });
    io.poll();
  }
  async::Timeout due(io.get_executor(), clock, 10s, [&] { ++calls; });
  io.restart();
  io.poll();
  clock.advance(1h);
  due.cancel();
  io.restart();
  io.poll();
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace jackin
