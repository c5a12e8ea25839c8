// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "daemon/secrets/resolver.hpp"
#include "tests/support/await.hpp"

namespace jackin::secrets {
namespace {

class EnvOnly final : public SourceResolver {
 public:
  bool serves(const CredentialSource& source) const override { return std::holds_alternative<EnvSource>(source); }
  bool may_prompt(const CredentialSource&) const override { return true; }
  Task<Secret> resolve(const CredentialSource& source, const ResolveContext& context) override {
    co_return Secret::copy_of(std::get<EnvSource>(source).name + (context.fresh ? " fresh" : ""));
  }
};

class SourcesTest : public testing::Test {
 protected:
  static std::vector<std::unique_ptr<SourceResolver>> env_only() {
    std::vector<std::unique_ptr<SourceResolver>> resolvers;
    resolvers.push_back(std::make_unique<EnvOnly>());
    return resolvers;
  }

  asio::io_context io_;
  Sources sources_{env_only()};
};

TEST_F(SourcesTest, Resolve_ResolverOfKind) {
  const CredentialSource source = EnvSource{"X"};
  ResolveContext context;
  context.fresh = true;
  const auto secret = test::await(io_, sources_.resolve(source, context));
  ASSERT_TRUE(secret);
  EXPECT_EQ(secret->view(), "X fresh");
  EXPECT_TRUE(sources_.may_prompt(source));
}

TEST_F(SourcesTest, Resolve_NoResolver_Unsupported) {
  const CredentialSource source = OpSource{"op://v/i/f", "Personal/Claude/credential", ""};
  const auto secret = test::await(io_, sources_.resolve(source, {}));
  ASSERT_FALSE(secret);
  EXPECT_EQ(secret.error().reason, Reason::unsupported);
  EXPECT_NE(secret.error().message.find("Personal/Claude/credential"), std::string::npos);
  EXPECT_FALSE(secret.error().remedy.empty());
  EXPECT_FALSE(sources_.may_prompt(source));
}

bool is_accepted(std::string_view text) {
  return checked_secret(Secret::copy_of(text), "it", Remedy::try_again()).has_value();
}

TEST(CheckedSecret, AnyLanguage_Accepted) {
  EXPECT_TRUE(is_accepted("sk-ant-oat01-x"));
  EXPECT_TRUE(is_accepted("with blanks \"and\" quotes"));
  EXPECT_TRUE(is_accepted("ünï€𝄞"));
  EXPECT_TRUE(is_accepted("\xf4\x8f\xbf\xbf"));
}

TEST(CheckedSecret, NotUtf8_Rejected) {
  for (const std::string_view text :
       {"\x80", "\xc3", "\xc3(", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "ok\xe2\x82"}) {
    EXPECT_FALSE(is_accepted(text));
  }
}

TEST(CheckedSecret, ControlCharacters_Rejected) {
  for (int c = 0; c < 0x20; ++c) EXPECT_FALSE(is_accepted(std::string("a") + static_cast<char>(c) + "b")) << c;
  EXPECT_FALSE(is_accepted("a\x7f"));
  for (int c = 0x80; c < 0xa0; ++c) EXPECT_FALSE(is_accepted(std::string("a\xc2") + static_cast<char>(c))) << c;
  EXPECT_TRUE(is_accepted("a\xc2\xa0"));
}

TEST(CheckedSecret, LineEnd_OneRemoved) {
  const auto lf = checked_secret(Secret::copy_of("x\n"), "it", Remedy::try_again());
  ASSERT_TRUE(lf);
  EXPECT_EQ(lf->view(), "x");
  const auto crlf = checked_secret(Secret::copy_of("x\r\n"), "it", Remedy::try_again());
  ASSERT_TRUE(crlf);
  EXPECT_EQ(crlf->view(), "x");
  EXPECT_FALSE(is_accepted("x\n\n"));
  EXPECT_FALSE(is_accepted("x\r\r\n"));
}

TEST(CheckedSecret, OverLimit_Rejected) {
  EXPECT_TRUE(is_accepted(std::string(64 * 1024, 'x') + "\n"));
  EXPECT_FALSE(is_accepted(std::string(64 * 1024 + 1, 'x')));
}

TEST(CheckedSecret, Error_NamesPlaceAndRemedyNotValue) {
  const auto result =
      checked_secret(Secret::copy_of("sk-ant-secret\x01"), "the file x", Remedy::try_again("when it is fixed"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::source_invalid);
  EXPECT_TRUE(result.error().message.starts_with("the file x"));
  EXPECT_EQ(result.error().message.find("sk-ant-secret"), std::string::npos);
  EXPECT_EQ(result.error().remedy, Remedy::try_again("when it is fixed"));
}

}  // namespace
}  // namespace jackin::secrets
