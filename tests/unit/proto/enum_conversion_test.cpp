// SPDX-License-Identifier: Apache-2.0
#include "proto/enum_conversion.hpp"

#include <gtest/gtest.h>

#include <string>

namespace jackin {
namespace {

template <typename Proto, Proto first, Proto last>
struct Range {
  using Type = Proto;
  static constexpr int begin = first;
  static constexpr int end = last;
};

// Every enum of the protocol, with its first and its last value.
using Enums =
    testing::Types<Range<v1::AuthMode, v1::AuthMode_MIN, v1::AuthMode_MAX>,
                   Range<v1::BannerColour, v1::BannerColour_MIN, v1::BannerColour_MAX>,
                   Range<v1::ChoiceKind, v1::ChoiceKind_MIN, v1::ChoiceKind_MAX>,
                   Range<v1::Decision, v1::Decision_MIN, v1::Decision_MAX>,
                   Range<v1::HealthEvent, v1::HealthEvent_MIN, v1::HealthEvent_MAX>,
                   Range<v1::OperationKind, v1::OperationKind_MIN, v1::OperationKind_MAX>,
                   Range<v1::QuestionKind, v1::QuestionKind_MIN, v1::QuestionKind_MAX>,
                   Range<v1::Severity, v1::Severity_MIN, v1::Severity_MAX>,
                   Range<v1::SlotStyle, v1::SlotStyle_MIN, v1::SlotStyle_MAX>,
                   Range<v1::SourceKind, v1::SourceKind_MIN, v1::SourceKind_MAX>,
                   Range<v1::OperationOutcome, v1::OperationOutcome_MIN, v1::OperationOutcome_MAX>,
                   Range<v1::Step, v1::Step_MIN, v1::Step_MAX>, Range<v1::Verdict, v1::Verdict_MIN, v1::Verdict_MAX>,
                   Range<v1::WaitsFor, v1::WaitsFor_MIN, v1::WaitsFor_MAX>>;

template <typename Enum>
class EnumConversion : public testing::Test {};
TYPED_TEST_SUITE(EnumConversion, Enums);

TYPED_TEST(EnumConversion, EachProtocolValue_ConvertsBothWays) {
  using Proto = typename TypeParam::Type;
  for (int number = TypeParam::begin + 1; number <= TypeParam::end; ++number) {
    const auto proto = static_cast<Proto>(number);
    const auto value = from_proto(proto);
    ASSERT_TRUE(value) << number;
    EXPECT_EQ(to_proto(*value), proto) << number;
    EXPECT_EQ(word_of_proto(proto), word_of(*value));
  }
}

TYPED_TEST(EnumConversion, EachValue_HasAProtocolValue) {
  using Value = typename decltype(from_proto(typename TypeParam::Type{}))::value_type;
  EXPECT_EQ(values_of<Value>().size(), static_cast<std::size_t>(TypeParam::end));
  for (const Value value : values_of<Value>()) EXPECT_EQ(from_proto(to_proto(value)), value);
}

TYPED_TEST(EnumConversion, UnspecifiedAndUnknown_Nothing) {
  using Proto = typename TypeParam::Type;
  static_assert(TypeParam::begin == 0, "a value without a number is unspecified");
  const auto unspecified = static_cast<Proto>(0);
  const auto unknown = static_cast<Proto>(TypeParam::end + 1);
  EXPECT_EQ(from_proto(unspecified), std::nullopt);
  EXPECT_EQ(from_proto(unknown), std::nullopt);
  EXPECT_EQ(word_of_proto(unspecified), "");
  EXPECT_EQ(word_of_proto(unknown), "unknown");
}

}  // namespace
}  // namespace jackin
