#include "daemon/ipc/person_input.hpp"

#include <gtest/gtest.h>

namespace jackin::ipc {
namespace {

const mint::PersonInput& person_input(const Result<std::optional<ClientInput>>& taken) {
  return std::get<mint::PersonInput>(taken->value());
}

TEST(PersonInput, MovesKeysIntoASecretAndWipesTheMessage) {
  v1::PersonInput wire;
  wire.set_keys("the-code-from-the-page");
  const auto taken = take_input(wire);
  ASSERT_TRUE(taken && *taken);
  EXPECT_EQ(std::get<mint::Keys>(person_input(taken)).bytes.view(), "the-code-from-the-page");
  EXPECT_EQ(wire.keys(), "");
}

TEST(PersonInput, MovesTheCodeIntoASecretAndWipesTheMessage) {
  v1::PersonInput wire;
  wire.set_code("abc#def");
  const auto taken = take_input(wire);
  ASSERT_TRUE(taken && *taken);
  EXPECT_EQ(std::get<mint::Code>(person_input(taken)).text.view(), "abc#def");
  EXPECT_EQ(wire.code(), "");
}

TEST(PersonInput, RefusesMoreThanAnybodyTypes) {
  v1::PersonInput wire;
  wire.set_keys(std::string(65 * 1024, 'k'));
  const auto taken = take_input(wire);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().reason, Reason::invalid_argument);
}

TEST(PersonInput, PassesOverWhatItDoesNotKnow) {
  v1::PersonInput wire;
  const auto taken = take_input(wire);
  ASSERT_TRUE(taken);
  EXPECT_FALSE(*taken);
}

TEST(PersonInput, TakesAnImpossibleTerminalForAnOrdinaryOne) {
  v1::PersonInput wire;
  wire.mutable_resize()->set_rows(0);
  wire.mutable_resize()->set_columns(4'000'000'000u);
  const auto taken = take_input(wire);
  ASSERT_TRUE(taken && *taken);
  EXPECT_EQ(std::get<mint::Resize>(person_input(taken)).size, (TerminalSize{24, 80}));
}

}  // namespace
}  // namespace jackin::ipc
