// SPDX-License-Identifier: Apache-2.0
// What a launch uses, computed from the layers.

#include "daemon/config/effective_auth.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/remedy_command.hpp"
#include "daemon/config/contents.hpp"
#include "tests/support/sandbox.hpp"
#include "tests/unit/config/sources.hpp"

namespace jackin::config {
namespace {

using namespace jackin::secrets;
using test::op_source;

constexpr std::string_view slot_a = R"(oauth_token = { op = "op://v1/a/credential" })";
constexpr std::string_view slot_b = R"(oauth_token = { op = "op://v1/b/credential" })";

CredentialSource op(std::string_view item) {
  return OpSource{"op://v1/" + std::string(item) + "/credential", "", ""};
}

struct Effective : testing::Test {
  test::Sandbox sandbox;

  void global(const std::string& text) { test::write_file(sandbox.paths.config_file(), text); }
  void workspace(const std::string& text) { test::write_file(sandbox.workspace_file("app"), text); }

  EffectiveAuth of(const std::string& scope) {
    ConfigurationOnDisk configuration(sandbox.paths);
    auto auth = configuration.effective(*Scope::parse(scope));
    if (!auth) {
      ADD_FAILURE() << auth.error().message;
      return {};
    }
    return *auth;
  }
};

std::string remedy_of(const EffectiveAuth& auth, std::string_view code) {
  const auto found =
      std::find_if(auth.oddities.begin(), auth.oddities.end(), [&](const auto& o) { return o.code == code; });
  return found == auth.oddities.end() ? std::string() : command_line(found->remedy);
}

bool has(const EffectiveAuth& auth, std::string_view code) {
  return std::any_of(auth.oddities.begin(), auth.oddities.end(), [&](const auto& o) { return o.code == code; });
}

TEST_F(Effective, NothingSet_Sync) {
  workspace("workdir = \"/a\"\n");
  const auto auth = of("app");
  EXPECT_EQ(auth.mode, AuthMode::sync);
  EXPECT_EQ(auth.decided_by, LayerKind::built_in_default);
  EXPECT_TRUE(auth.file.empty());
  EXPECT_FALSE(auth.source);
  EXPECT_TRUE(auth.oddities.empty());
}

TEST_F(Effective, MisspelledKey_HidesLayersDecision) {
  const auto hidden = [&](const std::string& text) {
    workspace(text);
    const auto auth = of("app");
    return auth.misspelling ? auth.misspelling->error().message : std::string();
  };
  const std::string oauth_token = "oauth_token = { file = \"~/t\" }\n";
  EXPECT_EQ(hidden("[claude]\nOauth_token = { file = \"~/t\" }\n"),
            "workspaces/app.toml:2:1: unknown key 'Oauth_token' in [claude]; did you mean 'oauth_token'?");
  EXPECT_EQ(hidden("workdir = \"/a\"\n[Claude]\n" + oauth_token),
            "workspaces/app.toml:2:1: unknown key 'Claude'; did you mean 'claude'?");
  EXPECT_NE(hidden("[claude]\noauth-token = { file = \"~/t\" }\n"), "");
  EXPECT_NE(hidden("[claude]\nauth_foward = \"sync\"\n"), "");
  EXPECT_NE(hidden("[claude]\nauth_forward = \"oauth_token\"\n[Env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$T\"\n"), "");
  EXPECT_NE(hidden("[claude]\nauth_forward = \"oauth_token\"\n[env]\nClaude_Code_Oauth_Token = \"$T\"\n"), "");
  EXPECT_NE(hidden("[CLAUDE]\nOAUTH_TOKEN = \"x\"\n"), "");
  // Another layer's value is not the value that the user intended here.
  global("[claude]\n" + oauth_token);
  EXPECT_NE(hidden("[claude]\nOauth_token = { file = \"~/t\" }\n"), "");
  // The key hides nothing when the layer also decides without it, or when the key decides nothing.
  for (const auto& text : {"[claude]\n" + oauth_token + "Oauth_token = 1\n",
                           std::string("[claude]\nauth_forward = \"sync\"\nOauth_token = 1\n"),
                           std::string("[claude]\nSync_source_dir = \"/x\"\n"), std::string("[Claude]\nmodel = 1\n"),
                           std::string("[env]\nclaude_code_oauth_token = \"x\"\n"),
                           std::string("[claude]\nmodel = \"x\"\n"), std::string("[codex]\noauth_token = 1\n")}) {
    EXPECT_EQ(hidden(text), "") << text;
  }
}

TEST_F(Effective, UnknownKey_HidesNothing_ReportedWithLine) {
  const auto warning = [&](const std::string& text) {
    workspace(text);
    std::string all;
    for (const auto& oddity : of("app").oddities) {
      if (oddity.code == "unknown_key") all += oddity.message + " / " + command_line(oddity.remedy);
    }
    return all;
  };
  EXPECT_EQ(warning("[claude]\nmodel = \"x\"\n"),
            "workspaces/app.toml:2:1: unknown key 'model' in [claude] / "
            "${EDITOR:-vi} +2 \"${JACKIN_CONFIG_DIR:-$HOME/.config/jackin}\"/workspaces/app.toml");
  EXPECT_NE(warning("[claude]\noauth_token = { file = \"~/t\" }\nOauth_token = 1\n"), "");
  EXPECT_EQ(warning("[claude]\noauth_token = { file = \"~/t\" }\n[other]\nx = 1\n"), "");
  EXPECT_EQ(warning("[claude]\nauth_forward = \"sync\"\nsync_source_dir = \"/x\"\n"), "");
  // The message does not show a token that was pasted as a key.
  EXPECT_EQ(warning("[claude]\n" + test::example_token() + " = 1\n").find(test::example_token().substr(13, 8)),
            std::string::npos);
}

TEST_F(Effective, RoleWithCapitals_NeverMatchesAndReported) {
  workspace("[claude]\n" + std::string(slot_a) + "\n[roles.Agent-Smith.claude]\n" + std::string(slot_b) + "\n");
  const auto auth = of("app:agent-smith");
  EXPECT_EQ(auth.source, op("a"));
  EXPECT_FALSE(auth.misspelling);
  const auto found = std::find_if(auth.oddities.begin(), auth.oddities.end(),
                                  [](const auto& oddity) { return oddity.code == "unknown_key"; });
  ASSERT_NE(found, auth.oddities.end());
  EXPECT_TRUE(found->message.ends_with("unknown key 'Agent-Smith' in [roles]; did you mean 'agent-smith'?"))
      << found->message;
}

TEST_F(Effective, Layers_MostSpecificDecides) {
  global("[claude]\nauth_forward = \"api_key\"\n");
  workspace("[claude]\n" + std::string(slot_a) +
            "\n[roles.r.claude]\nauth_forward = \"ignore\"\n[roles.s.env]\nA = \"1\"\n");
  EXPECT_EQ(of("global").mode, AuthMode::api_key);
  EXPECT_EQ(of("global").decided_by, LayerKind::global);
  EXPECT_EQ(of("global").file, sandbox.paths.config_file());
  EXPECT_EQ(of("app").mode, AuthMode::oauth_token);
  EXPECT_EQ(of("app").decided_by, LayerKind::workspace);
  EXPECT_EQ(of("app").file, sandbox.workspace_file("app"));
  EXPECT_EQ(of("app").source, op("a"));
  EXPECT_EQ(of("app").form, SlotForm::canonical);
  EXPECT_EQ(of("app:r").mode, AuthMode::ignore);
  EXPECT_EQ(of("app:r").decided_by, LayerKind::role);
  EXPECT_FALSE(of("app:r").source);
  EXPECT_EQ(of("app:s").source, op("a"));
  EXPECT_EQ(of("app:unheard-of").source, op("a"));
}

TEST_F(Effective, ModeAndSlotInSameLayer_ModeTakesPrecedence) {
  workspace("[claude]\nauth_forward = \"api_key\"\n" + std::string(slot_a) + "\n");
  const auto auth = of("app");
  EXPECT_EQ(auth.mode, AuthMode::api_key);
  EXPECT_FALSE(auth.source);
  EXPECT_TRUE(has(auth, "slot_overridden"));
}

TEST_F(Effective, LessSpecificMode_SlotTakesPrecedence) {
  global("[claude]\nauth_forward = \"ignore\"\n");
  workspace("[claude]\n" + std::string(slot_a) + "\n");
  EXPECT_EQ(of("app").source, op("a"));
  EXPECT_TRUE(of("app").oddities.empty());
}

TEST_F(Effective, OlderPair_EveryForm) {
  const auto source = [&](const std::string& value) {
    workspace("[claude]\nauth_forward = \"oauth_token\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = " + value + "\n");
    const auto auth = of("app");
    EXPECT_EQ(auth.form, SlotForm::older_pair);
    EXPECT_EQ(auth.mode, AuthMode::oauth_token);
    const bool has_slot = !std::holds_alternative<ClientEnvSource>(*auth.source);
    EXPECT_EQ(has(auth, "older_pair"), has_slot);
    const std::string begin =
        "${EDITOR:-vi} +4 " + sandbox.workspace_file("app").string() + "  # write it as oauth_token = ";
    EXPECT_EQ(remedy_of(auth, "older_pair").starts_with(begin), has_slot) << remedy_of(auth, "older_pair");
    return auth.source;
  };
  EXPECT_EQ(source("\"$MY_TOKEN\""), CredentialSource(ClientEnvSource{"MY_TOKEN"}));
  EXPECT_EQ(source("\"${MY_TOKEN}\""), CredentialSource(ClientEnvSource{"MY_TOKEN"}));
  EXPECT_EQ(source("{ value = \"$MY_TOKEN\" }"), CredentialSource(ClientEnvSource{"MY_TOKEN"}));
  EXPECT_EQ(source("{ op = \"op://v/i/f\", path = \"P\", account = \"A\" }"),
            CredentialSource(OpSource{"op://v/i/f", "P", "A"}));
  EXPECT_EQ(source("'" + test::example_token() + "'"), test::literal_source(test::example_token()));
  EXPECT_EQ(source("{ value = \"x\", on_demand = false }"), test::literal_source("x"));
  EXPECT_EQ(source("\"$\""), test::literal_source("$"));
  EXPECT_EQ(source("\"$not-a-name\""), test::literal_source("$not-a-name"));
  EXPECT_EQ(source("\"op://v/i/f\""), test::literal_source("op://v/i/f"));
  EXPECT_TRUE(has(of("app"), "reference_as_literal"));
}

TEST_F(Effective, OlderFile_OpAccountAtTop_OfReferencesWithoutOne) {
  const auto account = [&](const std::string& top, const std::string& scope, const std::string& own = "") {
    const std::string entry = "CLAUDE_CODE_OAUTH_TOKEN = { op = \"op://v/i/f\", path = \"P\"" + own + " }\n";
    workspace(top + "op_account = \"OLD\"\n[claude]\nauth_forward = \"oauth_token\"\n[env]\n" + entry +
              "[roles.r.env]\n" + entry);
    const auto auth = of(scope);
    const auto* const source = auth.source ? std::get_if<OpSource>(&*auth.source) : nullptr;
    return source == nullptr ? std::string("no source") : source->account;
  };
  for (const std::string top : {"", "version = \"v1alpha1\"\n", "version = \"v1alpha4\"\n"}) {
    EXPECT_EQ(account(top, "app"), "OLD") << top;
    EXPECT_EQ(account(top, "app:r"), "OLD") << top;
    EXPECT_EQ(account(top, "app", ", account = \"OWN\""), "OWN") << top;
  }
  EXPECT_EQ(account("version = \"v1alpha5\"\n", "app"), "");
}

TEST_F(Effective, OlderPair_MostSpecificEnvironmentFirst) {
  global(
      "[claude]\nauth_forward = \"oauth_token\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$GLOBAL\"\n"
      "[roles.r.env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$GLOBAL_ROLE\"\n");
  workspace("");
  EXPECT_EQ(of("app").source, CredentialSource(ClientEnvSource{"GLOBAL"}));
  EXPECT_EQ(of("app").source_layer, LayerKind::global);
  EXPECT_EQ(of("app").source_file, sandbox.paths.config_file());
  EXPECT_EQ(of("app:r").source, CredentialSource(ClientEnvSource{"GLOBAL_ROLE"}));
  EXPECT_EQ(of("app:other").source, CredentialSource(ClientEnvSource{"GLOBAL"}));
  EXPECT_EQ(of("global").source, CredentialSource(ClientEnvSource{"GLOBAL"}));
  workspace("[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$WORKSPACE\"\n");
  EXPECT_EQ(of("app:r").source, CredentialSource(ClientEnvSource{"WORKSPACE"}));
  EXPECT_EQ(of("app:r").decided_by, LayerKind::global);
  EXPECT_EQ(of("app:r").source_layer, LayerKind::workspace);
  workspace("env.CLAUDE_CODE_OAUTH_TOKEN = \"$WORKSPACE\"\nroles.r.env.CLAUDE_CODE_OAUTH_TOKEN = \"$ROLE\"\n");
  EXPECT_EQ(of("app:r").source, CredentialSource(ClientEnvSource{"ROLE"}));
  EXPECT_EQ(of("app").source, CredentialSource(ClientEnvSource{"WORKSPACE"}));
}

TEST_F(Effective, OlderPairWithoutValue_LessSpecificSlotUsed) {
  global("[claude]\n" + std::string(slot_b) + "\n");
  workspace("[claude]\nauth_forward = \"oauth_token\"\n");
  EXPECT_EQ(of("app").source, op("b"));
  EXPECT_EQ(of("app").form, SlotForm::canonical);
  EXPECT_EQ(of("app").decided_by, LayerKind::workspace);
}

TEST_F(Effective, ModeWithoutToken_NoSource) {
  workspace("[claude]\nauth_forward = \"oauth_token\"\n");
  EXPECT_EQ(of("app").mode, AuthMode::oauth_token);
  EXPECT_FALSE(of("app").source);
  EXPECT_EQ(of("app").form, SlotForm::none);
}

TEST_F(Effective, OnDemandEntry_HidesBroaderOnes) {
  workspace(
      "[claude]\nauth_forward = \"oauth_token\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = { value = \"$T\", on_demand = true "
      "}\n");
  EXPECT_FALSE(of("app").source);
  EXPECT_TRUE(has(of("app"), "on_demand_entry"));
  global("[claude]\n" + std::string(slot_b) + "\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$G\"\n");
  EXPECT_FALSE(of("app").source);
  EXPECT_EQ(of("app").mode, AuthMode::oauth_token);
  EXPECT_EQ(of("global").source, op("b"));
}

TEST_F(Effective, EntryInOtherMode_NoSourceAndReported) {
  const std::string entry = "[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$T\"\n";
  for (const std::string mode : {"", "[claude]\nauth_forward = \"sync\"\n", "[claude]\nauth_forward = \"ignore\"\n"}) {
    workspace(mode + entry);
    const auto auth = of("app");
    EXPECT_FALSE(auth.source);
    EXPECT_TRUE(auth.env_gives_token) << mode;
    EXPECT_TRUE(has(auth, "token_in_other_mode")) << mode;
  }
  workspace("[claude]\nauth_forward = \"sync\"\n");
  EXPECT_FALSE(of("app").env_gives_token);
  global(entry + "[roles.r.env]\nCLAUDE_CODE_OAUTH_TOKEN = { value = \"x\", on_demand = true }\n");
  EXPECT_TRUE(of("app").env_gives_token);
  EXPECT_FALSE(of("app:r").env_gives_token) << "on demand, the launch does not get it";
  workspace("[claude]\nauth_forward = \"oauth_token\"\n");
  EXPECT_FALSE(of("app").env_gives_token);
  EXPECT_FALSE(has(of("app"), "token_in_other_mode"));
}

TEST_F(Effective, BothForms_Reported) {
  workspace("[claude]\nauth_forward = \"oauth_token\"\n" + std::string(slot_a) +
            "\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$T\"\n");
  const auto auth = of("app");
  EXPECT_EQ(auth.source, op("a"));
  EXPECT_TRUE(has(auth, "both_forms"));
  EXPECT_TRUE(has(auth, "auth_forward_beside_slot"));
  EXPECT_EQ(remedy_of(auth, "auth_forward_beside_slot"),
            "${EDITOR:-vi} +2 " + sandbox.workspace_file("app").string() + "  # remove auth_forward from [claude]");
}

TEST_F(Effective, LiteralReadableByOthers_Reported) {
  workspace("[claude]\noauth_token = \"" + test::example_token() + "\"\n");
  namespace fs = std::filesystem;
  fs::permissions(sandbox.workspace_file("app"), fs::perms(0644));
  const auto open = of("app");
  ASSERT_TRUE(has(open, "literal_readable_by_others"));
  for (const auto& oddity : open.oddities) {
    EXPECT_FALSE(test::shows_token(oddity.message + command_line(oddity.remedy), test::example_token()));
  }
  fs::permissions(sandbox.workspace_file("app"), fs::perms(0600));
  EXPECT_FALSE(has(of("app"), "literal_readable_by_others"));
}

TEST_F(Effective, SyncSourceDir_MostSpecificLayer) {
  global("[claude]\nsync_source_dir = \"/global\"\n");
  workspace("[claude]\nauth_forward = \"sync\"\n[roles.r.claude]\nsync_source_dir = \"/role\"\n");
  EXPECT_EQ(of("app").sync_source_dir, "/global");
  EXPECT_EQ(of("app:r").sync_source_dir, "/role");
}

TEST_F(Effective, TableWithoutMode_MeansSync) {
  global("[claude]\n" + std::string(slot_a) + "\n");
  for (const std::string text : {"[claude]\nsync_source_dir = \"/x\"\n", "[claude]\n", "claude = {}\n"}) {
    workspace(text);
    const auto auth = of("app");
    EXPECT_EQ(auth.mode, AuthMode::sync) << text;
    EXPECT_EQ(auth.decided_by, LayerKind::workspace) << text;
    EXPECT_FALSE(auth.source) << text;
    EXPECT_TRUE(has(auth, "table_without_mode")) << text;
  }
  workspace("[roles.r.claude]\n");
  EXPECT_EQ(of("app:r").mode, AuthMode::sync);
  EXPECT_EQ(of("app").source, op("a"));
  global("[claude]\nauth_forward = \"oauth_token\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"x\"\n");
  workspace("[claude]\n");
  EXPECT_EQ(of("app").mode, AuthMode::sync);
}

TEST_F(Effective, TableWithoutMode_NoBroaderMode_NotReported) {
  workspace("[claude]\nsync_source_dir = \"/x\"\n");
  EXPECT_EQ(of("app").mode, AuthMode::sync);
  EXPECT_FALSE(has(of("app"), "table_without_mode"));
}

TEST_F(Effective, Key_IdentifiesWhatLaunchUses) {
  global("[claude]\n" + std::string(slot_a) + "\n");
  workspace("[claude]\n" + std::string(slot_a) + " # another spelling\n");
  const std::string key = of("app").key;
  EXPECT_EQ(of("global").key, key);
  EXPECT_EQ(key.size(), 16U);
  workspace("[claude]\n" + std::string(slot_b) + "\n");
  EXPECT_NE(of("app").key, key);
  workspace("[claude]\nauth_forward = \"ignore\"\n");
  EXPECT_NE(of("app").key, key);
  const auto literal_key = [&](char letter) {
    workspace("[claude]\noauth_token = \"" + test::example_token(letter) + "\"\n");
    return of("app").key;
  };
  EXPECT_NE(literal_key('A'), literal_key('B'));
}

TEST_F(Effective, Slot_EveryForm) {
  const auto source = [&](const std::string& value) {
    workspace("[claude]\noauth_token = " + value + "\n");
    return of("app").source;
  };
  EXPECT_EQ(source("{ op = \"op://v/i/s/f\" }"), CredentialSource(OpSource{"op://v/i/s/f", "", ""}));
  EXPECT_EQ(source("{ os_store = \"claude\", account = \"a\" }"), CredentialSource(OsStoreSource{"claude", "a"}));
  EXPECT_EQ(source("{ file = \"~/x\" }"), CredentialSource(FileSource{"~/x"}));
  EXPECT_EQ(source("{ env = \"NAME\" }"), CredentialSource(EnvSource{"NAME"}));
  EXPECT_EQ(source("{ command = [\"p\", \"a b\"] }"), CredentialSource(CommandSource{{"p", "a b"}}));
  EXPECT_EQ(source("\"$NAME\""), test::literal_source("$NAME"));
}

TEST_F(Effective, Slot_Malformed_ErrorNamesPlace) {
  const auto error = [&](const std::string& text) {
    workspace(text);
    ConfigurationOnDisk configuration(sandbox.paths);
    const auto auth = configuration.effective(*Scope::workspace("app"));
    EXPECT_FALSE(auth) << text;
    EXPECT_EQ(auth.error().reason, Reason::config_invalid);
    EXPECT_FALSE(test::shows_token(auth.error().message + command_line(auth.error().remedy), test::example_token()));
    return auth ? "" : auth.error().message;
  };
  EXPECT_TRUE(error("[claude]\noauth_token = 5\n").starts_with("workspaces/app.toml:2:15: "));
  EXPECT_TRUE(error("[claude]\noauth_token = {}\n").starts_with("workspaces/app.toml:2:15: "));
  EXPECT_TRUE(
      error("[claude]\noauth_token = { op = \"a\", file = \"b\" }\n").starts_with("workspaces/app.toml:2:15: "));
  EXPECT_TRUE(error("[claude]\noauth_token = { file = \"b\", mode = 1 }\n").starts_with("workspaces/app.toml:2:29: "));
  EXPECT_TRUE(error("[claude]\noauth_token = { os_store = \"b\" }\n").starts_with("workspaces/app.toml:2:15: "));
  EXPECT_TRUE(error("[claude]\noauth_token = { command = \"ls\" }\n").starts_with("workspaces/app.toml:2:27: "));
  EXPECT_TRUE(error("[claude]\noauth_token = { env = \"" + test::example_token() + "\" }\n")
                  .starts_with("workspaces/app.toml:2:23: "));
  EXPECT_TRUE(
      error("[claude]\nauth_forward = \"" + test::example_token() + "\"\n").starts_with("workspaces/app.toml:2:16: "));
  EXPECT_TRUE(error("[claude]\nauth_forward = \"oauth_token\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = 1\n")
                  .starts_with("workspaces/app.toml:4:27: "));
}

}  // namespace
}  // namespace jackin::config
