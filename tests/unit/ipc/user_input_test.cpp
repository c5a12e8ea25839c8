// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/client_user.hpp"

#include <gtest/gtest.h>

namespace jackin::ipc {
namespace {

const mint::UserInput& user_input(const Result<std::optional<ClientInput>>& taken) {
  return std::get<mint::UserInput>(taken->value());
}

TEST(UserInput, Keys_MovedToSecretAndWiped) {
  v1::UserInput proto;
  proto.set_keys("the-code-from-the-page");
  const auto taken = take_input(proto);
  ASSERT_TRUE(taken && *taken);
  EXPECT_EQ(std::get<mint::Keys>(user_input(taken)).bytes.view(), "the-code-from-the-page");
  EXPECT_EQ(proto.keys(), "");
}

TEST(UserInput, Code_MovedToSecretAndWiped) {
  v1::UserInput proto;
  proto.set_code("abc#def");
  const auto taken = take_input(proto);
  ASSERT_TRUE(taken && *taken);
  EXPECT_EQ(std::get<mint::Code>(user_input(taken)).text.view(), "abc#def");
  EXPECT_EQ(proto.code(), "");
}

TEST(UserInput, TooLong_Rejected) {
  v1::UserInput proto;
  proto.set_keys(std::string(65 * 1024, 'k'));
  const auto taken = take_input(proto);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().reason, Reason::invalid_argument);
}

TEST(UserInput, UnknownAnswer_InvalidArgument) {
  v1::UserInput proto;
  proto.mutable_answer();
  EXPECT_EQ(take_input(proto).error().message, "the request's choice (0) is not known");
  proto.mutable_answer()->mutable_choice()->set_kind(static_cast<v1::ChoiceKind>(99));
  EXPECT_EQ(take_input(proto).error().reason, Reason::invalid_argument);
  proto.mutable_answer()->mutable_choice()->set_kind(v1::CHOICE_KIND_KEEP);
  const auto taken = take_input(proto);
  ASSERT_TRUE(taken && *taken);
  EXPECT_EQ(std::get<Answer>(taken->value()).choice, lifecycle::ChoiceKey{ChoiceKind::keep});
}

TEST(UserInput, UnknownInput_Ignored) {
  v1::UserInput proto;
  const auto taken = take_input(proto);
  ASSERT_TRUE(taken);
  EXPECT_FALSE(*taken);
}

TEST(UserInput, ImpossibleSize_DefaultUsed) {
  v1::UserInput proto;
  proto.mutable_resize()->set_rows(0);
  proto.mutable_resize()->set_columns(4'000'000'000u);
  const auto taken = take_input(proto);
  ASSERT_TRUE(taken && *taken);
  EXPECT_EQ(std::get<mint::Resize>(user_input(taken)).size, (TerminalSize{24, 80}));
}

}  // namespace
}  // namespace jackin::ipc
