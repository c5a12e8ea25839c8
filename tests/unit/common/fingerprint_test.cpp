// SPDX-License-Identifier: Apache-2.0
#include "common/fingerprint.hpp"

#include <gtest/gtest.h>

namespace jackin {
namespace {

// The digests of "" and "abc" in the examples of FIPS 180-4.
TEST(Digest, Of_Sha256) {
  EXPECT_EQ(Digest::of("").hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Digest::of("abc").hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, Of_DifferentBytes_Differ) {
  EXPECT_EQ(Digest::of("abc"), Digest::of("abc"));
  EXPECT_NE(Digest::of("abc"), Digest::of("abd"));
  EXPECT_NE(Digest::of(std::string_view("a\0", 2)), Digest::of("a"));
}

TEST(Fingerprint, Str_FirstTwelveDigitsOfDigest) {
  EXPECT_EQ(Digest::of("abc").fingerprint().str(), "ba7816bf8f01");
}

TEST(Fingerprint, Parse_ValidAccepted_OthersRejected) {
  const auto fingerprint = Fingerprint::parse("ba7816bf8f01");
  ASSERT_TRUE(fingerprint);
  EXPECT_EQ(*fingerprint, Digest::of("abc").fingerprint());
  for (const std::string_view text :
       {"", "ba7816bf8f0", "ba7816bf8f012", "BA7816BF8F01", "ba7816bf8f0g", " a7816bf8f01"}) {
    EXPECT_FALSE(Fingerprint::parse(text)) << text;
  }
}

}  // namespace
}  // namespace jackin
