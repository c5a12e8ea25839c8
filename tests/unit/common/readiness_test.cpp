// SPDX-License-Identifier: Apache-2.0
#include "common/readiness.hpp"

#include <gtest/gtest.h>

namespace jackin {
namespace {

TEST(Readiness, FormatAndParse_RoundTrip) {
  EXPECT_EQ(parse_readiness(readiness_line(Readiness::ready)), Readiness::ready);
  EXPECT_EQ(parse_readiness(readiness_line(Readiness::exists)), Readiness::exists);
  const auto failed = parse_readiness(
      readiness_line(Error{Reason::disk_full, "no space left", Remedy::of_path(RemedyAction::free_space, "/")}));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().reason, Reason::disk_full);
  EXPECT_EQ(failed.error().message, "no space left");
  EXPECT_EQ(failed.error().remedy, Remedy::of_path(RemedyAction::free_space, "/"));
}

TEST(Readiness, Parse_Malformed_DaemonEnded) {
  for (const std::string_view text :
       {"", "ready", "read", "ready\n\n", "error\tdisk_full\tno", "error\tbusy\tm\n", "x\n"}) {
    const auto result = parse_readiness(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().reason, Reason::internal);
    EXPECT_FALSE(result.error().remedy.empty());
  }
}

TEST(Readiness, Parse_UnknownReason_Internal) {
  const auto result = parse_readiness("error\tfrom_the_future\tmessage\tremedy\n");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::internal);
  EXPECT_EQ(result.error().message, "message");
}

}  // namespace
}  // namespace jackin
