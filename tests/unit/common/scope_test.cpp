// SPDX-License-Identifier: Apache-2.0
#include "common/scope.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace jackin {
namespace {

TEST(Scope, StrAndParse_RoundTrip) {
  for (const std::string text :
       {"global", "my-app", "my-app:role", "my-app:space/role", "with blanks", "ünï", ".hidden", "a:B", "a:b:role-2"}) {
    const auto scope = Scope::parse(text);
    ASSERT_TRUE(scope) << text;
    EXPECT_EQ(scope->str(), text);
    EXPECT_EQ(*Scope::parse(scope->str()), *scope);
  }
}

TEST(Scope, Parse_SplitsWorkspaceAndRole) {
  const auto scope = Scope::parse("a:b:ns/role");
  ASSERT_TRUE(scope);
  EXPECT_EQ(scope->workspace_name(), "a:b");
  EXPECT_EQ(scope->role_name(), "ns/role");
  EXPECT_TRUE(scope->has_role());
  EXPECT_FALSE(scope->is_global());
  EXPECT_TRUE(Scope::global().is_global());
  // The text after the colon is not a role, so it belongs to the workspace.
  EXPECT_EQ(Scope::parse("a:Not A Role")->workspace_name(), "a:Not A Role");
}

TEST(Scope, Typed_WorkspaceAndRole) {
  EXPECT_EQ(Scope::typed("my-app")->str(), "my-app");
  EXPECT_EQ(*Scope::typed("my-app:dev"), *Scope::role("my-app", "dev"));
  EXPECT_EQ(*Scope::typed("a:b:ns/dev"), *Scope::role("a:b", "ns/dev"));
  EXPECT_EQ(*Scope::typed(R"(caf\xe9:dev)"), *Scope::role("caf\xe9", "dev"));
  // A workspace may be named so; only --global is the global scope.
  EXPECT_EQ(*Scope::typed("global"), *Scope::workspace("global"));
  EXPECT_EQ(*Scope::typed("a:Not A Role"), *Scope::workspace("a:Not A Role"));
  for (const std::string text : {"", ":", ":dev", "a/b:dev"}) EXPECT_FALSE(Scope::typed(text)) << text;
}

TEST(Scope, SelectedRole_LowerCased) {
  EXPECT_EQ(*Scope::selected_role("My-App", "ChainArgos/Agent-Brown"),
            *Scope::role("My-App", "chainargos/agent-brown"));
  EXPECT_EQ(*Scope::typed("My-App:Dev"), *Scope::role("My-App", "dev"));
  EXPECT_EQ(typed_name("a:B"), "a:B:");
  EXPECT_FALSE(Scope::role("my-app", "Dev"));
  EXPECT_FALSE(Scope::selected_role("my-app", "CI bot"));
}

TEST(Scope, TypedName_ReadAsThatWorkspace) {
  for (const std::string name : {"my-app", "a:b", "a:b:", "a:", "a:B", "a::b"}) {
    EXPECT_EQ(*Scope::typed(typed_name(name)), *Scope::workspace(name)) << name;
  }
  EXPECT_EQ(typed_name("my-app"), "my-app");
  EXPECT_EQ(Scope::workspace("a:b")->arguments(), "a:b:");
  EXPECT_EQ(Scope::role("a:b", "dev")->arguments(), "a:b: --role dev");
}

TEST(Scope, Credential_RejectedWithoutQuotingIt) {
  const std::string credential = "sk-ant-oat01-abcdefgh";
  for (const auto& scope : {Scope::workspace(credential), Scope::role("my-app", credential), Scope::typed(credential),
                            Scope::typed("my-app:" + credential)}) {
    ASSERT_FALSE(scope);
    EXPECT_EQ(scope.error().reason, Reason::invalid_argument);
    EXPECT_NE(scope.error().message.find("counts as leaked"), std::string::npos);
    EXPECT_EQ(scope.error().message.find("abcdefgh"), std::string::npos);
  }
}

TEST(Scope, NameContainsPrefixByChance_Accepted) {
  EXPECT_TRUE(Scope::workspace("flask-ant-design"));
  EXPECT_TRUE(Scope::role("my-app", "task-ant-runner"));
  EXPECT_FALSE(Scope::workspace("sk-ant-api03-abcdefgh"));
  EXPECT_FALSE(Scope::workspace("xsk-ant-oat01-abcdefgh"));
  EXPECT_FALSE(Scope::role("my-app", "xsk-ant-oat01-abcdefgh"));
}

TEST(Scope, Workspace_NamesRejectedByJackin_Rejected) {
  using namespace std::string_literals;
  for (const auto& name : {""s, "."s, ".."s, "a/b"s, "/"s, "a\\b"s, "a\nb"s, "a\tb"s, "a\0b"s, "\x7f"s, "\x1b[31m"s}) {
    const auto scope = Scope::workspace(name);
    ASSERT_FALSE(scope) << name;
    EXPECT_EQ(scope.error().reason, Reason::invalid_argument);
    EXPECT_EQ(scope.error().message.find('\x1b'), std::string::npos);
  }
  EXPECT_TRUE(Scope::workspace("..."));
}

TEST(Scope, Workspace_InvisibleCharacters_Rejected) {
  for (const std::string character :
       {"\u200b", "\u200d", "\u202e", "\u2066", "\ufeff", "\u00ad", "\xc2\x85", "\U000e0041"}) {
    const auto scope = Scope::workspace("my" + character + "app");
    ASSERT_FALSE(scope) << character;
    EXPECT_EQ(scope.error().reason, Reason::invalid_argument);
    EXPECT_NE(scope.error().message.find("does not show"), std::string::npos);
  }
}

TEST(Scope, Str_BytesNotUtf8_RoundTrip) {
  const auto odd = Scope::workspace("caf\xe9");
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->str(), R"(caf\xe9)");
  EXPECT_EQ(odd->arguments(), R"('caf\xe9')");
  EXPECT_EQ(Scope::role("caf\xe9", "dev")->str(), R"(caf\xe9:dev)");
  EXPECT_EQ(Scope::role("caf\xe9", "dev")->arguments(), R"('caf\xe9' --role dev)");
  for (const std::string name : {"caf\xe9", "\xff\xfe", "\xc3\xa9\xc3"}) {
    const auto scope = Scope::workspace(name);
    EXPECT_EQ(Scope::parse(scope->str())->workspace_name(), name);
    // No other name has this form, because a name cannot contain a backslash.
    EXPECT_FALSE(Scope::workspace(scope->str()));
  }
  EXPECT_FALSE(Scope::parse(R"(a\x41)"));
}

