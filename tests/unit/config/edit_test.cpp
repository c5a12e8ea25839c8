// SPDX-License-Identifier: Apache-2.0
// The result of an edit, byte for byte.

#include "daemon/config/edit.hpp"

#include <gtest/gtest.h>

#include "tests/unit/config/sources.hpp"

namespace jackin::config {
namespace {

using namespace jackin::secrets;
using test::edit;
using test::op_source;

#define SLOT R"({ op = "op://v1/i1/credential", path = "Personal/Claude/credential" })"
#define SLOT2 R"({ op = "op://v1/i2/credential", path = "Personal/Claude/credential" })"

const AuthKeys slot = AuthKeys::canonical(op_source());
const AuthKeys slot2 = AuthKeys::canonical(op_source("i2"));
const AuthKeys two_keys = AuthKeys::older_pair(op_source());
const AuthKeys revoked = AuthKeys::revoked();

TEST(Edit, EmptyFile_TableAdded) {
  EXPECT_EQ(edit("", slot), "[claude]\noauth_token = " SLOT "\n");
}

TEST(Edit, ByteOrderMarkOnly_TableAddedAfterIt) {
  EXPECT_EQ(edit("\xef\xbb\xbf", slot), "\xef\xbb\xbf[claude]\noauth_token = " SLOT "\n");
}

TEST(Edit, OtherContent_TableAddedAtEndAfterBlankLine) {
  EXPECT_EQ(edit("workdir = \"/a\"\n", slot), "workdir = \"/a\"\n\n[claude]\noauth_token = " SLOT "\n");
  EXPECT_EQ(edit("workdir = \"/a\"\n\n", slot), "workdir = \"/a\"\n\n[claude]\noauth_token = " SLOT "\n");
}

TEST(Edit, NoFinalLineEnd_NoneAdded) {
  EXPECT_EQ(edit("workdir = \"/a\"", slot), "workdir = \"/a\"\n\n[claude]\noauth_token = " SLOT);
  EXPECT_EQ(edit("[claude]", slot), "[claude]\noauth_token = " SLOT);
  EXPECT_EQ(edit("[claude]\nauth_forward = 'sync'", slot), "[claude]\noauth_token = " SLOT);
}

TEST(Edit, LastLineWithoutLineEnd_RemovedWithLineEndBefore) {
  EXPECT_EQ(edit("[claude]\nauth_forward = 'oauth_token'\r\n[env]\r\nCLAUDE_CODE_OAUTH_TOKEN = '$T'", slot),
            "[claude]\noauth_token = " SLOT "\r\n[env]");
  EXPECT_EQ(edit("env.CLAUDE_CODE_OAUTH_TOKEN = '$T'", revoked), "[claude]\nauth_forward = \"ignore\"\n");
}

TEST(Edit, ValueInPieces_ReplacedByOne) {
  EXPECT_EQ(edit("[claude]\n# a\noauth_token.op = \"op://v/i/f\" # b\noauth_token.account = \"x\" # c\nz = 1\n", slot),
            "[claude]\n# a\noauth_token = " SLOT " # b\nz = 1\n");
  EXPECT_EQ(edit("claude = { oauth_token.op = \"op://v/i/f\", oauth_token.path = \"p\" }\n", revoked),
            "claude = { auth_forward = \"ignore\" }\n");
  EXPECT_EQ(edit("[claude]\n[claude.oauth_token]\n# a\nop = \"op://v/i/f\"\n[env]\n", slot),
            "[claude]\noauth_token = " SLOT "\n# a\n[env]\n");
  EXPECT_EQ(edit("[env.CLAUDE_CODE_OAUTH_TOKEN]\nvalue = '$T'\n[z]\n", slot),
            "[z]\n\n[claude]\noauth_token = " SLOT "\n");
}

TEST(Edit, LineEnds_AsInFile) {
  EXPECT_EQ(edit("a = 1\r\n", slot), "a = 1\r\n\r\n[claude]\r\noauth_token = " SLOT "\r\n");
  EXPECT_EQ(edit("a = 1\r\n[claude]\r\nsync_source_dir = \"/x\" # y\r\n", slot),
            "a = 1\r\n[claude]\r\nsync_source_dir = \"/x\" # y\r\noauth_token = " SLOT "\r\n");
}

TEST(Edit, Set_ModeOnLine_SlotTakesItsLine) {
  EXPECT_EQ(edit("[claude]\n  auth_forward = \"sync\"  # as ever\nsync_source_dir = \"/x\"\n", slot),
            "[claude]\n  oauth_token = " SLOT "  # as ever\nsync_source_dir = \"/x\"\n");
}

TEST(Edit, Revoke_SlotOnLine_ModeTakesItsLine) {
  EXPECT_EQ(edit("[claude] # c\noauth_token\t=\t" SLOT " # mine\n# below\n", revoked),
            "[claude] # c\nauth_forward\t=\t\"ignore\" # mine\n# below\n");
}

TEST(Edit, Revoke_SlotOverSeveralLines_Replaced) {
  EXPECT_EQ(
      edit("[claude]\noauth_token = {\n  op = \"op://v/i/f\", # the item\n  account = \"a\",\n}\n\n[env]\nA = \"1\"\n",
           revoked),
      "[claude]\nauth_forward = \"ignore\"\n\n[env]\nA = \"1\"\n");
}

TEST(Edit, Change_ValueOnly) {
  EXPECT_EQ(edit("[claude]\noauth_token =  " SLOT "   # mine\n", slot2),
            "[claude]\noauth_token =  " SLOT2 "   # mine\n");
}

TEST(Edit, Set_OlderPair_RemovedWithItsLine) {
  EXPECT_EQ(
      edit("[claude]\nauth_forward = \"oauth_token\"\n\n[env]\n# before\nCLAUDE_CODE_OAUTH_TOKEN = \"$T\" # on it\n# "
           "after\nB = \"2\"\n",
           slot),
      "[claude]\noauth_token = " SLOT "\n\n[env]\n# before\n# after\nB = \"2\"\n");
}

TEST(Edit, Set_EnvironmentEmptied_HeaderKept) {
  EXPECT_EQ(edit("[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$T\"\n\n[claude]\nauth_forward = \"oauth_token\"\n", slot),
            "[env]\n\n[claude]\noauth_token = " SLOT "\n");
}

TEST(Edit, SetOlderPair_WritesBothKeys) {
  EXPECT_EQ(edit("workdir = \"/a\"\n", two_keys),
            "workdir = \"/a\"\n\n[claude]\nauth_forward = \"oauth_token\"\n\n[env]\n"
            "CLAUDE_CODE_OAUTH_TOKEN = " SLOT "\n");
  EXPECT_EQ(edit("[claude]\noauth_token = " SLOT "\n[env]\nA = \"1\"\n", two_keys),
            "[claude]\nauth_forward = \"oauth_token\"\n[env]\nA = \"1\"\nCLAUDE_CODE_OAUTH_TOKEN = " SLOT "\n");
}

TEST(Edit, SetOlderPair_UnsupportedSource_Rejected) {
  const auto result = edited("", "config.toml", {}, AuthKeys::older_pair(FileSource{"~/t"}));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::unsupported);
  EXPECT_FALSE(fits_older_pair(FileSource{"~/t"}));
  EXPECT_FALSE(fits_older_pair(EnvSource{"T"})) << "jackin reads the client's variable, not the daemon's";
  EXPECT_TRUE(fits_older_pair(ClientEnvSource{"T"}));
  EXPECT_TRUE(fits_older_pair(op_source()));
}

TEST(Edit, InlineTable_KeptInline) {
  EXPECT_EQ(edit("claude = {}\n", slot), "claude = { oauth_token = " SLOT " }\n");
  EXPECT_EQ(edit("claude = { } # x\n", slot), "claude = { oauth_token = " SLOT " } # x\n");
  EXPECT_EQ(edit("claude = { sync_source_dir = \"/x\" }\n", slot),
            "claude = { sync_source_dir = \"/x\", oauth_token = " SLOT " }\n");
  EXPECT_EQ(edit("claude = {sync_source_dir = \"/x\",}\n", slot),
            "claude = {sync_source_dir = \"/x\", oauth_token = " SLOT ",}\n");
  EXPECT_EQ(edit("claude = { auth_forward = \"sync\", sync_source_dir = \"/x\" }\n", slot),
            "claude = { oauth_token = " SLOT ", sync_source_dir = \"/x\" }\n");
}

TEST(Edit, InlineTableOverLines_ShapeKept) {
  EXPECT_EQ(edit("claude = {\n    sync_source_dir = \"/x\", # why\n}\n", slot),
            "claude = {\n    sync_source_dir = \"/x\", # why\n    oauth_token = " SLOT ",\n}\n");
  EXPECT_EQ(edit("claude = {\n\tsync_source_dir = \"/x\" # why\n\t# last\n}\n", slot),
            "claude = {\n\tsync_source_dir = \"/x\", # why\n\toauth_token = " SLOT "\n\t# last\n}\n");
  EXPECT_EQ(edit("claude = {\n  # nothing yet\n}\n", slot),
            "claude = {\n  # nothing yet\n  oauth_token = " SLOT "\n}\n");
  EXPECT_EQ(edit("claude = { # c\n}\n", slot), "claude = { # c\n  oauth_token = " SLOT "\n}\n");
}

TEST(Edit, InlineEnvironment_EntryRemoved) {
  const std::string after = "[claude]\noauth_token = " SLOT "\n";
  const auto result = [&](const std::string& env) {
    return edit(env + "\n[claude]\nauth_forward = \"oauth_token\"\n", slot);
  };
  EXPECT_EQ(result("env = { CLAUDE_CODE_OAUTH_TOKEN = \"$T\" }"), "env = { }\n" + after);
  EXPECT_EQ(result("env = { A = \"1\", CLAUDE_CODE_OAUTH_TOKEN = \"$T\" }"), "env = { A = \"1\" }\n" + after);
  EXPECT_EQ(result("env = { CLAUDE_CODE_OAUTH_TOKEN = \"$T\", A = \"1\" }"), "env = { A = \"1\" }\n" + after);
  EXPECT_EQ(result("env = { A = \"1\", CLAUDE_CODE_OAUTH_TOKEN = \"$T\", B = \"2\" } # c"),
            "env = { A = \"1\", B = \"2\" } # c\n" + after);
  EXPECT_EQ(result("env = {\n  A = \"1\", # a\n  CLAUDE_CODE_OAUTH_TOKEN = \"$T\", # t\n  B = \"2\", # b\n}"),
            "env = {\n  A = \"1\", # a\n  B = \"2\", # b\n}\n" + after);
  EXPECT_EQ(result("env = {\n  A = \"1\", # a\n  CLAUDE_CODE_OAUTH_TOKEN = \"$T\" # t\n}"),
            "env = {\n  A = \"1\" # a\n}\n" + after);
  EXPECT_EQ(
      result("env = {\n  CLAUDE_CODE_OAUTH_TOKEN = { op = \"op://a/b/c\",\n  path = \"x\" }\n  , # odd\n  B = \"2\" }"),
      "env = {\n  \n   # odd\n  B = \"2\" }\n" + after);
}

TEST(Edit, DottedKeys_Followed) {
  EXPECT_EQ(edit("claude.auth_forward = \"sync\" # c\nworkdir = \"/\"\n", slot),
            "claude.oauth_token = " SLOT " # c\nworkdir = \"/\"\n");
  EXPECT_EQ(edit("\"claude\" . sync_source_dir = \"/x\"\nworkdir = \"/\"\n\n[env]\n", slot),
            "\"claude\" . sync_source_dir = \"/x\"\n\"claude\".oauth_token = " SLOT "\nworkdir = \"/\"\n\n[env]\n");
}

TEST(Edit, QuotedKeys_Found) {
  EXPECT_EQ(edit("[\"cl\\u0061ude\"]\n'auth_forward' = 'sync'\n", slot),
            "[\"cl\\u0061ude\"]\noauth_token = " SLOT "\n");
}

TEST(Edit, TableImpliedByChildren_HeaderAdded) {
  EXPECT_EQ(edit("[claude.hooks]\na = 1\n", slot), "[claude.hooks]\na = 1\n\n[claude]\noauth_token = " SLOT "\n");
}

TEST(Edit, TableWithChildren_KeyAddedAfterOwnKeys) {
  EXPECT_EQ(edit("[claude]\nsync_source_dir = \"/x\"\n\n[claude.hooks]\na = 1\n", slot),
            "[claude]\nsync_source_dir = \"/x\"\noauth_token = " SLOT "\n\n[claude.hooks]\na = 1\n");
}

TEST(Edit, Role_TableBesideRole) {
  EXPECT_EQ(edit("[roles.a]\nx = 1\n# of a\n\n# of b\n[roles.b]\nx = 2\n", slot, "a"),
            "[roles.a]\nx = 1\n# of a\n\n[roles.a.claude]\noauth_token = " SLOT "\n\n# of b\n[roles.b]\nx = 2\n");
  EXPECT_EQ(edit("[roles.a]\nx = 1\n# of b\n[roles.b]\nx = 2\n", slot, "a"),
            "[roles.a]\nx = 1\n\n[roles.a.claude]\noauth_token = " SLOT "\n\n# of b\n[roles.b]\nx = 2\n");
  EXPECT_EQ(edit("[roles.a]\nx = 1\n", slot, "team/b"),
            "[roles.a]\nx = 1\n\n[roles.\"team/b\".claude]\noauth_token = " SLOT "\n");
}

TEST(Edit, Role_AnySpelling_Found) {
  EXPECT_EQ(edit("[roles.\"team/b\".claude]\nauth_forward = \"ignore\"\n", slot, "team/b"),
            "[roles.\"team/b\".claude]\noauth_token = " SLOT "\n");
  EXPECT_EQ(edit("[roles]\n'team/b'.claude.auth_forward = \"ignore\"\n", slot, "team/b"),
            "[roles]\n'team/b'.claude.oauth_token = " SLOT "\n");
  EXPECT_EQ(edit("[roles]\n'team/b'.env.A = \"1\"\n\n[z]\n", slot, "team/b"),
            "[roles]\n'team/b'.env.A = \"1\"\n'team/b'.claude.oauth_token = " SLOT "\n\n[z]\n");
  EXPECT_EQ(edit("roles = { a = { env = { A = \"1\" } } }\n", slot, "a"),
            "roles = { a = { env = { A = \"1\" }, claude.oauth_token = " SLOT " } }\n");
  EXPECT_EQ(edit("roles = { a = {} }\n", slot, "b"), "roles = { a = {}, b.claude.oauth_token = " SLOT " }\n");
  EXPECT_EQ(edit("roles = { a.claude.auth_forward = \"sync\" }\n", slot, "a"),
            "roles = { a.claude.oauth_token = " SLOT " }\n");
}

TEST(Edit, Layers_Distinguished) {
  const std::string text = "[claude]\nauth_forward = \"sync\"\n\n[roles.a.claude]\nauth_forward = \"sync\"\n";
  EXPECT_EQ(edit(text, slot), "[claude]\noauth_token = " SLOT "\n\n[roles.a.claude]\nauth_forward = \"sync\"\n");
  EXPECT_EQ(edit(text, slot, "a"), "[claude]\nauth_forward = \"sync\"\n\n[roles.a.claude]\noauth_token = " SLOT "\n");
}

TEST(Edit, TextThatLooksLikeTable_Ignored) {
  const std::string text =
      "note = \"\"\"\n[claude]\nauth_forward = \"sync\"\n\"\"\"\nlist = [\n  { claude = { auth_forward = \"sync\" } }, "
      "# "
      "[claude]\n]\n[[mounts]]\nclaude = { oauth_token = \"no\" }\n";
  EXPECT_EQ(edit(text, slot), text + "\n[claude]\noauth_token = " SLOT "\n");
}

TEST(Edit, Sources_EveryFormWritten) {
  const auto value = [](const CredentialSource& source) {
    const std::string text = edit("[claude]\n", AuthKeys::canonical(source));
    return text.substr(std::string_view("[claude]\noauth_token = ").size());
  };
  EXPECT_EQ(value(OpSource{"op://v/i/f", "", "acc\"ount"}), "{ op = \"op://v/i/f\", account = \"acc\\\"ount\" }\n");
  EXPECT_EQ(value(OsStoreSource{"claude", "my-app"}), "{ os_store = \"claude\", account = \"my-app\" }\n");
  EXPECT_EQ(value(FileSource{"~/.jackin/secrets/ä"}), "{ file = \"~/.jackin/secrets/ä\" }\n");
  EXPECT_EQ(value(EnvSource{"TOKEN"}), "{ env = \"TOKEN\" }\n");
  EXPECT_EQ(value(CommandSource{{"/bin/p", "a\tb", "\\"}}), "{ command = [\"/bin/p\", \"a\\tb\", \"\\\\\"] }\n");
  EXPECT_EQ(value(test::literal_source(test::example_token())), "\"" + test::example_token() + "\"\n");
}

TEST(Edit, ValueNotUtf8_Rejected) {
  const auto result = edited("", "config.toml", {}, AuthKeys::canonical(FileSource{"/\xff"}));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::invalid_argument);
}

