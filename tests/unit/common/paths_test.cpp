// SPDX-License-Identifier: Apache-2.0
#include "common/paths.hpp"

#include <gtest/gtest.h>

namespace jackin {
namespace {

TEST(Paths, ExpandHome_Tilde_Replaced) {
  EXPECT_EQ(expand_home("~", "/home/me"), "/home/me");
  EXPECT_EQ(expand_home("~/a/b", "/home/me"), "/home/me/a/b");
  EXPECT_EQ(expand_home("~//a", "/home/me"), "/home/me/a");
  EXPECT_EQ(expand_home("~other/a", "/home/me"), "~other/a");
  EXPECT_EQ(expand_home("/a/~/b", "/home/me"), "/a/~/b");
}

TEST(Paths, AbbreviateHome_OnlyBelowHome) {
  EXPECT_EQ(abbreviate_home("/home/me/a/b", "/home/me"), "~/a/b");
  EXPECT_EQ(abbreviate_home("/home/me", "/home/me"), "/home/me");
  EXPECT_EQ(abbreviate_home("/home/me2/a", "/home/me"), "/home/me2/a");
  EXPECT_EQ(abbreviate_home("/etc/x", "/home/me"), "/etc/x");
  EXPECT_EQ(abbreviate_home("/home/me/../x", "/home/me"), "/home/me/../x");
}

TEST(Paths, OneSpelling_SameForEquivalentPaths) {
  for (const char* written : {"~/a/b", "/home/me/a/b", "/home/me//a/./b", "~//a/b", "/home//me/a/b"}) {
    EXPECT_EQ(one_spelling(written, "/home/me"), "~/a/b") << written;
  }
  EXPECT_EQ(one_spelling("/etc//x", "/home/me"), "/etc/x");
  EXPECT_EQ(one_spelling("/home/me/link/../x", "/home/me"), "~/link/../x");
  EXPECT_EQ(one_spelling("", "/home/me"), "");
}

}  // namespace
}  // namespace jackin
