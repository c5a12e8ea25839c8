// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "client/tui/keymap.hpp"
#include "client/tui/view/view.hpp"
#include "tests/unit/client/tui/sample.hpp"

namespace jackin::tui {
namespace {

using Stage = Walk::Stage;

Model website_model() {
  Model model = sample_model();
  model.panel.selected = scope_of("website");
  return model;
}

void answer_vaults(Model& model) {
  update(model, VaultsArrived{model.last_ticket, {{"V1", "Personal", true}, {"V2", "Work"}}});
}

// Counts the keys that a user presses until a setup starts.
class Strokes {
 public:
  Strokes() : model_(website_model()) {}

  void press_one(std::string_view key) {
    ++count_;
    for (Effect& effect : press(model_, key)) effects_.push_back(std::move(effect));
  }
  Model& model() { return model_; }
  int count() const { return count_; }
  const StartSetup* setup() const { return find<StartSetup>(effects_); }

 private:
  Model model_;
  Effects effects_;
  int count_ = 0;
};

TEST(KeyCount, DefaultStore_TwoKeys) {
  Strokes strokes;
  strokes.press_one("g");
  strokes.press_one("<enter>");
  ASSERT_NE(strokes.setup(), nullptr);
  EXPECT_EQ(strokes.count(), 2);
  EXPECT_EQ(strokes.setup()->scope, scope_of("website"));
  EXPECT_EQ(strokes.setup()->place.store, SourceKind::secret_service);
  EXPECT_NE(top_as<OperationView>(strokes.model()), nullptr);
}

TEST(KeyCount, NewItemIn1Password_SixKeys) {
  Strokes strokes;
  strokes.press_one("g");
  strokes.press_one("p");
  strokes.press_one("<enter>");
  update(strokes.model(), AccountsArrived{strokes.model().last_ticket, {{"A1", "me@example.com", true}}});
  answer_vaults(strokes.model());
  strokes.press_one("<enter>");
  update(strokes.model(), ItemsArrived{strokes.model().last_ticket, {{"I1", "Craft", "secure note"}}});
  strokes.press_one("<enter>");
  strokes.press_one("<enter>");
  ASSERT_NE(strokes.setup(), nullptr);
  EXPECT_EQ(strokes.count(), 6);
  const Place expected{
      .store = SourceKind::op, .account = "A1", .vault = "V1", .item = "Claude", .label = "1P Personal/Claude"};
  EXPECT_EQ(strokes.setup()->place, expected);
}

TEST(KeyCount, FieldOfAnItemWithoutSections_SixKeys) {
  Strokes strokes;
  for (const char* key : {"g", "p", "<enter>"}) strokes.press_one(key);
  update(strokes.model(), AccountsArrived{strokes.model().last_ticket, {}});
  answer_vaults(strokes.model());
  strokes.press_one("<enter>");
  update(strokes.model(), ItemsArrived{strokes.model().last_ticket, {{"I1", "Claude", "API credential"}}});
  press(strokes.model(), "cl");
  strokes.press_one("<enter>");
  update(strokes.model(),
         FieldsArrived{strokes.model().last_ticket, {}, {{"F0", "", "username"}, {"F1", "", "credential"}}});
  strokes.press_one("<enter>");
  ASSERT_NE(strokes.setup(), nullptr);
  EXPECT_EQ(strokes.count(), 6);
  EXPECT_EQ(strokes.setup()->place.item, "I1");
  EXPECT_EQ(strokes.setup()->place.field, "F1");
}

TEST(StorePicker, KeysTypedAhead_AppliedWhenTheListArrives) {
  Model model = website_model();
  model.stores.clear();
  EXPECT_EQ(find<StartSetup>(press(model, "gf<enter>")), nullptr);
  EXPECT_FALSE(top_as<StorePicker>(model)->typed_ahead.empty());
  const Effects effects = update(model, StoresArrived{sample_stores()});
  ASSERT_NE(find<StartSetup>(effects), nullptr);
  EXPECT_EQ(find<StartSetup>(effects)->place.store, SourceKind::file);
}

TEST(StorePicker, KeysTypedAhead_PassedOnTo1Password) {
  Model model = website_model();
  model.stores.clear();
  press(model, "gp<enter>wor<enter><enter> code<enter>");
  update(model, StoresArrived{sample_stores()});
  ASSERT_NE(top_as<Walk>(model), nullptr);
  update(model, AccountsArrived{model.last_ticket, {{"A1", "me@example.com", true}}});
  answer_vaults(model);
  const Effects effects = update(model, ItemsArrived{model.last_ticket, {{"I1", "Craft", "secure note"}}});
  ASSERT_NE(find<StartSetup>(effects), nullptr);
  EXPECT_EQ(find<StartSetup>(effects)->place.vault, "V2");
  EXPECT_EQ(find<StartSetup>(effects)->place.item, "Claude code");
}

TEST(StorePicker, UnavailableStoreTypedAhead_NothingStarted) {
  Model model = website_model();
  model.stores.clear();
  press(model, "gp<enter>");
  std::vector<Store> stores = sample_stores();
  for (Store& store : stores) store.available = store.available && store.kind != SourceKind::op;
  EXPECT_EQ(find<StartSetup>(update(model, StoresArrived{stores})), nullptr);
  EXPECT_NE(top_as<StorePicker>(model), nullptr);
  EXPECT_TRUE(model.toast);
}

TEST(StorePicker, EscapeAfterKeysTypedAhead_KeysDropped) {
  Model model = website_model();
  model.stores.clear();
  press(model, "gf<enter><esc>g");
  EXPECT_EQ(find<StartSetup>(update(model, StoresArrived{sample_stores()})), nullptr);
  EXPECT_NE(top_as<StorePicker>(model), nullptr);
}

TEST(StorePicker, HelpAfterKeysTypedAhead_TheyAreDropped) {
  Model model = website_model();
  model.stores.clear();
  press(model, "gf<enter>?");
  EXPECT_EQ(find<StartSetup>(update(model, StoresArrived{sample_stores()})), nullptr);
  EXPECT_EQ(find<StartSetup>(press(model, "<esc>")), nullptr);
  EXPECT_NE(top_as<StorePicker>(model), nullptr);
}

TEST(StorePicker, KeysTypedBehindTheLastChoice_DoNotReachThePanel) {
  Model model = sample_states().at("panel_while_asking");
  model.stores.clear();
  model.panel.selected = scope_of("playground");
  // The new setup waits for the open consent, so the panel is shown again.
  press(model, "gf<enter>q");
  EXPECT_EQ(find<Quit>(update(model, StoresArrived{sample_stores()})), nullptr);
  EXPECT_EQ(model.queue.size(), 1U);
  EXPECT_TRUE(model.dialogs.empty());
}

TEST(StorePicker, PasteBehindKeysTypedAhead_KeepsItsPlace) {
  Model model = website_model();
  model.stores.clear();
  press(model, "gp<enter>");
  paste(model, "work");
  press(model, "<enter>");
  update(model, StoresArrived{sample_stores()});
  update(model, AccountsArrived{model.last_ticket, {{"A1", "me@example.com", true}}});
  answer_vaults(model);
  ASSERT_NE(top_as<Walk>(model), nullptr);
  EXPECT_EQ(top_as<Walk>(model)->vault, "V2");
}

TEST(Walk, PasteBehindEnterTypedAhead_FiltersTheNextList) {
  Model model = website_model();
  press(model, "gp<enter>wor<enter>");
  paste(model, "cra");
  update(model, AccountsArrived{model.last_ticket, {{"A1", "me@example.com", true}}});
  answer_vaults(model);
  EXPECT_EQ(top_as<Walk>(model)->vault, "V2");
  EXPECT_EQ(top_as<Walk>(model)->view.filter, "cra");
}

TEST(StorePicker, ListFails_ShownAndAskedForAgain) {
  Model model = website_model();
  model.stores.clear();
  press(model, "gf<enter>");
  update(model, StoresFailed{{Reason::timed_out, "jackind stopped answering", {}}});
  EXPECT_FALSE(awaits_list(model));
  EXPECT_TRUE(top_as<StorePicker>(model)->typed_ahead.empty());
  const Cells cells = render(model, Theme());
  EXPECT_EQ(cells.text_of(7), "   ! jackind stopped answering");
  EXPECT_EQ(cells.text_of(8), "     try  ^R");
  EXPECT_NE(find<ListStores>(press(model, "^r")), nullptr);
  EXPECT_TRUE(awaits_list(model));
  EXPECT_EQ(find<StartSetup>(update(model, StoresArrived{sample_stores()})), nullptr);
}

TEST(StorePicker, DaemonIsBack_ListAskedForAgain) {
  Model model = website_model();
  model.stores.clear();
  press(model, "g");
  update(model, StoresFailed{{Reason::daemon_unreachable, "jackind does not answer", {}}});
  update(model, LinkChanged{{.state = Link::State::away}});
  EXPECT_NE(find<ListStores>(update(model, LinkChanged{{.state = Link::State::live}})), nullptr);
}

TEST(StorePicker, NewListAfterAChoice_ChoiceKept) {
  Model model = website_model();
  press(model, "gf");
  std::vector<Store> stores = sample_stores();
  std::rotate(stores.begin(), stores.begin() + 1, stores.end());
  update(model, StoresArrived{stores});
  EXPECT_EQ(model.stores[top_as<StorePicker>(model)->selected].kind, SourceKind::file);
}

TEST(StorePicker, ListArrivesWhileHelpIsOpen_DefaultSelected) {
  Model model = website_model();
  model.stores.clear();
  press(model, "g?");
  update(model, StoresArrived{sample_stores()});
  press(model, "<esc>");
  EXPECT_EQ(model.stores[top_as<StorePicker>(model)->selected].kind, SourceKind::secret_service);
}

TEST(Walk, TextTypedAhead_FiltersTheList) {
  Model model = website_model();
  press(model, "gp<enter>wor");
  update(model, AccountsArrived{model.last_ticket, {{"A1", "me@example.com", true}}});
  answer_vaults(model);
  press(model, "<enter>");
  EXPECT_EQ(top_as<Walk>(model)->vault, "V2");
  press(model, "cr");
  update(model, ItemsArrived{model.last_ticket, {{"I1", "Craft", "secure note"}}});
  press(model, "<enter>");
  EXPECT_EQ(top_as<Walk>(model)->item, "I1");
}

TEST(StorePicker, Letters_SelectStores) {
  Model model = website_model();
  EXPECT_NE(find<ListStores>(press(model, "g")), nullptr);
  press(model, "F");
  EXPECT_EQ(model.stores[top_as<StorePicker>(model)->selected].kind, SourceKind::file);
  press(model, "t");
  EXPECT_EQ(model.stores[top_as<StorePicker>(model)->selected].kind, SourceKind::literal);
  press(model, "o<up><up><up>");
  EXPECT_EQ(model.stores[top_as<StorePicker>(model)->selected].kind, SourceKind::op);
  EXPECT_EQ(find<StartSetup>(press(model, "<down><down><down><down><enter>")), nullptr);  // the keychain of macOS
  EXPECT_TRUE(model.toast);
  press(model, "<esc>");
  EXPECT_TRUE(model.dialogs.empty());
}

TEST(Walk, EachStage_ListRequestedAndDefaultSelected) {
  Model model = website_model();
  EXPECT_NE(find<ListAccounts>(press(model, "gp<enter>")), nullptr);
  update(model, AccountsArrived{model.last_ticket, {{"A1", "me"}, {"A2", "work", true}}});
  EXPECT_EQ(top_as<Walk>(model)->view.selected, 1U);
  const Effects vaults = press(model, "<enter>");
  ASSERT_NE(find<ListVaults>(vaults), nullptr);
  EXPECT_EQ(find<ListVaults>(vaults)->account, "A2");
  answer_vaults(model);
  const Effects items = press(model, "<down><enter>");
  ASSERT_NE(find<ListItems>(items), nullptr);
  EXPECT_EQ(find<ListItems>(items)->vault, "V2");
}

TEST(Walk, AnswerToAStoppedRequest_Dropped) {
  Model model = website_model();
  press(model, "gp<enter>");
  const Ticket first = model.last_ticket;
  const Effects effects = press(model, "^r");
  ASSERT_NE(find<StopListing>(effects), nullptr);
  EXPECT_EQ(find<StopListing>(effects)->ticket, first);
  update(model, AccountsArrived{first, {{"A1", "me"}, {"A2", "work"}}});
  EXPECT_TRUE(top_as<Walk>(model)->view.lines.empty());
  EXPECT_NE(find<StopListing>(press(model, "<esc>")), nullptr);
  update(model, AccountsArrived{model.last_ticket, {{"A1", "me"}}});
  EXPECT_NE(top_as<StorePicker>(model), nullptr);
}

TEST(Walk, Escape_ClearsTheFilterThenGoesBackWithoutARequest) {
  Model model = sample_states().at("walk_filter");
  press(model, "<esc>");
  EXPECT_EQ(top_as<Walk>(model)->view.stage, Stage::item);
  EXPECT_EQ(top_as<Walk>(model)->view.filter, "");
  EXPECT_TRUE(press(model, "<esc>").empty());
  EXPECT_EQ(top_as<Walk>(model)->view.stage, Stage::vault);
  EXPECT_EQ(top_as<Walk>(model)->view.lines.size(), 2U);
  press(model, "<esc>");
  EXPECT_EQ(top_as<Walk>(model)->view.stage, Stage::account);
  press(model, "<esc>");
  EXPECT_NE(top_as<StorePicker>(model), nullptr);
}

TEST(Walk, Filter_KeepsNewItemAndSelectsTheFirstMatch) {
  Model model = sample_states().at("walk_items");
  press(model, "CR");
  const Walk& walk = *top_as<Walk>(model);
  const auto lines = filtered_lines(walk.view);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0]->kind, Walk::Line::Kind::create);
  EXPECT_EQ(lines[walk.view.selected]->name, "Claude credentials");
  press(model, "<backspace><backspace>jkgpoft/? q");
  EXPECT_EQ(top_as<Walk>(model)->view.filter, "jkgpoft/? q");
}