TEST(Scope, Role_NoSelector_Rejected) {
  for (const std::string role : {"", "Role", "a b", "a/b/c", "/a", "a/", "a//b", "a_b", "ü", "a.b", "a:b"}) {
    EXPECT_FALSE(Scope::role("my-app", role)) << role;
  }
  for (const std::string role : {"a", "a-b", "-", "0", "ns/role", "a-1/b-2"}) {
    EXPECT_TRUE(Scope::role("my-app", role)) << role;
  }
  EXPECT_FALSE(Scope::role("a/b", "role"));
}

TEST(Scope, Arguments_CanBePasted) {
  EXPECT_EQ(Scope::global().arguments(), "--global");
  EXPECT_EQ(Scope::workspace("my-app")->arguments(), "my-app");
  EXPECT_EQ(Scope::role("my-app", "ns/r")->arguments(), "my-app --role ns/r");
  EXPECT_EQ(Scope::workspace("it's $HOME")->arguments(), "'it'\\''s $HOME'");
  EXPECT_EQ(Scope::workspace("-rf")->arguments(), "-- -rf");
  EXPECT_EQ(Scope::role("-rf", "r")->arguments(), "--role r -- -rf");
}

TEST(Scope, Order_GlobalFirstAndRolesAfterWorkspace) {
  std::vector<Scope> scopes{*Scope::role("a", "r"), *Scope::workspace("b"), *Scope::workspace("a"), Scope::global()};
  std::sort(scopes.begin(), scopes.end());
  std::string order;
  for (const auto& scope : scopes) order += scope.str() + " ";
  EXPECT_EQ(order, "global a a:r b ");
}

}  // namespace
}  // namespace jackin
