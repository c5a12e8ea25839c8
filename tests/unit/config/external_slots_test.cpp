// SPDX-License-Identifier: Apache-2.0
// jackind-slots.toml: names, reading, editing, and what a launch uses.

#include "daemon/config/external_slots.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "daemon/config/contents.hpp"
#include "daemon/config/slots_writer.hpp"
#include "daemon/config/writer.hpp"
#include "tests/support/sandbox.hpp"
#include "tests/unit/config/sources.hpp"

namespace jackin::config {
namespace {

namespace fs = std::filesystem;
using secrets::ClientEnvSource;
using secrets::CredentialSource;
using secrets::FileSource;
using test::op_source;
using test::read_file;
using test::write_file;

const std::string app_variable = "JACKIND_TOKEN_app";
const std::string app_names_it =
    "workdir = \"/a\"\n[claude]\nauth_forward = \"oauth_token\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = "
    "\"$JACKIND_TOKEN_app\"\n";
const std::string app_entry = "[tokens.JACKIND_TOKEN_app]\noauth_token = { file = \"~/t\" }\n";

struct ExternalSlotsTest : testing::Test {
  test::Sandbox sandbox;
  const Scope app = *Scope::workspace("app");
  const Scope other = *Scope::workspace("other");

  void workspace(const std::string& text, const std::string& name = "app") {
    write_file(sandbox.workspace_file(name), text);
  }
  void slots(const std::string& text) { write_file(sandbox.paths.slots_file(), text); }
  std::string slots() const { return read_file(sandbox.paths.slots_file()); }
  Result<> remove_left(const std::string& file) const {
    return remove_left_slots(sandbox.paths, {reference_of(FileSource{file}, sandbox.paths)});
  }
  Result<EffectiveAuth> effective(const Scope& scope) {
    ConfigurationOnDisk configuration(sandbox.paths);
    return configuration.effective(scope);
  }
  EffectiveAuth of(const Scope& scope) {
    auto auth = effective(scope);
    EXPECT_TRUE(auth) << auth.error().message;
    return auth ? *auth : EffectiveAuth{};
  }
  AuthKeys keys(const Scope& scope) const {
    ConfigurationOnDisk configuration(sandbox.paths);
    const auto layer = configuration.layer(scope);
    EXPECT_TRUE(layer);
    return layer ? layer->keys : AuthKeys{};
  }
};

TEST_F(ExternalSlotsTest, Variable_OwnForEachScope) {
  EXPECT_EQ(external_variable(*Scope::workspace("my-app")), "JACKIND_TOKEN_my_2dapp");
  EXPECT_EQ(external_variable(*Scope::role("my_app", "ns/dev")), "JACKIND_TOKEN_my_5fapp_3ans_2fdev");
  EXPECT_NE(external_variable(Scope::global()), external_variable(*Scope::workspace("global")));
  EXPECT_NE(external_variable(Scope::global()), external_variable(*Scope::workspace("_global")));
  EXPECT_NE(external_variable(app, 2), external_variable(app));
  EXPECT_TRUE(is_external_variable(external_variable(app)));
}

TEST_F(ExternalSlotsTest, Effective_EntryInPlaceOfVariable) {
  workspace(app_names_it);
  slots(app_entry);
  const auto auth = of(app);
  EXPECT_EQ(auth.mode, AuthMode::oauth_token);
  EXPECT_EQ(auth.source, CredentialSource(FileSource{"~/t"}));
  EXPECT_EQ(auth.form, SlotForm::external);
  EXPECT_EQ(auth.variable, app_variable);
  EXPECT_EQ(auth.source_layer, LayerKind::workspace);
  EXPECT_EQ(auth.source_file, sandbox.paths.slots_file());
  EXPECT_EQ(auth.source_name, "jackind-slots.toml");
  EXPECT_EQ(auth.source_place, (Place{2, 15}));
  const std::string key = auth.key;
  slots("[tokens.JACKIND_TOKEN_app]\noauth_token = { file = \"~/u\" }\n");
  EXPECT_NE(of(app).key, key);
}

TEST_F(ExternalSlotsTest, Effective_NoEntry_MissingOrTheUsersVariable) {
  workspace(app_names_it);
  const auto missing = of(app);
  EXPECT_EQ(missing.mode, AuthMode::oauth_token);
  EXPECT_FALSE(missing.source);
  EXPECT_EQ(missing.form, SlotForm::none);
  const bool is_said = std::any_of(missing.oddities.begin(), missing.oddities.end(), [](const Oddity& oddity) {
    return oddity.code == "external_slot_missing" &&
           oddity.message == "workspaces/app.toml names JACKIND_TOKEN_app, which has no token in jackind-slots.toml";
  });
  EXPECT_TRUE(is_said);
  EXPECT_EQ(keys(app).source(), nullptr);
  workspace("[claude]\nauth_forward = \"oauth_token\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$MINE\"\n");
  EXPECT_EQ(of(app).source, CredentialSource(ClientEnvSource{"MINE"}));
  EXPECT_EQ(of(app).variable, "");
  slots("[tokens.MINE]\noauth_token = { file = \"~/t\" }\n");
  EXPECT_EQ(of(app).source, CredentialSource(FileSource{"~/t"}));
  EXPECT_EQ(of(app).variable, "MINE");
}

TEST_F(ExternalSlotsTest, Effective_OtherMode_VariableIsKnown) {
  workspace("[claude]\nauth_forward = \"ignore\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$JACKIND_TOKEN_app\"\n");
  slots(app_entry);
  const auto auth = of(app);
  EXPECT_FALSE(auth.source);
  EXPECT_EQ(auth.variable, app_variable);
  EXPECT_FALSE(auth.env_gives_token) << "a launch sets it empty";
}

TEST_F(ExternalSlotsTest, Effective_BrokenFile_ErrorOnlyWhereItIsNeeded) {
  workspace(app_names_it);
  workspace("[claude]\noauth_token = { file = \"~/t\" }\n", "other");
  slots("[tokens\n");
  EXPECT_EQ(effective(app).error().reason, Reason::config_invalid);
  EXPECT_TRUE(effective(other));
  slots(app_entry + "[tokens.JACKIND_TOKEN_x]\noauth_token = 5\n");
  EXPECT_TRUE(effective(app)) << "the entry of another variable";
  slots("[tokens.JACKIND_TOKEN_app]\noauth_token = 5\n");
  const auto broken = effective(app);
  ASSERT_FALSE(broken);
  EXPECT_TRUE(broken.error().message.starts_with("jackind-slots.toml:2:15: ")) << broken.error().message;
}

TEST_F(ExternalSlotsTest, Edited_OnlyTheEntryChanges) {
  const std::string text =
      "# mine\n[tokens.A] # a\noauth_token = { file = \"~/a\" } # here\n\n" + app_entry + "# end\n";
  const CredentialSource source = op_source();
  const auto changed = edited_external_slots(text, "s", "A", &source);
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_NE(changed->view().find("# mine\n[tokens.A] # a\noauth_token = { op = "), std::string::npos);
  EXPECT_NE(changed->view().find("# here"), std::string::npos);
  EXPECT_NE(changed->view().find(app_entry), std::string::npos);
  const auto removed = edited_external_slots(text, "s", "JACKIND_TOKEN_app", nullptr);
  ASSERT_TRUE(removed) << removed.error().message;
  EXPECT_EQ(removed->view().find("JACKIND_TOKEN_app"), std::string::npos) << removed->view();
  EXPECT_NE(removed->view().find("oauth_token = { file = \"~/a\" } # here"), std::string::npos);
  const auto added = edited_external_slots(text, "s", "JACKIND_TOKEN_new", &source);
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_NE(added->view().find("[tokens.JACKIND_TOKEN_new]\noauth_token = { op = "), std::string::npos);
  EXPECT_EQ(edited_external_slots(text, "s", "missing", nullptr)->view(), text);
  EXPECT_FALSE(edited_external_slots("[tokens", "s", "A", &source));
}

TEST_F(ExternalSlotsTest, Write_EntryThenJackinsFile) {
  workspace("workdir = \"/a\" # mine\n");
  const AuthKeys wanted = AuthKeys::external(app_variable, FileSource{"~/t"});
  const auto written = write_slot(sandbox.paths, {app, wanted, {}, {}});
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_TRUE(written->changed);
  EXPECT_EQ(written->style, SlotStyle::external);
  EXPECT_EQ(written->file_name, "workspaces/app.toml");
  EXPECT_EQ(written->slot, "[env] CLAUDE_CODE_OAUTH_TOKEN");
  EXPECT_EQ(slots(), app_entry);
  EXPECT_EQ(fs::status(sandbox.paths.slots_file()).permissions(), fs::perms(0600));
  EXPECT_TRUE(read_file(sandbox.workspace_file("app")).starts_with("workdir = \"/a\" # mine\n"));
  EXPECT_EQ(keys(app), wanted);
  EXPECT_EQ(of(app).source, CredentialSource(FileSource{"~/t"}));
  EXPECT_FALSE(write_slot(sandbox.paths, {app, wanted, {}, {}})->changed);
}

TEST_F(ExternalSlotsTest, Write_Rotation_ChangesOnlyTheEntry) {
  workspace(app_names_it);
  slots(app_entry);
  const auto time = fs::last_write_time(sandbox.workspace_file("app"));
  const auto before = keys(app);
  ASSERT_TRUE(write_slot(sandbox.paths, {app, AuthKeys::external(app_variable, op_source()), before, {}}));
  EXPECT_EQ(fs::last_write_time(sandbox.workspace_file("app")), time);
  EXPECT_EQ(of(app).source, op_source());
  // Another program changed the entry meanwhile.
  slots("[tokens.JACKIND_TOKEN_app]\noauth_token = { file = \"~/theirs\" }\n");
  const auto late = write_slot(sandbox.paths, {app, AuthKeys::external(app_variable, FileSource{"~/n"}), before, {}});
  EXPECT_EQ(late.error().reason, Reason::config_conflict);
}

TEST_F(ExternalSlotsTest, Write_Revocation_EntryGoesWithItsLastName) {
  workspace(app_names_it);
  workspace(app_names_it, "other");
  slots(app_entry);
  ASSERT_TRUE(write_slot(sandbox.paths, {app, AuthKeys::revoked(), keys(app), {}}));
  EXPECT_EQ(slots(), app_entry) << "the other workspace names it";
  EXPECT_EQ(of(other).source, CredentialSource(FileSource{"~/t"}));
  workspace("[env]\nX = \"$JACKIND_TOKEN_app\"\n");
  ASSERT_TRUE(write_slot(sandbox.paths, {other, AuthKeys::revoked(), keys(other), {}}));
  EXPECT_EQ(slots(), app_entry) << "another variable names it";
  workspace(app_names_it);
  workspace("[env]\nX = \"${JACKIND_TOKEN_app}\"\n", "other");
  ASSERT_TRUE(write_slot(sandbox.paths, {app, AuthKeys::revoked(), keys(app), {}}));
  EXPECT_EQ(slots(), app_entry) << "jackin reads this form too";
  workspace(app_names_it);
  workspace("[broken\n", "other");
  ASSERT_TRUE(write_slot(sandbox.paths, {app, AuthKeys::revoked(), keys(app), {}}));
  EXPECT_EQ(slots(), app_entry) << "an unreadable file may name it";
  workspace("", "other");
  workspace(app_names_it);
  ASSERT_TRUE(write_slot(sandbox.paths, {app, AuthKeys::revoked(), keys(app), {}}));
  EXPECT_EQ(slots(), "");
  EXPECT_EQ(keys(app), AuthKeys::revoked());
}

TEST_F(ExternalSlotsTest, VariableFor_OnlyWhatNoOtherMayName) {
  const auto chosen = [&](const std::string* known) { return variable_for(sandbox.paths, app, known).value(); };
  workspace("");
  EXPECT_EQ(chosen(nullptr), app_variable);
  slots(app_entry);
  EXPECT_EQ(chosen(nullptr), "JACKIND_TOKEN_app_no2") << "a file that is away may name it";
  workspace(app_names_it);
  EXPECT_EQ(chosen(&app_variable), app_variable);
  workspace(app_names_it, "other");
  EXPECT_EQ(chosen(&app_variable), "JACKIND_TOKEN_app_no2") << "another layer";
  workspace("", "other");
  sandbox.global("[roles.dev.env]\nX = \"$JACKIND_TOKEN_app\"\n");
  EXPECT_EQ(chosen(&app_variable), "JACKIND_TOKEN_app_no2") << "a mention";
  sandbox.global("");
  workspace("[broken\n", "other");
  const std::string in_doubt = chosen(&app_variable);
  EXPECT_TRUE(in_doubt.starts_with("JACKIND_TOKEN_app_no")) << in_doubt;
  EXPECT_NE(in_doubt, "JACKIND_TOKEN_app_no2") << "the broken file may name any that can be guessed";
  slots("[broken\n");
  EXPECT_FALSE(variable_for(sandbox.paths, app, nullptr));
}

TEST_F(ExternalSlotsTest, Write_NoVariableGiven_ChosenOnce) {
  workspace("");
  workspace(app_names_it, "other");
  slots(app_entry);
  const AuthKeys open = wanted_keys(SlotStyle::external, FileSource{"~/apps"}, {});
  const auto written = write_slot(sandbox.paths, {app, open, {}, {}});
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(keys(app), AuthKeys::external("JACKIND_TOKEN_app_no2", FileSource{"~/apps"}));
  EXPECT_EQ(of(other).source, CredentialSource(FileSource{"~/t"}));
  EXPECT_FALSE(write_slot(sandbox.paths, {app, open, {}, {}})->changed);
}

// As a moved token file changes the keys of a layer: only the source that names it.
TEST_F(ExternalSlotsTest, Write_OnDemandEntryMoved_EntryHasNewSource) {
  workspace("[env]\nCLAUDE_CODE_OAUTH_TOKEN = { value = \"$JACKIND_TOKEN_app\", on_demand = true }\n");
  workspace(app_names_it, "other");
  slots(app_entry);
  AuthKeys wanted = keys(app);
  wanted.env_entry->external = FileSource{"~/moved"};
  ASSERT_TRUE(write_slot(sandbox.paths, {app, wanted, keys(app), {}}));
  EXPECT_EQ(of(other).source, CredentialSource(FileSource{"~/moved"}));
}

TEST_F(ExternalSlotsTest, Write_SlotBesideVariableMoved_EntryUnchanged) {
  workspace("[claude]\noauth_token = { file = \"~/old\" }\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$JACKIND_TOKEN_app\"\n");
  workspace(app_names_it, "other");
  slots(app_entry);
  AuthKeys wanted = keys(app);
  wanted.slot = FileSource{"~/moved"};
  ASSERT_TRUE(write_slot(sandbox.paths, {app, wanted, keys(app), {}}));
  EXPECT_EQ(slots(), app_entry);
  EXPECT_EQ(of(app).source, CredentialSource(FileSource{"~/moved"}));
}

TEST_F(ExternalSlotsTest, Write_JackinsFileFails_EntryAsBefore) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write every file";
  workspace("workdir = \"/a\"\n");
  fs::permissions(sandbox.paths.workspaces_dir(), fs::perms(0500));
  EXPECT_FALSE(write_slot(sandbox.paths, {app, AuthKeys::external(app_variable, FileSource{"~/t"}), {}, {}}));
  fs::permissions(sandbox.paths.workspaces_dir(), fs::perms(0700));
  EXPECT_EQ(slots(), "");
}

TEST_F(ExternalSlotsTest, RemoveLeft_OnlyUnnamedEntriesOfItsSources) {
  const std::string mine = "[tokens.MINE]\noauth_token = { file = \"~/g\" }\n";
  const std::string away = "[tokens.JACKIND_TOKEN_away]\noauth_token = { file = \"~/a\" }\n";
  workspace(app_names_it);
  slots(app_entry + "\n[tokens.JACKIND_TOKEN_gone]\noauth_token = { file = \"~/g\" }\n\n" + away + "\n" + mine);
  ASSERT_TRUE(remove_left("~/g"));
  EXPECT_EQ(slots().find("JACKIND_TOKEN_gone"), std::string::npos);
  for (const std::string& entry : {app_entry, away, mine}) EXPECT_NE(slots().find(entry), std::string::npos) << entry;
  slots(app_entry);
  ASSERT_TRUE(remove_left("~/t"));
  EXPECT_EQ(slots(), app_entry) << "a file names it";
  workspace("[broken\n");
  ASSERT_TRUE(remove_left("~/t"));
  EXPECT_EQ(slots(), app_entry) << "an unreadable file may name it";
  workspace("");
  ASSERT_TRUE(remove_left("~/t"));
  EXPECT_EQ(slots(), "");
  slots("[broken\n");
  EXPECT_TRUE(remove_left("~/t"));
}

TEST_F(ExternalSlotsTest, RemoveLeft_FolderOfWorkspacesEmpty_Kept) {
  fs::create_directories(sandbox.paths.workspaces_dir());
  slots(app_entry);
  ASSERT_TRUE(remove_left("~/t"));
  EXPECT_EQ(slots(), app_entry);
}

TEST_F(ExternalSlotsTest, Write_LastEntryOfLinkedFileRemoved_LinkStays) {
  const auto target = sandbox.home / "slots.toml";
  write_file(target, app_entry);
  fs::create_symlink(target, sandbox.paths.slots_file());
  workspace(app_names_it);
  ASSERT_TRUE(write_slot(sandbox.paths, {app, AuthKeys::revoked(), keys(app), {}}));
  EXPECT_TRUE(fs::is_symlink(sandbox.paths.slots_file()));
  EXPECT_EQ(read_file(target), "");
  workspace("[claude]\nauth_forward = \"oauth_token\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$MINE\"\n", "other");
  EXPECT_EQ(of(other).source, CredentialSource(ClientEnvSource{"MINE"}));
}

TEST_F(ExternalSlotsTest, Write_Literal_NeverInJackinsFile) {
  workspace("workdir = \"/a\"\n");
  fs::permissions(sandbox.workspace_file("app"), fs::perms(0644));
  const auto token = test::literal_source(test::example_token());
  ASSERT_TRUE(write_slot(sandbox.paths, {app, AuthKeys::external(app_variable, token), {}, {}}));
  EXPECT_FALSE(test::shows_token(read_file(sandbox.workspace_file("app")), test::example_token()));
  EXPECT_EQ(fs::status(sandbox.paths.slots_file()).permissions(), fs::perms(0600));
  EXPECT_EQ(of(app).source, token);
}

}  // namespace
}  // namespace jackin::config
