// SPDX-License-Identifier: Apache-2.0
#include "common/version.hpp"

#include <gtest/gtest.h>

namespace jackin {
namespace {

DottedVersion found(std::string_view text) {
  const auto version = DottedVersion::find_in(text);
  EXPECT_TRUE(version) << text;
  return version.value_or(DottedVersion{});
}

TEST(DottedVersion, FindIn_ProgramOutput_Found) {
  EXPECT_EQ(found("2.1.197 (Claude Code)").str(), "2.1.197");
  EXPECT_EQ(found("claude v2.1.330\n").str(), "2.1.330");
  EXPECT_EQ(found("2.30").str(), "2.30.0");
  EXPECT_EQ(found("1.2.3.4").str(), "1.2.3");
  EXPECT_EQ(found("node 20, claude 2.1.9-beta.1").str(), "2.1.9");
}

TEST(DottedVersion, FindBesideProductName_VersionOnOwnLine_Preferred) {
  EXPECT_EQ(DottedVersion::find_beside_product_name("my-wrapper 1.0.0\n2.30.3\r\n")->str(), "2.30.3");
  EXPECT_EQ(DottedVersion::find_beside_product_name("jackin 0.6.0\n2026\n")->str(), "0.6.0");
  EXPECT_FALSE(DottedVersion::find_beside_product_name("\n.\n"));
}

TEST(DottedVersion, FindIn_NoVersion_Nothing) {
  for (const std::string_view text : {"", "no version", "20", "v7", "1.", ".5", "99999999999.1.1"}) {
    EXPECT_FALSE(DottedVersion::find_in(text)) << text;
  }
}

TEST(DottedVersion, Compare_Numerically) {
  EXPECT_LT(found("2.1.9"), found("2.1.10"));
  EXPECT_LT(found("2.9.0"), found("2.10.0"));
  EXPECT_EQ(found("2.1"), found("2.1.0"));
  EXPECT_GT(found("10.0"), found("9.99.99"));
}

TEST(Version, OfThisBuild_Dotted) {
  EXPECT_EQ(found(version()).str(), version());
}

}  // namespace
}  // namespace jackin
