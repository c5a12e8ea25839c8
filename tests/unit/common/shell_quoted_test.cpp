// SPDX-License-Identifier: Apache-2.0
#include "common/shell_quoted.hpp"

#include <gtest/gtest.h>

namespace jackin {
namespace {

TEST(ShellQuoted, PlainWord_Unchanged_OthersQuoted) {
  EXPECT_EQ(shell_quoted("/usr/bin/op"), "/usr/bin/op");
  EXPECT_EQ(shell_quoted("op://v/i/f"), "op://v/i/f");
  EXPECT_EQ(shell_quoted(""), "''");
  EXPECT_EQ(shell_quoted("a b"), "'a b'");
  EXPECT_EQ(shell_quoted("~/x"), "'~/x'");
  EXPECT_EQ(shell_quoted("$(id)`id`;&|<>*?[]{}!#"), "'$(id)`id`;&|<>*?[]{}!#'");
  EXPECT_EQ(shell_quoted("'"), "''\\'''");
}

}  // namespace
}  // namespace jackin