TEST(Edit, NothingToChange_Unchanged) {
  const std::string text = "[claude]\noauth_token={op=\"op://v1/i1/credential\",path=\"Personal/Claude/credential\"}";
  EXPECT_EQ(edit(text, slot), text);
}

TEST(Edit, PutBack_EarlierKeysRestored) {
  const AuthKeys on_demand{AuthMode::sync, std::nullopt, EnvEntry{op_source(), true}};
  const std::string text = edit("[claude]\noauth_token = " SLOT "\n", on_demand);
  EXPECT_EQ(text,
            "[claude]\nauth_forward = \"sync\"\n\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = { op = "
            "\"op://v1/i1/credential\", path = \"Personal/Claude/credential\", on_demand = true }\n");
}

TEST(Edit, UnusableFile_ErrorNamesPlace) {
  EXPECT_EQ(edit("a = 1\nclaude = 5\n", slot), "error: config_invalid: config.toml:2:10: 'claude' takes a table");
  EXPECT_EQ(edit("roles = []\n", slot, "a"), "error: config_invalid: config.toml:1:9: 'roles' takes a table");
  EXPECT_EQ(edit("[[claude]]\n", slot), "error: config_invalid: config.toml:1:1: 'claude' takes a table");
  EXPECT_EQ(edit("ä = \"ä\" x\n", slot),
            "error: config_invalid: syntax error in config.toml, line 1, column 9: unexpected text after the value");
}

TEST(Edit, NewWorkspace_AcceptedByJackin) {
  const auto text = new_workspace_text("/home/me/my \"app\"");
  ASSERT_TRUE(text);
  EXPECT_EQ(text->view(),
            "workdir = \"/home/me/my \\\"app\\\"\"\n\n[[mounts]]\nsrc = \"/home/me/my \\\"app\\\"\"\n"
            "dst = \"/home/me/my \\\"app\\\"\"\n");
}

}  // namespace
}  // namespace jackin::config
