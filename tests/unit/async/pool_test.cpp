// SPDX-License-Identifier: Apache-2.0
#include "daemon/async/pool.hpp"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "common/secret.hpp"
#include "daemon/async/task.hpp"
#include "tests/support/await.hpp"

namespace jackin {
namespace {

using async::Pool;
using test::await;
using test::Started;

TEST(Pool, Run_WorkOnOtherThread_ResumesOnOwnThread) {
  asio::io_context io;
  Pool pool(2);
  const auto here = std::this_thread::get_id();
  const auto compare = [&]() -> asio::awaitable<bool> {
    const auto there = co_await pool.run([] { return std::this_thread::get_id(); });
    co_return there != here&& std::this_thread::get_id() == here;
  };
  EXPECT_TRUE(await(io, compare()));
}

TEST(Pool, Run_ReturnsValue) {
  asio::io_context io;
  Pool pool(1);
  const auto result = await(io, pool.run([]() -> Result<std::string> { return "stored"; }));
  ASSERT_TRUE(result);
  EXPECT_EQ(*result, "stored");
}

TEST(Pool, Run_ReturnsError) {
  asio::io_context io;
  Pool pool(1);
  const auto result = await(io, pool.run([]() -> Result<> { return failure(Reason::disk_full, "full"); }));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::disk_full);
}

TEST(Pool, Run_MovesSecretInAndOut) {
  asio::io_context io;
  Pool pool(1);
  Secret token = Secret::copy_of("sk-ant-oat01-x");
  const auto result = await(io, pool.run([token = std::move(token)]() mutable -> Result<Secret> {
    token.push_back('y');
    return std::move(token);
  }));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->view(), "sk-ant-oat01-xy");
}

TEST(Pool, Run_ValueWithoutDefaultConstructor_Returned) {
  struct Numbered {
    explicit Numbered(int n) : number(std::make_unique<int>(n)) {}
    std::unique_ptr<int> number;
  };
  asio::io_context io;
  Pool pool(1);
  const auto work = [&]() -> asio::awaitable<int> {
    const Numbered made = co_await pool.run([] { return Numbered(7); });
    co_return *made.number;
  };
  EXPECT_EQ(await(io, work()), 7);
}

TEST(Pool, Run_WorkThrows_RethrownInCoroutine) {
  asio::io_context io;
  Pool pool(1);
  const auto work = [&]() -> asio::awaitable<std::string> {
    try {
      co_await pool.run([]() -> int { throw std::runtime_error("from the pool"); });
    } catch (const std::runtime_error& error) {
      co_return error.what();
    }
    co_return "nothing";
  };
  EXPECT_EQ(await(io, work()), "from the pool");
}

TEST(Pool, Run_CancelledMeanwhile_SeenAfterwards) {
  asio::io_context io;
  Pool pool(1);
  const auto work = [&]() -> asio::awaitable<bool> {
    const int result = co_await pool.run([] { return 3; });
    const bool cancelled = co_await async::cancelled_already();
    co_return result == 3 && cancelled;
  };
  Started<bool> started(io, work());
  io.poll_one();
  started.cancel();
  EXPECT_TRUE(started.result());
}

TEST(Pool, Run_CancelledInterruptibleWork_InterruptedAndAwaited) {
  asio::io_context io;
  std::promise<void> called;
  Pool pool(1);
  const auto wait = [&] {
    called.get_future().wait();
    return 3;
  };
  Started<int> started(io, pool.run(wait, [&] { called.set_value(); }));
  io.poll();
  started.cancel();
  EXPECT_EQ(started.result(), 3);
}

}  // namespace
}  // namespace jackin