TEST(Walk, UnusableItem_NotAccepted) {
  Model model = sample_states().at("walk_filter");
  EXPECT_TRUE(press(model, "<end><enter>").empty());
  EXPECT_EQ(top_as<Walk>(model)->view.stage, Stage::item);
  EXPECT_TRUE(model.toast);
}

TEST(Walk, Refresh_OldLinesAndSelectionKept) {
  Model model = sample_states().at("walk_items");
  press(model, "<down><down>^r");
  const Walk& walk = *top_as<Walk>(model);
  EXPECT_EQ(walk.view.lines.size(), 44U);
  update(model, ItemsArrived{model.last_ticket, {{"I0", "A new one", ""}, {"I2", "Craft", "secure note"}}});
  EXPECT_EQ(filtered_lines(walk.view)[walk.view.selected]->id, "I2");
}

TEST(Walk, ListingFails_ErrorShownAndLinesKept) {
  Model model = sample_states().at("walk_failed");
  EXPECT_TRUE(top_as<Walk>(model)->failure);
  EXPECT_EQ(top_as<Walk>(model)->view.lines.size(), 44U);
  press(model, "^r");
  EXPECT_FALSE(top_as<Walk>(model)->failure);
}

TEST(Walk, SectionSelected_OnlyItsFieldsListed) {
  Model model = sample_states().at("walk_sections");
  press(model, "<down><enter>");
  const Walk& walk = *top_as<Walk>(model);
  EXPECT_EQ(walk.view.stage, Stage::field);
  EXPECT_EQ(walk.view.lines.size(), 3U);  // credential, notes, new
  EXPECT_EQ(walk.view.selected, 0U);
  const Effects effects = press(model, "<enter>");
  const auto* setup = find<StartSetup>(effects);
  ASSERT_NE(setup, nullptr);
  EXPECT_EQ(setup->place.section, "S1");
  EXPECT_EQ(setup->place.field, "F1");
  EXPECT_EQ(setup->place.item, "I1");
}

