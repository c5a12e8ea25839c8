// SPDX-License-Identifier: Apache-2.0
#include "common/os/core_dumps.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace jackin::os {
namespace {

TEST(CoreDumps, Forbidden_SoftLimitOnly) {
  rlimit before{};
  getrlimit(RLIMIT_CORE, &before);
  const rlimit raised{before.rlim_max, before.rlim_max};
  setrlimit(RLIMIT_CORE, &raised);
  EXPECT_TRUE(forbid_core_dumps());
  rlimit after{};
  getrlimit(RLIMIT_CORE, &after);
  setrlimit(RLIMIT_CORE, &before);
  EXPECT_EQ(after.rlim_cur, 0U);
  EXPECT_EQ(after.rlim_max, before.rlim_max);
}

}  // namespace
}  // namespace jackin::os
