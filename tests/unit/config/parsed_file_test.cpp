// SPDX-License-Identifier: Apache-2.0
// Values that name a stored secret outside of every scope's own layer.

#include "daemon/config/parsed_file.hpp"

#include <gtest/gtest.h>

#include <string>

namespace jackin::config {
namespace {

// The mentions of `text`, as lines "<line>:<column> <reference>".
std::string found_in(const std::string& text, bool is_global) {
  const auto document = Document::parse(text, "a.toml");
  if (!document) return document.error().message;
  std::string lines;
  for (const Mention& mention : mentions(document->root(), is_global)) {
    lines += std::to_string(mention.place.line) + ":" + std::to_string(mention.place.column) + " " +
             (mention.source ? secrets::reference_of(*mention.source) : "?") + "\n";
  }
  return lines;
}

TEST(Mentions, KeysOfLayers_None) {
  const std::string layer =
      "[claude]\noauth_token = { op = \"op://v/i/f\", account = \"a\" }\n"
      "[env]\nCLAUDE_CODE_OAUTH_TOKEN = { op = \"op://v/i/g\" }\n";
  EXPECT_EQ(found_in(layer, true), "");
  EXPECT_EQ(found_in(layer, false), "");
  EXPECT_EQ(found_in("env.CLAUDE_CODE_OAUTH_TOKEN.op = \"op://v/i/f\"", false), "");
  const std::string roles =
      "[roles.\"n/r\".claude]\noauth_token = { file = \"/t\" }\n"
      "[roles.\"n/r\".env.CLAUDE_CODE_OAUTH_TOKEN]\nop = \"op://v/i/f\"\n";
  EXPECT_EQ(found_in(roles, false), "");
}

TEST(Mentions, RolesOfGlobalFile_EveryForm) {
  EXPECT_EQ(found_in("[roles.\"n/r\".env]\nCLAUDE_CODE_OAUTH_TOKEN = { op = \"op://v/i/f\" }\n", true),
            "2:27 op://v/i/f\n");
  EXPECT_EQ(found_in("[roles.\"n/r\".env.CLAUDE_CODE_OAUTH_TOKEN]\nop = \"op://v/i/f\"\n", true), "1:1 op://v/i/f\n");
  const std::string dotted = found_in("roles.r.env.CLAUDE_CODE_OAUTH_TOKEN.op = \"op://v/i/f\"\n", true);
  EXPECT_TRUE(dotted.starts_with("1:") && dotted.ends_with(" op://v/i/f\n")) << dotted;
  EXPECT_EQ(found_in("[roles.r.env]\nCLAUDE_CODE_OAUTH_TOKEN = { value = \"op://v/i/f\" }\n", true),
            "2:37 op://v/i/f\n");
  EXPECT_EQ(found_in("[roles.r.claude]\noauth_token = { os_store = \"s\", account = \"a\" }\n", true),
            "2:15 os-store:s/a\n");
}

TEST(Mentions, WorkspaceInGlobalFile_Found) {
  EXPECT_EQ(found_in("[workspaces.b.claude]\noauth_token = { file = \"/t\" }\n", true), "2:15 file:/t\n");
  EXPECT_EQ(found_in("[workspaces.b.roles.r.env]\nCLAUDE_CODE_OAUTH_TOKEN = { op = \"op://v/i/f\" }\n", true),
            "2:27 op://v/i/f\n");
}

TEST(Mentions, NamesOfVariables_BothForms) {
  const std::string env =
      "[env]\nA = \"$JACKIND_TOKEN_x\"\nB = \"${JACKIND_TOKEN_x}\"\nC = { value = \"${MINE}\" }\nD = \"$HOME/x\"\n";
  EXPECT_EQ(found_in(env, false),
            "2:5 client-env:JACKIND_TOKEN_x\n3:5 client-env:JACKIND_TOKEN_x\n4:15 client-env:MINE\n");
  EXPECT_EQ(found_in("[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"${MINE}\"\n", false), "") << "of a layer";
  EXPECT_EQ(found_in("[roles.r.env]\nCLAUDE_CODE_OAUTH_TOKEN = \"${MINE}\"\n", true), "2:27 client-env:MINE\n");
}

TEST(Mentions, OtherKeys_OnlyReferencesOf1Password) {
  EXPECT_EQ(found_in("[env]\nGH_TOKEN = { op = \"op://v/i/f\" }\nFILE = { file = \"/t\" }\nX = \"Y\"\n", false),
            "2:12 op://v/i/f\n");
  EXPECT_EQ(found_in("[claude]\noauth_token = { command = [\"op\", \"read\", \"op://v/i/f\"] }\n", false),
            "2:42 op://v/i/f\n");
  EXPECT_EQ(found_in("[claude]\noauth_token = \"op://v/i/f\"\n", false), "2:15 op://v/i/f\n") << "a literal";
}

// The workspace of the first mention of `text` in config.toml.
std::string workspace_in(const std::string& text) {
  const auto document = Document::parse(text, "config.toml");
  const auto found = document ? mentions(document->root(), true) : std::vector<Mention>();
  return found.empty() ? "(none)" : found.front().workspace;
}

TEST(Mentions, WorkspaceInGlobalFile_OnlyWithAValidName) {
  EXPECT_EQ(workspace_in("[workspaces.b.claude]\noauth_token = { file = \"/t\" }\n"), "b");
  EXPECT_EQ(workspace_in("[workspaces.\"team/app\".claude]\noauth_token = { file = \"/t\" }\n"), "");
  EXPECT_EQ(workspace_in("[workspaces.\"team/app\".env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$JACKIND_TOKEN_x\"\n"), "");
}

TEST(Mentions, MisspeltKeys_Found) {
  EXPECT_EQ(found_in("[Claude]\nOauth-Token = { file = \"/t\" }\n", false), "2:15 file:/t\n");
  EXPECT_EQ(found_in("[roles.\"No Role\".claude]\noauth_token = { file = \"/t\" }\n", false), "2:15 file:/t\n");
}

TEST(Mentions, ValueOfNoKnownForm_Unclear) {
  EXPECT_EQ(found_in("[roles.r.env]\nCLAUDE_CODE_OAUTH_TOKEN = 5\n", true), "2:27 ?\n");
  EXPECT_EQ(found_in("[workspaces.b.claude]\noauth_token = { vault = \"v\" }\n", true), "2:15 ?\n");
  EXPECT_EQ(found_in("[roles.r.env]\nCLAUDE_CODE_OAUTH_TOKEN = \"text\"\n", true), "") << "a literal";
}

}  // namespace
}  // namespace jackin::config