TEST(Walk, NewSectionAndNewField_TypedNamesUsed) {
  Model model = sample_states().at("walk_sections");
  press(model, "<end><enter>CI<enter>");
  EXPECT_FALSE(top_as<Walk>(model)->view.problem.empty());
  press(model, "<backspace><backspace><enter>");
  EXPECT_EQ(top_as<Walk>(model)->view.problem, "type a name");
  press(model, "mine<enter><enter>");
  EXPECT_EQ(top_as<Walk>(model)->view.stage, Stage::field_name);
  EXPECT_EQ(top_as<Walk>(model)->view.text, "credential");
  const Effects effects = press(model, "<enter>");
  const auto* setup = find<StartSetup>(effects);
  ASSERT_NE(setup, nullptr);
  EXPECT_EQ(setup->place.section, "mine");
  EXPECT_EQ(setup->place.field, "credential");
}

TEST(Walk, NewSectionAbandoned_ExistingFieldKeepsItsPlace) {
  Model model = sample_states().at("walk_items");
  press(model, "claude<enter>");
  update(model, FieldsArrived{model.last_ticket, {}, {{"F1", "", "credential"}}});
  press(model, "<end><enter>mine<enter>");
  ASSERT_TRUE(top_as<Walk>(model)->is_new_section);
  press(model, "<esc><esc>");
  ASSERT_EQ(top_as<Walk>(model)->view.stage, Stage::field);
  EXPECT_FALSE(top_as<Walk>(model)->is_new_section);
  const Effects effects = press(model, "<home><enter>");
  const auto* setup = find<StartSetup>(effects);
  ASSERT_NE(setup, nullptr);
  EXPECT_EQ(setup->place.section, "");
  EXPECT_EQ(setup->place.field, "F1");
}

