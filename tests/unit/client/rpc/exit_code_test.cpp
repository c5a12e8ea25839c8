// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/exit_code.hpp"

#include <gtest/gtest.h>

namespace jackin::client {
namespace {

TEST(ExitCode, Reason_MappedToOwnCode) {
  EXPECT_EQ(exit_code_for(Reason::invalid_argument), 2);
  EXPECT_EQ(exit_code_for(Reason::needs_confirmation), 2);
  EXPECT_EQ(exit_code_for(Reason::daemon_unreachable), 4);
  EXPECT_EQ(exit_code_for(Reason::cancelled), 5);
  EXPECT_EQ(exit_code_for(Reason::busy), 6);
}

TEST(ExitCode, AnyReason_NeitherDoneNorUnhealthy) {
  for (int value = 0; value <= static_cast<int>(Reason::daemon_mismatch); ++value) {
    const int code = exit_code_for(static_cast<Reason>(value));
    EXPECT_NE(code, exit_done);
    EXPECT_NE(code, exit_unhealthy);
  }
}

}  // namespace
}  // namespace jackin::client
