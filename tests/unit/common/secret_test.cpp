// SPDX-License-Identifier: Apache-2.0
#include "common/secret.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "common/fingerprint.hpp"

namespace jackin {
namespace {

template <typename T>
concept Comparable = requires(const T& a, const T& b) {
  a == b;
};
template <typename T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};

TEST(Secret, Type_NeitherCopyableComparableNorPrintable) {
  EXPECT_FALSE(std::is_copy_constructible_v<Secret>);
  EXPECT_FALSE(std::is_copy_assignable_v<Secret>);
  EXPECT_FALSE(Comparable<Secret>);
  EXPECT_FALSE(Printable<Secret>);
  EXPECT_FALSE((std::is_convertible_v<Secret, std::string>));
  EXPECT_FALSE((std::is_convertible_v<Secret, std::string_view>));
  EXPECT_TRUE(std::is_nothrow_move_constructible_v<Secret>);
  EXPECT_TRUE(std::is_nothrow_move_assignable_v<Secret>);
}

TEST(Secret, CopyOf_HoldsBytes) {
  const Secret secret = Secret::copy_of(std::string_view("a\0b", 3));
  EXPECT_EQ(secret.view(), std::string_view("a\0b", 3));
  EXPECT_EQ(secret.size(), 3U);
  EXPECT_FALSE(secret.empty());
  EXPECT_TRUE(Secret().empty());
  EXPECT_TRUE(Secret::copy_of("").empty());
}

TEST(Secret, Move_LeavesSourceEmpty) {
  Secret first = Secret::copy_of("one");
  const char* const where = first.view().data();
  Secret second = std::move(first);
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
  EXPECT_EQ(second.view().data(), where);
  Secret third = Secret::copy_of("other");
  third = std::move(second);
  EXPECT_EQ(third.view(), "one");
  Secret& itself = third;
  third = std::move(itself);
  EXPECT_EQ(third.view(), "one");
}

TEST(Secret, PushBack_GrowsAndKeepsBytes) {
  Secret secret;
  std::string same;
  for (int i = 0; i < 5000; ++i) {
    secret.push_back(static_cast<char>('a' + i % 26));
    same += static_cast<char>('a' + i % 26);
  }
  EXPECT_EQ(secret.view(), same);
}

TEST(Secret, PrepareAndCommit_AppendsBytes) {
  Secret secret = Secret::copy_of("ab");
  const auto space = secret.prepare(10);
  ASSERT_GE(space.size(), 10U);
  std::memcpy(space.data(), "cdefghij", 8);
  secret.commit(3);
  EXPECT_EQ(secret.view(), "abcde");
  secret.commit(0);
  EXPECT_EQ(secret.size(), 5U);
}

TEST(Secret, Truncate_WipesCutBytes) {
  Secret secret = Secret::copy_of("keep-and-cut");
  const char* const bytes = secret.view().data();
  secret.truncate(4);
  EXPECT_EQ(secret.view(), "keep");
  // This memory still belongs to the Secret.
  EXPECT_TRUE(std::all_of(bytes + 4, bytes + 12, [](char c) { return c == '\0'; }));
  secret.clear();
  EXPECT_TRUE(secret.empty());
  secret.append("again");
  EXPECT_EQ(secret.view(), "again");
}

TEST(Secret, Clone_Independent) {
  Secret secret = Secret::copy_of("one");
  const Secret clone = secret.clone();
  secret.clear();
  EXPECT_EQ(clone.view(), "one");
}

TEST(Secret, SameAs_ComparesBytes) {
  const Secret secret = Secret::copy_of("one");
  EXPECT_TRUE(secret.same_as(Secret::copy_of("one")));
  EXPECT_FALSE(secret.same_as(Secret::copy_of("onf")));
  EXPECT_FALSE(secret.same_as(Secret::copy_of("on")));
  EXPECT_FALSE(secret.same_as(Secret()));
  EXPECT_TRUE(Secret().same_as(Secret()));
  EXPECT_EQ(secret.digest(), Digest::of("one"));
}

}  // namespace
}  // namespace jackin