TEST(Walk, NewSectionNamedAgain_FirstNameForgotten) {
  Model model = sample_states().at("walk_sections");
  press(model, "<end><enter>mine<enter><esc>");
  EXPECT_EQ(top_as<Walk>(model)->section, "");
  press(model, "<esc><home><down><enter>");
  EXPECT_EQ(top_as<Walk>(model)->section, "S1");
  EXPECT_FALSE(top_as<Walk>(model)->is_new_section);
}

TEST(Walk, FieldsArriveWhileTypingAName_TypedNameUsed) {
  Model model = sample_states().at("walk_fields");
  press(model, "^r");
  const Ticket asked = model.last_ticket;
  const Effects effects = press(model, "<end><enter>");
  ASSERT_NE(find<StopListing>(effects), nullptr);
  EXPECT_EQ(find<StopListing>(effects)->ticket, asked);
  press(model, "^utoken");
  update(model, FieldsArrived{asked, {{"S1", "ci"}}, {{"F1", "S1", "credential", true}}});
  EXPECT_EQ(top_as<Walk>(model)->view.stage, Stage::field_name);
  const Effects taken = press(model, "<enter>");
  const auto* setup = find<StartSetup>(taken);
  ASSERT_NE(setup, nullptr);
  EXPECT_EQ(setup->place.field, "token");
}

