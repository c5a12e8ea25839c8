// SPDX-License-Identifier: Apache-2.0
#include "common/remedy.hpp"

#include <gtest/gtest.h>

namespace jackin {
namespace {

TEST(Remedy, WithCommand_CommentAlone_CommandPutBefore) {
  EXPECT_EQ(with_command("#", "jackinctl setup app"), "jackinctl setup app");
  EXPECT_EQ(with_command("# in a terminal", "jackinctl setup app"), "jackinctl setup app  # in a terminal");
  EXPECT_EQ(with_command("op whoami  # first", "jackinctl setup app"), "op whoami  # first");
  EXPECT_EQ(with_command("", "jackinctl setup app"), "");
}

TEST(Remedy, ForScope_Placeholder_Replaced) {
  const Scope role = *Scope::role("my app", "dev");
  EXPECT_EQ(for_scope("jackinctl revoke SCOPE && jackinctl setup SCOPE", role),
            "jackinctl revoke 'my app' --role dev && jackinctl setup 'my app' --role dev");
  EXPECT_EQ(for_scope("jackinctl rotate SCOPE", Scope::global()), "jackinctl rotate --global");
  // A workspace may be named SCOPE, and another program's command may contain that word.
  EXPECT_EQ(for_scope("jackinctl rotate SCOPE", *Scope::workspace("SCOPE")), "jackinctl rotate SCOPE");
  EXPECT_EQ(for_scope("op item get SCOPE", role), "op item get SCOPE");
}

}  // namespace
}  // namespace jackin
