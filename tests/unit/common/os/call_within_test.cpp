// SPDX-License-Identifier: Apache-2.0
#include "common/os/call_within.hpp"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <stdexcept>

namespace jackin::os {
namespace {

constexpr std::chrono::seconds ample{60};

TEST(CallWithin, CallEnds_ResultReturned) {
  auto made = call_within(ample, [number = std::make_unique<int>(7)] { return *number; });
  EXPECT_EQ(made, 7);
}

TEST(CallWithin, CallHangs_NotAwaited) {
  std::promise<void> answers;
  EXPECT_FALSE(call_within(std::chrono::milliseconds(1), [wait = answers.get_future().share()] {
    wait.wait();
    return 7;
  }));
  answers.set_value();
}

TEST(CallWithin, CallThrows_ExceptionRethrown) {
  const auto throws = []() -> int { throw std::runtime_error("broken"); };
  EXPECT_THROW(call_within(ample, throws), std::runtime_error);
}

}  // namespace
}  // namespace jackin::os