TEST(Walk, FieldsArriveInANameStage_Dropped) {
  Model model = sample_states().at("walk_fields");
  press(model, "<end><enter>");
  Walk& walk = *top_as<Walk>(model);
  walk.ticket = 77;
  update(model, FieldsArrived{77, {}, {{"F9", "", "credential"}}});
  EXPECT_EQ(walk.view.stage, Stage::field_name);
}

TEST(Walk, SectionSelected_OpenRequestStopped) {
  Model model = sample_states().at("walk_sections");
  press(model, "^r");
  EXPECT_NE(find<StopListing>(press(model, "<down><enter>")), nullptr);
  EXPECT_EQ(top_as<Walk>(model)->ticket, 0U);
}

TEST(Walk, ItemSelected_OpenRequestStopped) {
  Model model = sample_states().at("walk_items");
  press(model, "^r");
  EXPECT_NE(find<StopListing>(press(model, "<enter>")), nullptr);
  EXPECT_EQ(top_as<Walk>(model)->ticket, 0U);
}

TEST(Walk, FieldsRefreshed_SelectionOnNewFieldKept) {
  Model model = sample_states().at("walk_fields");
  press(model, "<end>^r");
  update(model, FieldsArrived{model.last_ticket, {{"S1", "ci"}}, {{"F0", "S1", "a"}, {"F1", "S1", "credential"}}});
  const Walk& walk = *top_as<Walk>(model);
  EXPECT_EQ(filtered_lines(walk.view)[walk.view.selected]->kind, Walk::Line::Kind::create);
}

