// SPDX-License-Identifier: Apache-2.0
#include "client/cli/scope_names.hpp"

#include <gtest/gtest.h>

namespace jackin::client {
namespace {

TEST(ScopeNames, SharedToken_OthersNamed) {
  const Scope a = *Scope::workspace("a");
  EXPECT_EQ(names_of({a, {}, {}, {}}), "a");
  EXPECT_EQ(names_of({a, {*Scope::workspace("c")}, {}, {}}), "a (also c)");
  EXPECT_EQ(names_of({Scope::global(), {a, *Scope::role("a", "dev")}, {}, {}}), "global (also a, a:dev)");
}

TEST(ScopeNames, ManySharers_FewNamed) {
  ManagedToken token{*Scope::workspace("w0"), {}, {}, {}};
  for (int i = 1; i < 3000; ++i) token.others.push_back(*Scope::workspace("w" + std::to_string(i)));
  EXPECT_EQ(names_of(token), "w0 (also w1, w2, w3, w4, w5, w6, w7, w8, w9, w10 and 2989 more)");
}

}  // namespace
}  // namespace jackin::client
