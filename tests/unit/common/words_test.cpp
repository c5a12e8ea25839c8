// SPDX-License-Identifier: Apache-2.0
#include "common/words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "common/auth_mode.hpp"
#include "common/log_place.hpp"
#include "common/operation.hpp"
#include "common/slot_style.hpp"
#include "common/source_kind.hpp"
#include "common/verdict.hpp"

namespace jackin {
namespace {

// Whether an enumerator has this value: compilers print any other as a number in parentheses.
template <auto value>
constexpr bool is_enumerator() {
  const std::string_view name = __PRETTY_FUNCTION__;
  return name.substr(name.rfind("value = ")).find('(') == std::string_view::npos;
}

template <typename Enum, int number = 0>
constexpr int count_of_enumerators() {
  if constexpr (is_enumerator<static_cast<Enum>(number)>()) {
    return count_of_enumerators<Enum, number + 1>();
  } else {
    return number;
  }
}

template <typename Enum>
class Words : public testing::Test {
 protected:
  static constexpr int count = count_of_enumerators<Enum>();
};

using Enums = testing::Types<ApiAnswer, AuthMode, BannerColour, ChoiceKind, Decision, HealthEvent, LogPlace, NoticeKind,
                             OperationKind, Outcome, QuestionKind, Severity, SlotStyle, SourceKind, SourceState, Step,
                             TokenNews, Verdict, WaitsFor>;
TYPED_TEST_SUITE(Words, Enums);

TYPED_TEST(Words, EachValue_HasItsOwnWord) {
  std::set<std::string_view> words;
  for (int number = 0; number < this->count; ++number) {
    const auto word = word_of(static_cast<TypeParam>(number));
    EXPECT_FALSE(word.empty()) << number;
    EXPECT_TRUE(words.insert(word).second) << word;
  }
  EXPECT_EQ(values_of<TypeParam>().size(), words.size());
}

TYPED_TEST(Words, EachWord_ReadAsItsValue) {
  for (const TypeParam value : values_of<TypeParam>()) EXPECT_EQ(from_word<TypeParam>(word_of(value)), value);
}

TYPED_TEST(Words, OtherText_NotAWord) {
  for (const char* other : {"", "newer", "OK", "Allow", "sync ", "secret_service"}) {
    EXPECT_EQ(from_word<TypeParam>(other), std::nullopt) << other;
  }
  EXPECT_EQ(word_of(static_cast<TypeParam>(this->count)), "");
}

// jackin's files, scripts and databases contain these words.
TEST(Words, StoredWords_Stable) {
  EXPECT_EQ(word_of(AuthMode::oauth_token), "oauth_token");
  EXPECT_EQ(word_of(AuthMode::api_key), "api_key");
  EXPECT_EQ(word_of(SourceKind::secret_service), "secret-service");
  EXPECT_EQ(word_of(SourceKind::op), "op");
  EXPECT_EQ(word_of(Verdict::not_managed), "not_managed");
  EXPECT_EQ(word_of(Step::write_config), "write_config");
  EXPECT_EQ(word_of(Step::delete_old), "delete_old");
  EXPECT_EQ(word_of(Outcome::kept), "kept");
  EXPECT_EQ(word_of(TokenNews::seven_days), "7_days");
}

TEST(SourceKind, DisplayName_EachKindHasOne) {
  for (const SourceKind kind : values_of<SourceKind>()) EXPECT_FALSE(display_name(kind).empty());
  EXPECT_EQ(display_name(SourceKind::op), "1Password");
  EXPECT_EQ(display_name(SourceKind::secret_service), "Secret Service");
}

TEST(SourceKind, CanBeRotated_AllButVariablesAndPrograms) {
  for (const SourceKind kind : values_of<SourceKind>()) {
    EXPECT_EQ(can_be_rotated(kind), kind != SourceKind::env && kind != SourceKind::command) << word_of(kind);
  }
}

}  // namespace
}  // namespace jackin