TEST(Walk, DefaultDoesNotMatchTheFilter_FirstMatchSelected) {
  Model model = website_model();
  press(model, "gp<enter>");
  update(model, AccountsArrived{model.last_ticket, {{"A1", "me@example.com", true}, {"A2", "work@example.com"}}});
  press(model, "<enter>work");
  update(model, VaultsArrived{model.last_ticket, {{"V1", "Work"}, {"V2", "Workshop"}, {"V3", "My network", true}}});
  const Walk& walk = *top_as<Walk>(model);
  EXPECT_EQ(filtered_lines(walk.view)[walk.view.selected]->id, "V1");
}

TEST(Walk, SelectedLineRemoved_FirstMatchSelected) {
  Model model = sample_states().at("walk_items");
  press(model, "cr<down>^r");
  const Walk& walk = *top_as<Walk>(model);
  ASSERT_EQ(filtered_lines(walk.view)[walk.view.selected]->id, "I2");
  update(model, ItemsArrived{model.last_ticket, {{"I0", "Other", ""}, {"I4", "Credit", "login"}}});
  EXPECT_EQ(filtered_lines(walk.view)[walk.view.selected]->id, "I4");
}

TEST(Walk, NewItem_TabLetsTheUserChooseTheField) {
  Model model = sample_states().at("walk_title");
  press(model, " two<tab><down><enter>");
  EXPECT_EQ(top_as<Walk>(model)->view.stage, Stage::field_name);
  const Effects effects = press(model, "^utoken<enter>");
  const auto* setup = find<StartSetup>(effects);
  ASSERT_NE(setup, nullptr);
  EXPECT_EQ(setup->place.item, "Claude two");
  EXPECT_EQ(setup->place.field, "token");
}

TEST(Walk, SeveralRows_NewItemForEach) {
  Model model = sample_model();
  model.panel.marks = {scope_of("website"), scope_of("playground")};
  press(model, "gp<enter>");
  update(model, AccountsArrived{model.last_ticket, {}});
  answer_vaults(model);
  press(model, "<enter>");
  update(model, ItemsArrived{model.last_ticket, {{"I1", "Claude", "API credential"}}});
  EXPECT_FALSE(top_as<Walk>(model)->view.lines[1].usable);
  const Effects effects = press(model, "<enter><enter>");
  ASSERT_NE(find<StartSetup>(effects), nullptr);
  EXPECT_EQ(find<StartSetup>(effects)->place.item, "Claude {ws}");
  EXPECT_EQ(model.queue.size(), 1U);  // one consent after the other
}

TEST(Walk, OpenRequest_ScreenChangesEverySecondFor30Seconds) {
  Model model = website_model();
  press(model, "gp<enter>");
  const auto next = next_change(model, true);
  ASSERT_TRUE(next);
  EXPECT_EQ(*next - model.now, std::chrono::seconds(1));
  EXPECT_EQ(*next_change(model, false) - model.now, std::chrono::seconds(30));
}

