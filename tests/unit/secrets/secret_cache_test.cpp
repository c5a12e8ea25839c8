// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/secret_cache.hpp"

#include <gtest/gtest.h>

#include <asio/io_context.hpp>

#include "tests/support/fake_clock.hpp"

namespace jackin::secrets {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class SecretCacheTest : public testing::Test {
 protected:
  void keep(const CredentialSource& source, std::string_view text) {
    const Secret secret = Secret::copy_of(text);
    cache_.keep(source, inputs_, secret);
    settle();
  }
  bool has(const CredentialSource& source) { return cache_.find(source, inputs_).has_value(); }
  void advance(Clock::Duration duration) {
    clock_.advance(duration);
    settle();
  }
  void settle() {
    io_.restart();
    io_.poll();
  }

  asio::io_context io_;
  test::FakeClock clock_;
  SecretCache cache_{io_.get_executor(), clock_, minutes(10)};
  const Inputs inputs_ = inputs_of("/bin/op", Environment());
  const CredentialSource op_ = OpSource{"op://v/i/f", {}, "A"};
  const CredentialSource os_ = OsStoreSource{"jackin", "x"};
};

TEST_F(SecretCacheTest, Find_UntilTtl) {
  keep(op_, "token");
  advance(minutes(10) - seconds(1));
  ASSERT_TRUE(has(op_));
  EXPECT_EQ(cache_.find(op_, inputs_)->view(), "token");
  advance(seconds(1));
  EXPECT_FALSE(has(op_));
  EXPECT_EQ(cache_.drop_all(), 0U);
}

TEST_F(SecretCacheTest, Find_OtherInputs_Nothing) {
  keep(op_, "token");
  const Inputs elsewhere = inputs_of("/opt/bin/op", Environment());
  EXPECT_FALSE(cache_.find(op_, elsewhere));
  cache_.keep(op_, elsewhere, Secret::copy_of("other"));
  EXPECT_EQ(cache_.find(op_, inputs_)->view(), "token");
  EXPECT_EQ(cache_.find(op_, elsewhere)->view(), "other");
  // The caller of `drop` does not know the inputs.
  cache_.drop(reference_of(op_));
  EXPECT_EQ(cache_.drop_all(), 0U);
}

TEST_F(SecretCacheTest, Empty_NoTimer) {
  settle();
  EXPECT_EQ(clock_.waiting(), 0U);
  keep(op_, "token");
  EXPECT_EQ(clock_.waiting(), 1U);
  advance(minutes(10));
  EXPECT_EQ(clock_.waiting(), 0U);
}

TEST_F(SecretCacheTest, Expiry_ReportsNumberWiped) {
  std::vector<std::size_t> counts;
  SecretCache kept(io_.get_executor(), clock_, minutes(10), [&](std::size_t count) { counts.push_back(count); });
  kept.keep(op_, inputs_, Secret::copy_of("one"));
  kept.keep(os_, inputs_, Secret::copy_of("two"));
  settle();
  advance(minutes(10) - seconds(1));
  EXPECT_TRUE(counts.empty());
  advance(seconds(1));
  EXPECT_EQ(counts, std::vector<std::size_t>{2});
  kept.keep(op_, inputs_, Secret::copy_of("three"));
  settle();
  EXPECT_EQ(kept.drop_all(), 1U);
  advance(minutes(10));
  EXPECT_EQ(counts, std::vector<std::size_t>{2});
}

TEST_F(SecretCacheTest, Expiry_EachAtItsTime) {
  keep(op_, "one");
  advance(minutes(4));
  keep(os_, "two");
  advance(minutes(6));
  EXPECT_FALSE(has(op_));
  EXPECT_TRUE(has(os_));
  advance(minutes(4));
  EXPECT_FALSE(has(os_));
  EXPECT_EQ(clock_.waiting(), 0U);
}

TEST_F(SecretCacheTest, Keep_Newer_ReplacesValueAndTime) {
  keep(op_, "one");
  advance(minutes(9));
  keep(op_, "two");
  advance(minutes(9));
  EXPECT_EQ(cache_.find(op_, inputs_)->view(), "two");
}

TEST_F(SecretCacheTest, Find_OtherAccount_Nothing) {
  keep(op_, "of A");
  EXPECT_FALSE(has(OpSource{"op://v/i/f", {}, "B"}));
  EXPECT_TRUE(has(OpSource{"op://v/i/f", "by another path", "A"}));
}

TEST_F(SecretCacheTest, Keep_FileOrVariable_NotCached) {
  keep(FileSource{"~/x"}, "token");
  keep(EnvSource{"X"}, "token");
  EXPECT_EQ(cache_.drop_all(), 0U);
}

TEST_F(SecretCacheTest, Drop_OneOrAll) {
  keep(op_, "one");
  keep(os_, "two");
  cache_.drop("op://v/i/f");
  EXPECT_FALSE(has(op_));
  EXPECT_EQ(cache_.drop_all(), 1U);
  EXPECT_FALSE(has(os_));
}

TEST_F(SecretCacheTest, SetTtl_AppliesFromNow) {
  keep(op_, "one");
  cache_.set_ttl(minutes(1));
  EXPECT_FALSE(has(op_));
  keep(op_, "two");
  advance(minutes(1));
  EXPECT_FALSE(has(op_));
  EXPECT_EQ(cache_.drop_all(), 0U);
  cache_.set_ttl(seconds(0));
  keep(op_, "three");
  EXPECT_FALSE(has(op_));
}

}  // namespace
}  // namespace jackin::secrets
