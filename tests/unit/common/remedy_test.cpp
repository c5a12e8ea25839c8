// SPDX-License-Identifier: Apache-2.0
#include "common/remedy.hpp"

#include <gtest/gtest.h>

#include "common/scope.hpp"

namespace jackin {
namespace {

TEST(Remedy, Codes_DistinctAndReadBack) {
  for (const RemedyAction action : all_remedy_actions) {
    EXPECT_EQ(remedy_action_from_code(to_code(action)), action) << to_code(action);
  }
  EXPECT_EQ(to_code(RemedyAction::launch_jackin), "launch_jackin") << "the last one: the lists are aligned";
  for (int i = 0; i <= last_request_option; ++i) {
    const auto option = static_cast<RequestOption>(i);
    EXPECT_EQ(request_option_from_code(to_code(option)), option);
  }
  EXPECT_EQ(to_code(RequestOption::yes), "yes");
  for (int i = 0; i <= last_path_access; ++i) {
    const auto access = static_cast<PathAccess>(i);
    EXPECT_EQ(path_access_from_code(to_code(access)), access);
  }
  EXPECT_EQ(to_code(PathAccess::executable), "executable");
  EXPECT_FALSE(remedy_action_from_code("dance"));
  EXPECT_FALSE(request_option_from_code(""));
  EXPECT_FALSE(path_access_from_code("x"));
}

TEST(Remedy, Empty_NeitherActionNorNote) {
  EXPECT_TRUE(Remedy().empty());
  EXPECT_FALSE(Remedy::only_note("wait").empty());
  EXPECT_FALSE(Remedy::try_again().empty());
}

TEST(Remedy, ForScope_AddsOnlyWhatIsMissing) {
  const Scope role = *Scope::role("my app", "dev");
  EXPECT_EQ(for_scope(Remedy::of(RemedyAction::rotate).noting("or so"), role), Remedy::rotate(role).noting("or so"));
  const Remedy of_another = Remedy::rotate(Scope::global());
  EXPECT_EQ(for_scope(of_another, role), of_another);
  EXPECT_EQ(for_scope(Remedy::check(), role), Remedy::check()) << "the check of the whole system";
  EXPECT_EQ(for_scope(Remedy::try_again(), role), Remedy::try_again());
}

TEST(Remedy, OrCheck_ReplacesRepetitionAndKeepsNote) {
  EXPECT_EQ(or_check(Remedy::try_again("when it is unlocked")), Remedy::check().noting("when it is unlocked"));
  EXPECT_EQ(or_check(Remedy::drop_option(RequestOption::no_verify)), Remedy::check());
  const Scope one = *Scope::workspace("one");
  EXPECT_EQ(or_check(Remedy::try_again(), one), Remedy::check(one));
  EXPECT_EQ(or_check(Remedy::edit_file("/x"), one), Remedy::edit_file("/x"));
  EXPECT_TRUE(or_check(Remedy()).empty());
}

}  // namespace
}  // namespace jackin