TEST(Paste, CredentialInATextField_Refused) {
  const std::string credential =
      "sk-ant-"
      "oat01-" +
      std::string(80, 'A');
  for (const char* state : {"panel_filter", "walk_items", "walk_title", "role", "new_workspace"}) {
    Model model = sample_states().at(state);
    const Model before = model;
    EXPECT_TRUE(paste(model, " " + credential + "\n").empty()) << state;
    ASSERT_TRUE(model.toast) << state;
    EXPECT_EQ(model.toast->text, "the pasted text was ignored: it contains a Claude credential");
    EXPECT_EQ(model.panel.filter, before.panel.filter);
    if (const auto* walk = top_as<Walk>(model)) {
      EXPECT_EQ(walk->view.filter, "");
      EXPECT_EQ(walk->view.text, top_as<Walk>(before)->view.text);
    }
    if (const auto* role = top_as<RoleBox>(model)) {
      EXPECT_EQ(role->text, top_as<RoleBox>(before)->text);
    }
    if (const auto* box = top_as<WorkspaceBox>(model)) {
      EXPECT_EQ(box->folder, top_as<WorkspaceBox>(before)->folder);
    }
  }
}

TEST(TextField, TextTooLong_EndVisible) {
  const std::string text = std::string(200, 'x') + "-the-end";
  for (const char* state : {"role", "new_workspace", "walk_title"}) {
    Model model = sample_states().at(state);
    if (auto* role = top_as<RoleBox>(model)) role->text = text;
    if (auto* box = top_as<WorkspaceBox>(model)) box->folder = text;
    if (auto* walk = top_as<Walk>(model)) walk->view.text = text;
    const Cells cells = render(model, Theme());
    bool is_shown = false;
    for (int row = 0; row < cells.size().rows; ++row) {
      is_shown = is_shown || cells.text_of(row).find("-the-end") != std::string::npos;
    }
    EXPECT_TRUE(is_shown) << state;
    ASSERT_TRUE(cells.cursor) << state;
    EXPECT_EQ(cells.at(cells.cursor->row, cells.cursor->column - 1).text, "d") << state;
  }
}

TEST(RoleBox, InvalidName_ProblemShown) {
  Model model = sample_model();
  model.panel.selected = scope_of("my-app");
  press(model, "aCI bot<enter>");
  ASSERT_NE(top_as<RoleBox>(model), nullptr);
  EXPECT_FALSE(top_as<RoleBox>(model)->problem.empty());
  press(model, "^ureviewer<enter>");
  EXPECT_NE(top_as<RoleBox>(model)->problem.find("already has a token"), std::string::npos);
  press(model, "^uci<enter>");
  ASSERT_NE(top_as<StorePicker>(model), nullptr);
  EXPECT_EQ(top_as<StorePicker>(model)->purpose.scopes, std::vector<Scope>{scope_of("my-app", "ci")});
}

TEST(WorkspaceBox, NameAndFolder_SetupCreatesTheWorkspace) {
  Model model = sample_model();
  press(model, "n<enter>");
  EXPECT_FALSE(top_as<WorkspaceBox>(model)->problem.empty());
  press(model, "billing<enter>");
  EXPECT_NE(top_as<WorkspaceBox>(model)->problem.find("exists"), std::string::npos);
  press(model, "^ushop<tab>src<enter>");
  EXPECT_FALSE(top_as<WorkspaceBox>(model)->problem.empty());
  press(model, "^u~/src/shop<enter>");
  ASSERT_NE(top_as<StorePicker>(model), nullptr);
  const Effects effects = press(model, "<enter>");
  const auto* setup = find<StartSetup>(effects);
  ASSERT_NE(setup, nullptr);
  EXPECT_TRUE(setup->create);
  EXPECT_EQ(setup->workdir, "/home/me/src/shop");
  EXPECT_EQ(model.dialogs.size(), 1U);
}

TEST(WorkspaceBox, NoFolderTyped_FolderOfTheStartTaken) {
  Model model = sample_model();
  model.facts.folder = "/home/me/shop";
  press(model, "nshop<enter>");
  EXPECT_NE(screen_text(model).find("folder   /home/me/shop"), std::string::npos) << screen_text(model);
  press(model, "<enter>");
  const Effects effects = press(model, "<enter>");
  ASSERT_NE(find<StartSetup>(effects), nullptr);
  EXPECT_EQ(find<StartSetup>(effects)->workdir, "/home/me/shop");
}

}  // namespace
}  // namespace jackin::tui
