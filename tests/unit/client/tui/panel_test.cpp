// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "client/tui/keymap.hpp"
#include "client/tui/view/view.hpp"
#include "tests/unit/client/tui/sample.hpp"

namespace jackin::tui {
namespace {

std::vector<std::string> names(const Model& model) {
  std::vector<std::string> found;
  for (const PanelLine& line : panel_lines(model)) found.push_back(line.row->scope.str());
  return found;
}

std::string selected(const Model& model) {
  const Row* row = selected_row(model);
  return row == nullptr ? "" : row->scope.str();
}

using Names = std::vector<std::string>;

TEST(Panel, Rows_GlobalFirstThenWorstFirst) {
  EXPECT_EQ(names(sample_model()),
            (Names{"global", "billing", "docs", "infra", "my-app", "my-app:reviewer", "playground", "website"}));
}

TEST(Panel, BlockedRole_WorkspaceSortedByIt) {
  Model model = sample_model();
  Row reviewer = model.rows.at(scope_of("my-app", "reviewer"));
  reviewer.mark = HealthMark::blocked;
  update(model, RowChanged{reviewer});
  EXPECT_EQ(names(model),
            (Names{"global", "billing", "my-app", "my-app:reviewer", "docs", "infra", "playground", "website"}));
}

TEST(Panel, Sort_NextColumnAndSelectionKept) {
  Model model = sample_model();
  press(model, "s");
  EXPECT_EQ(model.panel.sort, Sort::name);
  press(model, "s");
  EXPECT_EQ(names(model)[1], "docs");  // 12 days
  EXPECT_EQ(selected(model), "billing");
  press(model, "S");
  EXPECT_EQ(names(model)[1], "docs");  // checked a day ago
  press(model, "s");
  EXPECT_EQ(model.panel.sort, Sort::worst);
}

TEST(Panel, MovementKeys_SelectionMoves) {
  Model model = sample_model();
  press(model, "j");
  EXPECT_EQ(selected(model), "docs");
  press(model, "k<up><up><up>");
  EXPECT_EQ(selected(model), "global");
  press(model, "<end>");
  EXPECT_EQ(selected(model), "website");
  press(model, "<home>");
  EXPECT_EQ(selected(model), "global");
  press(model, "<pgdn>");
  EXPECT_EQ(selected(model), "website");
  press(model, "<pgup>");
  EXPECT_EQ(selected(model), "global");
}

TEST(Panel, LeftAndRight_HideAndShowRoles) {
  Model model = sample_model();
  model.panel.selected = scope_of("my-app", "reviewer");
  press(model, "<left>");
  EXPECT_EQ(selected(model), "my-app");
  EXPECT_EQ(names(model).size(), 7U);
  EXPECT_EQ(panel_lines(model)[4].hidden_roles, 1U);
  press(model, "<right>");
  EXPECT_EQ(names(model).size(), 8U);
}

TEST(Panel, Filter_LettersAreTextAndEscapeClearsItFirst) {
  Model model = sample_model();
  press(model, "/q");
  EXPECT_EQ(model.panel.filter, "q");
  press(model, "<backspace>1p personal");
  EXPECT_EQ(names(model), (Names{"billing", "my-app"}));
  press(model, "<esc>");
  EXPECT_TRUE(model.panel.is_filtering);
  EXPECT_EQ(model.panel.filter, "");
  press(model, "<esc>");
  EXPECT_FALSE(model.panel.is_filtering);
}

TEST(Panel, FilterMatchesARole_WorkspaceShown) {
  Model model = sample_model();
  press(model, "/review<enter>");
  EXPECT_EQ(names(model), (Names{"my-app", "my-app:reviewer"}));
  EXPECT_EQ(selected(model), "my-app:reviewer");
  press(model, "<esc>");
  EXPECT_EQ(names(model).size(), 8U);
}

TEST(Panel, OtherRowChanges_SelectionKept) {
  Model model = sample_model();
  model.panel.selected = scope_of("my-app");
  Row website = model.rows.at(scope_of("website"));
  website.mark = HealthMark::blocked;
  update(model, RowChanged{website});
  EXPECT_EQ(selected(model), "my-app");
}

TEST(Panel, SelectedRowRemoved_NextRowSelected) {
  Model model = sample_model();
  update(model, RowRemoved{scope_of("billing")});
  EXPECT_EQ(selected(model), "docs");
  model.panel.selected = scope_of("website");
  update(model, RowRemoved{scope_of("website")});
  EXPECT_EQ(selected(model), "playground");
}

TEST(Panel, MarkedRows_ActionsApplyToThem) {
  Model model = sample_model();
  model.panel.selected = scope_of("docs");
  press(model, " ");
  EXPECT_EQ(selected(model), "infra");
  press(model, "<up><up> ");
  EXPECT_EQ(subjects(model), (std::vector<Scope>{scope_of("billing"), scope_of("docs")}));
  press(model, "<esc>");
  EXPECT_TRUE(model.panel.marks.empty());
}

TEST(Panel, ActionDoesNotApply_KeyHasNoEffect) {
  Model model = sample_model();
  model.panel.selected = scope_of("website");
  EXPECT_FALSE(applies(Action::rotate, model));
  EXPECT_TRUE(press(model, "r").empty());
  EXPECT_TRUE(model.dialogs.empty());
  model.panel.selected = scope_of("billing");
  EXPECT_FALSE(applies(Action::generate, model));
  model.panel.selected = scope_of("infra");  // an operation runs
  EXPECT_FALSE(applies(Action::rotate, model));
  EXPECT_FALSE(applies(Action::revoke, model));
}

TEST(Panel, KeyOfATokenDoesNotApply_ReasonShown) {
  const auto said = [](const char* name, const char* key) {
    Model model = sample_model();
    model.panel.selected = scope_of(name);
    press(model, key);
    return model.toast ? model.toast->text : std::string();
  };
  EXPECT_EQ(said("my-app", "g"), "my-app has a token: R replaces it, X removes it");
  EXPECT_EQ(said("website", "r"), "website has no token: G creates one");
  EXPECT_EQ(said("website", "x"), "website has no token: G creates one");
  EXPECT_EQ(said("infra", "x"), "an operation already runs on infra");
  Model model = sample_model();
  model.panel.selected = scope_of("my-app");
  press(model, "<enter>g");
  ASSERT_TRUE(model.toast);
  EXPECT_EQ(model.toast->text, "my-app has a token: R replaces it, X removes it");
  model = sample_model();
  model.panel.marks = {scope_of("playground"), scope_of("website")};
  press(model, "r");
  ASSERT_TRUE(model.toast);
  EXPECT_EQ(model.toast->text, "no marked row has a token to act on");
}

TEST(Panel, TwoDigitsOfMinutes_NotCut) {
  Model model = sample_model();
  Row docs = model.rows.at(scope_of("docs"));
  docs.checked_at = sample_time() - std::chrono::minutes(10);
  update(model, RowChanged{docs});
  EXPECT_NE(screen_text(model).find("10 min\n"), std::string::npos) << screen_text(model);
}

TEST(Toast, Filter_NotHidden) {
  Model model = sample_states().at("panel_toast");
  press(model, "/in");
  update(model, Said{"2 cached tokens were dropped"});
  EXPECT_NE(screen_text(model).find("filter  in"), std::string::npos) << screen_text(model);
}

TEST(Toast, OtherScreen_Gone) {
  Model model = sample_states().at("panel_toast");
  press(model, "j");
  EXPECT_TRUE(model.toast);
  press(model, "?");
  EXPECT_FALSE(model.toast);
}

Row without_details(Row row) {
  row.has_details = false;
  row.holders.clear();
  row.shared_with.clear();
  row.can_delete = false;
  return row;
}

TEST(Panel, RowSelected_DetailsRequestedOnce) {
  Model model = sample_model();
  std::vector<Row> rows;
  for (const auto& [scope, row] : model.rows) rows.push_back(without_details(row));
  const Effects first = update(model, PictureComplete{rows});
  ASSERT_NE(find<WantDetails>(first), nullptr);
  EXPECT_EQ(find<WantDetails>(first)->scope, scope_of("billing"));
  EXPECT_TRUE(update(model, Said{"x"}).empty());
  const Effects next = press(model, "j");
  ASSERT_NE(find<WantDetails>(next), nullptr);
  EXPECT_EQ(find<WantDetails>(next)->scope, *model.panel.selected);
}

TEST(Panel, RowChanges_DetailsOfTheSameTokenKept) {
  Model model = sample_model();
  model.panel.selected = scope_of("my-app");
  const Row known = model.rows.at(scope_of("my-app"));
  const Effects effects = update(model, RowChanged{without_details(known)});
  EXPECT_NE(find<WantDetails>(effects), nullptr);
  EXPECT_EQ(model.rows.at(scope_of("my-app")).holders.size(), known.holders.size());
  Row rotated = without_details(known);
  rotated.fingerprint = "0123456789ab";
  update(model, RowChanged{rotated});
  EXPECT_FALSE(model.rows.at(scope_of("my-app")).has_details);
}

Ticket ticket_of(const Effects& effects) {
  const auto* wanted = find<WantDetails>(effects);
  return wanted == nullptr ? 0 : wanted->ticket;
}

TEST(Details, RowChangedMeanwhile_EarlierAnswerDropped) {
  Model model = sample_model();
  model.panel.selected = scope_of("docs");
  const Row old = model.rows.at(scope_of("docs"));
  const Ticket first = ticket_of(update(model, RowChanged{old}));
  Row rotated = without_details(old);
  rotated.fingerprint = "0123456789ab";
  const Ticket second = ticket_of(update(model, RowChanged{rotated}));
  ASSERT_NE(second, first);
  update(model, DetailsArrived{old, first});
  EXPECT_EQ(model.rows.at(scope_of("docs")).fingerprint, "0123456789ab");
  EXPECT_FALSE(model.rows.at(scope_of("docs")).has_details);
  update(model, DetailsArrived{rotated, second});
  EXPECT_TRUE(model.rows.at(scope_of("docs")).has_details);
}

TEST(Details, RowRemovedMeanwhile_StaysRemoved) {
  Model model = sample_model();
  model.panel.selected = scope_of("docs");
  const Row docs = model.rows.at(scope_of("docs"));
  const Ticket ticket = ticket_of(press(model, "<enter>"));
  ASSERT_NE(ticket, 0U);
  update(model, RowRemoved{scope_of("docs")});
  update(model, DetailsArrived{docs, ticket});
  EXPECT_FALSE(model.rows.contains(scope_of("docs")));
}

TEST(Details, RowChangedWhileAnotherIsSelected_AskedForAnewWhenSelected) {
  Model model = sample_model();
  model.panel.selected = scope_of("billing");
  EXPECT_EQ(ticket_of(update(model, RowChanged{model.rows.at(scope_of("docs"))})), 0U);
  EXPECT_NE(ticket_of(press(model, "j")), 0U);
  ASSERT_EQ(selected(model), "docs");
}

TEST(RevokeBox, RowChanged_TickNotOfferedUntilTheDetailsCome) {
  Model model = sample_states().at("revoke");
  const Row row = model.rows.at(scope_of("my-app"));
  ASSERT_TRUE(applies(Action::tick, model));
  const Ticket ticket = ticket_of(update(model, RowChanged{row}));
  EXPECT_FALSE(applies(Action::tick, model));
  update(model, DetailsArrived{row, ticket});
  EXPECT_TRUE(applies(Action::tick, model));
}

// Another client creates the workspace "shop".
OperationSeen creation_elsewhere() {
  return {.id = "op-5", .scope = scope_of("shop"), .step = Step::mint, .started_by = "jackinctl[4711]"};
}

TEST(ExpectedRow, EndsElsewhere_NeighbourSelected) {
  Model model = sample_model();
  update(model, creation_elsewhere());
  model.panel.selected = scope_of("shop");
  OperationSeen end = creation_elsewhere();
  end.outcome = Error{Reason::cancelled, "cancelled", {}};
  update(model, std::move(end));
  EXPECT_FALSE(model.rows.contains(scope_of("shop")));
  EXPECT_FALSE(selected(model).empty());
}

TEST(ExpectedRow, ConnectionLost_NeighbourSelected) {
  Model model = sample_model();
  update(model, creation_elsewhere());
  model.panel.selected = scope_of("shop");
  update(model, LinkChanged{{.state = Link::State::away}});
  EXPECT_FALSE(model.rows.contains(scope_of("shop")));
  EXPECT_FALSE(selected(model).empty());
}

TEST(ExpectedRow, NothingOfAnExistingRowApplies) {
  Model model = sample_model();
  update(model, creation_elsewhere());
  model.panel.selected = scope_of("shop");
  for (const Action action : {Action::mark, Action::add_role, Action::doctor, Action::rotate, Action::revoke}) {
    EXPECT_FALSE(applies(action, model)) << static_cast<int>(action);
  }
  press(model, " ");
  EXPECT_TRUE(model.panel.marks.empty());
  EXPECT_TRUE(applies(Action::details, model));
}

TEST(ExpectedRow, RoleOfAWorkspaceThatExists_AnotherRoleCanBeAdded) {
  Model model = sample_model();
  OperationSeen role = creation_elsewhere();
  role.scope = scope_of("docs", "ci");
  update(model, std::move(role));
  model.panel.selected = scope_of("docs", "ci");
  EXPECT_TRUE(applies(Action::add_role, model));
  EXPECT_FALSE(applies(Action::doctor, model));
}

// A setup of the new workspace "shop", up to its report on the screen.
Model created_model() {
  Model model = sample_model();
  press(model, "nshop<enter>/work<enter>f<enter>");
  update(model, OperationEnded{model.last_number, TokenReport{}});
  return model;
}

Row shop_row() {
  Row row;
  row.scope = scope_of("shop");
  return row;
}

TEST(ExpectedRow, SetupSucceeds_SelectionFollowsItsRow) {
  Model model = created_model();
  EXPECT_FALSE(model.rows.contains(scope_of("shop")));
  press(model, "<enter>");
  update(model, RowChanged{shop_row()});
  EXPECT_EQ(selected(model), "shop");
}

TEST(ExpectedRow, UserMovedBeforeItsRowComes_SelectionStays) {
  Model model = created_model();
  press(model, "<enter><end>");
  const std::string moved_to = selected(model);
  update(model, RowChanged{shop_row()});
  EXPECT_EQ(selected(model), moved_to);
}

TEST(ExpectedRow, FailedCreation_DoctorNotOfferedInTheReport) {
  Model model = sample_model();
  press(model, "nshop<enter>/work<enter>f<enter>");
  update(model, OperationEnded{model.last_number, Error{Reason::mint_refused, "claude ended", {}}});
  ASSERT_EQ(context_of(model), Context::report);
  EXPECT_FALSE(applies(Action::doctor, model));
}

TEST(Panel, FirstPicture_FirstRowThatIsNotGlobalIsSelected) {
  Model model;
  model.size = {24, 80};
  update(model, LinkChanged{{.state = Link::State::live}});
  Row blocked;
  blocked.scope = scope_of("b");
  blocked.mark = HealthMark::blocked;
  Row fine;
  fine.scope = scope_of("a");
  update(model, PictureComplete{{Row(), fine, blocked}});
  EXPECT_EQ(selected(model), "b");
  blocked.scope = scope_of("0");
  update(model, RowChanged{blocked});
  EXPECT_EQ(selected(model), "b");
}

TEST(Panel, GlobalAlone_FirstRowThatComesIsSelected) {
  Model model;
  model.size = {24, 80};
  update(model, LinkChanged{{.state = Link::State::live}});
  update(model, PictureComplete{{Row()}});
  EXPECT_EQ(selected(model), "global");
  update(model, RowChanged{shop_row()});
  EXPECT_EQ(selected(model), "shop");
}

TEST(Panel, Revoke_DeletionOfferedWhenDetailsArrive) {
  Model model = sample_model();
  const Row known = model.rows.at(scope_of("docs"));
  model.rows.at(scope_of("docs")) = without_details(known);
  model.panel.selected = scope_of("docs");
  const Effects effects = press(model, "x");
  ASSERT_NE(find<WantDetails>(effects), nullptr);
  EXPECT_FALSE(applies(Action::tick, model));
  update(model, DetailsArrived{known, find<WantDetails>(effects)->ticket});
  EXPECT_TRUE(applies(Action::tick, model));
}

TEST(Panel, MarkedRowsHidden_RevokeOpensNoBox) {
  Model model = sample_model();
  model.panel.marks = {scope_of("docs")};
  model.panel.filter = "billing";
  EXPECT_TRUE(press(model, "x").empty());
  EXPECT_TRUE(model.dialogs.empty());
}

TEST(Panel, DaemonAway_NoActionAppliesAndEnterReconnects) {
  Model model = sample_states().at("away");
  for (const Action action :
       {Action::generate, Action::rotate, Action::revoke, Action::doctor, Action::lock, Action::migrate}) {
    EXPECT_FALSE(applies(action, model));
  }
  EXPECT_NE(find<Reconnect>(press(model, "<enter>")), nullptr);
  EXPECT_EQ(names(model).size(), 8U);  // the rows stay
}

TEST(Panel, RowsReadAgain_SelectionKeptAndMarksOfRemovedRowsDropped) {
  Model model = sample_states().at("away");
  model.panel.marks = {scope_of("docs"), scope_of("billing")};
  update(model, LinkChanged{{.state = Link::State::live}});
  update(model, PictureComplete{{model.rows.at(scope_of("billing"))}});
  EXPECT_EQ(model.panel.marks, std::set<Scope>{scope_of("billing")});
  EXPECT_EQ(selected(model), "billing");
}

TEST(Panel, Click_SelectsARowThenOpensIt) {
  Model model = sample_model();
  const PanelLayout layout = panel_layout(model);
  const auto click = [&](int row) {
    Pressed pressed;
    pressed.chunk.emplace_back(Mouse{.kind = Mouse::Kind::press, .row = row, .column = 10});
    return update(model, std::move(pressed));
  };
  click(layout.list + 4);
  EXPECT_EQ(selected(model), "my-app");
  EXPECT_NE(find<WantDetails>(click(layout.list + 4)), nullptr);
  EXPECT_NE(top_as<DetailsView>(model), nullptr);
  click(layout.list + 2);  // the panel is covered
  EXPECT_NE(top_as<DetailsView>(model), nullptr);
}

TEST(Panel, DoubleClickInALongList_OpensTheClickedRow) {
  Model model = sample_model();
  std::vector<Row> rows;
  for (const auto& [scope, row] : model.rows) rows.push_back(row);
  for (int i = 0; i < 40; ++i) {
    rows.emplace_back();
    rows.back().scope = scope_of("w" + std::to_string(100 + i));
  }
  update(model, PictureComplete{rows});
  model.panel.sort = Sort::name;
  model.panel.selected = scope_of("w120");
  press(model, "<down>");
  const PanelLayout layout = panel_layout(model);
  ASSERT_GT(layout.first, 0U);
  const auto click = [&](int row) {
    Pressed pressed;
    pressed.chunk.emplace_back(Mouse{.kind = Mouse::Kind::press, .row = row, .column = 10});
    return update(model, std::move(pressed));
  };
  click(layout.list + 1);
  const std::string chosen = selected(model);
  EXPECT_NE(chosen, "w121");
  EXPECT_EQ(panel_layout(model).first, layout.first);
  click(layout.list + 1);
  ASSERT_NE(top_as<DetailsView>(model), nullptr);
  EXPECT_EQ(top_as<DetailsView>(model)->scope.str(), chosen);
}

TEST(Panel, Wheel_SelectionMoves) {
  Model model = sample_model();
  Pressed pressed;
  pressed.chunk.emplace_back(Mouse{.kind = Mouse::Kind::wheel_down});
  pressed.chunk.emplace_back(Mouse{.kind = Mouse::Kind::wheel_down});
  update(model, std::move(pressed));
  EXPECT_EQ(selected(model), "infra");
}

TEST(Panel, Layout_AnySize_FitsTheScreen) {
  for (const auto& [name, state] : sample_states()) {
    Model model = state;
    for (int rows = 8; rows < 70; ++rows) {
      update(model, Resized{{rows, 80}});
      const PanelLayout layout = panel_layout(model);
      EXPECT_GE(layout.lines, 1) << name << " " << rows;
      EXPECT_LE(layout.list + layout.lines + layout.details + layout.footer, rows) << name << " " << rows;
    }
  }
}

TEST(Panel, LongList_SelectedRowVisible) {
  Model model = sample_model();
  for (int i = 0; i < 1000; ++i) {
    Row row;
    row.scope = scope_of("w" + std::to_string(1000 + i));
    update(model, RowChanged{row});
  }
  for (const char* keys : {"<home>", "<pgdn>", "<pgdn>", "<down>", "<end>", "<up>", "<pgup>"}) {
    press(model, keys);
    const PanelLayout layout = panel_layout(model);
    const std::size_t at = selected_line(model, panel_lines(model));
    EXPECT_GE(at, layout.first);
    EXPECT_LT(at, layout.first + static_cast<std::size_t>(layout.lines));
  }
}

TEST(Panel, MarkedRowsHidden_MessageShownAndMarksKept) {
  for (const char* key : {"g", "r", "x", "d"}) {
    Model model = sample_model();
    model.panel.marks = {scope_of("docs"), scope_of("website")};
    press(model, "/billing<enter>");
    EXPECT_TRUE(press(model, key).empty()) << key;
    EXPECT_TRUE(model.dialogs.empty()) << key;
    EXPECT_EQ(model.panel.marks.size(), 2U) << key;
    ASSERT_TRUE(model.toast) << key;
    EXPECT_EQ(model.toast->text, "nothing was done: the marked rows are hidden");
    EXPECT_TRUE(press(model, key).empty()) << key;
  }
}

TEST(Panel, SelectedRowNoLongerMatches_NextRowSelected) {
  Model model = sample_model();
  Row infra = model.rows.at(scope_of("infra"));
  press(model, "/ok<enter>");
  ASSERT_EQ(names(model)[0], "infra");
  model.panel.selected = scope_of("my-app");
  Row app = model.rows.at(scope_of("my-app"));
  Row reviewer = model.rows.at(scope_of("my-app", "reviewer"));
  reviewer.verdict = "rejected";
  update(model, RowChanged{reviewer});
  EXPECT_EQ(selected(model), "my-app");
  app.verdict = "rejected";
  update(model, RowChanged{app});
  EXPECT_EQ(names(model), Names{"infra"});
  EXPECT_EQ(selected(model), "infra");
}

TEST(Panel, RowsReadAgainWithoutTheSelectedRow_NextRowSelected) {
  Model model = sample_model();
  model.panel.selected = scope_of("my-app");
  std::vector<Row> rows;
  for (const auto& [scope, row] : model.rows) {
    if (scope.workspace_name() != "my-app") rows.push_back(row);
  }
  update(model, PictureComplete{rows});
  EXPECT_EQ(selected(model), "playground");
}

TEST(Panel, SelectedRowMissing_NoActionApplies) {
  Model model = sample_model();
  model.panel.selected = scope_of("gone");
  EXPECT_EQ(selected_row(model), nullptr);
  for (const Action action : {Action::generate, Action::rotate, Action::revoke, Action::doctor, Action::add_role}) {
    EXPECT_FALSE(applies(action, model));
  }
  EXPECT_EQ(panel_layout(model).details > 0, true);
  EXPECT_EQ(render(model, Theme()).size(), model.size);
}

Model queued_model() {
  // A consent is open, and docs is queued.
  return sample_states().at("panel_with_queue");
}

TEST(Queue, QueuedRow_NotQueuedTwice) {
  Model model = queued_model();
  ASSERT_EQ(selected(model), "docs");
  EXPECT_FALSE(applies(Action::rotate, model));
  press(model, "r");
  EXPECT_EQ(model.queue.size(), 1U);
  model.panel.marks = {scope_of("billing"), scope_of("docs")};
  press(model, "r");
  ASSERT_EQ(model.queue.size(), 2U);
  EXPECT_EQ(model.queue[1].scope, scope_of("billing"));
}

TEST(Queue, RevokeOfAQueuedRow_RemovesIt) {
  Model model = queued_model();
  EXPECT_TRUE(press(model, "x").empty());
  EXPECT_TRUE(model.queue.empty());
  EXPECT_TRUE(model.dialogs.empty());
  ASSERT_TRUE(model.toast);
  EXPECT_NE(model.toast->text.find("removed docs from the queue"), std::string::npos);
  press(model, "x");
  EXPECT_NE(top_as<RevokeBox>(model), nullptr);
}

TEST(Queue, QueuedRole_NotQueuedTwice) {
  Model model = queued_model();
  model.queue.push_back({.scope = scope_of("docs", "ci")});
  press(model, "aci<enter>");
  ASSERT_NE(top_as<RoleBox>(model), nullptr);
  EXPECT_NE(top_as<RoleBox>(model)->problem.find("already"), std::string::npos);
}

TEST(Queue, ConnectionLost_StartsWhenTheDaemonIsBack) {
  Model model = queued_model();
  model.queue.push_back({.kind = OperationKind::rotate, .scope = scope_of("billing")});
  const OperationNumber open = open_consent(model)->number;
  const Error lost{Reason::daemon_unreachable, "jackind does not answer", {}};
  // The end of an operation may be reported before the loss of the connection.
  EXPECT_EQ(find<StartRotate>(update(model, OperationEnded{open, lost})), nullptr);
  update(model, LinkChanged{{.state = Link::State::away}});
  EXPECT_EQ(model.queue.size(), 2U);
  const Effects effects = update(model, LinkChanged{{.state = Link::State::live}});
  ASSERT_NE(find<StartRotate>(effects), nullptr);
  EXPECT_EQ(find<StartRotate>(effects)->scope, scope_of("docs"));
  EXPECT_EQ(model.queue.size(), 1U);
}

const Error ends{Reason::cancelled, "jackind ends: cancelled; nothing was changed", Remedy::try_again()};

TEST(Queue, DaemonEnds_WaitsForTheNextOne) {
  Model model = queued_model();
  const OperationNumber open = open_consent(model)->number;
  EXPECT_EQ(find<StartRotate>(update(model, OperationEnded{open, ends, true})), nullptr);
  EXPECT_EQ(find<StartRotate>(press(model, "<enter>")), nullptr);
  EXPECT_EQ(model.queue.size(), 1U);
  update(model, LinkChanged{{.state = Link::State::restarting}});
  const Effects effects = update(model, LinkChanged{{.state = Link::State::live}});
  ASSERT_NE(find<StartRotate>(effects), nullptr);
  EXPECT_EQ(find<StartRotate>(effects)->scope, scope_of("docs"));
}

TEST(Queue, EndIsToldAfterTheNewConnection_NextOneBegins) {
  Model model = queued_model();
  const OperationNumber open = open_consent(model)->number;
  update(model, LinkChanged{{.state = Link::State::restarting}});
  update(model, LinkChanged{{.state = Link::State::live}});
  EXPECT_NE(find<StartRotate>(update(model, OperationEnded{open, ends, true})), nullptr);
}

TEST(Queue, OtherFailure_NextOneBegins) {
  Model model = queued_model();
  const OperationNumber open = open_consent(model)->number;
  EXPECT_NE(find<StartRotate>(update(model, OperationEnded{open, ends})), nullptr);
}

TEST(Queue, DaemonEndsBeforeItHasBegun_WaitsOnce) {
  Model model = sample_model();
  model.panel.selected = scope_of("docs");
  ASSERT_NE(find<StartRotate>(press(model, "r")), nullptr);
  const Error busy{Reason::busy, "jackind is stopping and accepts no new operations", Remedy::restart_daemon()};
  EXPECT_EQ(find<StartRotate>(update(model, OperationEnded{model.last_number, busy, true})), nullptr);
  EXPECT_EQ(model.queue.size(), 1U);
  EXPECT_TRUE(model.dialogs.empty());
  ASSERT_TRUE(model.toast);
  EXPECT_EQ(model.toast->text, "docs starts when jackind answers again");
  update(model, LinkChanged{{.state = Link::State::away}});
  EXPECT_NE(find<StartRotate>(update(model, LinkChanged{{.state = Link::State::live}})), nullptr);
  update(model, OperationEnded{model.last_number, busy, true});
  EXPECT_TRUE(model.queue.empty());
  EXPECT_TRUE(find_operation(model, model.last_number)->has_failed());
}

TEST(Queue, CancelledBeforeItHasBegun_DoesNotWait) {
  Model model = sample_model();
  model.panel.selected = scope_of("docs");
  press(model, "rx");
  update(model, OperationEnded{model.last_number, ends, true});
  EXPECT_TRUE(model.queue.empty());
}

TEST(RevokeBox, RowRemoved_BoxCloses) {
  Model model = sample_states().at("revoke");
  ASSERT_TRUE(top_as<RevokeBox>(model)->can_delete);
  press(model, "?");  // the help covers the box
  update(model, RowRemoved{scope_of("my-app")});
  EXPECT_EQ(render(model, Theme()).size(), model.size);
  press(model, "<esc>");
  EXPECT_TRUE(model.dialogs.empty());
}

TEST(RevokeBox, OneRowRemoved_OtherRowsKept) {
  Model model = sample_states().at("revoke_many");
  update(model, PictureComplete{{model.rows.at(scope_of("billing"))}});
  ASSERT_NE(top_as<RevokeBox>(model), nullptr);
  EXPECT_EQ(top_as<RevokeBox>(model)->scopes, std::vector<Scope>{scope_of("billing")});
  EXPECT_FALSE(top_as<RevokeBox>(model)->can_delete);
  EXPECT_FALSE(top_as<RevokeBox>(model)->delete_item);
  EXPECT_EQ(render(model, Theme()).size(), model.size);
}

TEST(RevokeBox, DetailsOfOneRowMissing_DeletionNotOffered) {
  Model model = sample_model();
  const Row billing = model.rows.at(scope_of("billing"));
  model.rows.at(scope_of("billing")) = without_details(billing);
  model.panel.marks = {scope_of("billing"), scope_of("docs")};
  const Effects effects = press(model, "x");
  ASSERT_NE(find<WantDetails>(effects), nullptr);
  EXPECT_FALSE(applies(Action::tick, model));
  update(model, DetailsArrived{billing, find<WantDetails>(effects)->ticket});
  EXPECT_TRUE(applies(Action::tick, model));
}

TEST(RevokeBox, RowsReadAgainAfterTheTick_DetailsRequestedBeforeTheStart) {
  Model model = sample_states().at("revoke");
  const Row row = model.rows.at(scope_of("my-app"));
  press(model, " ");
  ASSERT_TRUE(top_as<RevokeBox>(model)->delete_item);
  const Effects asked = update(model, PictureComplete{{without_details(row)}});
  ASSERT_NE(find<WantDetails>(asked), nullptr);
  EXPECT_EQ(find<StartRevoke>(press(model, "y")), nullptr);
  ASSERT_NE(top_as<RevokeBox>(model), nullptr);
  update(model, DetailsArrived{row, find<WantDetails>(asked)->ticket});
  const Effects effects = press(model, "y");
  ASSERT_NE(find<StartRevoke>(effects), nullptr);
  EXPECT_TRUE(find<StartRevoke>(effects)->delete_item);
}

TEST(Panel, NoWorkspace_FirstStepsOffered) {
  Model model = sample_states().at("empty");
  EXPECT_EQ(context_of(model), Context::empty);
  press(model, "<enter>");
  EXPECT_NE(top_as<WorkspaceBox>(model), nullptr);
  press(model, "<esc><down><enter>");
  ASSERT_NE(top_as<StorePicker>(model), nullptr);
  EXPECT_EQ(top_as<StorePicker>(model)->purpose.scopes, std::vector<Scope>{Scope::global()});
  press(model, "<esc><down>");
  EXPECT_NE(find<Quit>(press(model, "<enter>")), nullptr);
}

PictureComplete two_rows() {
  PictureComplete picture;
  for (const char* name : {"a", "b"}) {
    Row row;
    row.scope = scope_of(name);
    picture.rows.push_back(std::move(row));
  }
  return picture;
}

TEST(Panel, KeysTypedAhead_AppliedWhenRowsArrive) {
  Model model;
  model.now = sample_time();
  model.size = {24, 80};
  press(model, "j");
  update(model, LinkChanged{{.state = Link::State::live}});
  press(model, "jg");
  EXPECT_TRUE(model.dialogs.empty());
  update(model, two_rows());
  ASSERT_NE(top_as<StorePicker>(model), nullptr);
  EXPECT_EQ(top_as<StorePicker>(model)->purpose.scopes, std::vector<Scope>{scope_of("b")});
  EXPECT_NE(find<Quit>([] {
              Model before;
              return press(before, "jq");
            }()),
            nullptr);
}

TEST(Panel, KeysTypedAheadThenDaemonAway_Dropped) {
  Model model;
  model.now = sample_time();
  model.size = {24, 80};
  press(model, "jg");
  update(model, LinkChanged{{.state = Link::State::away}});
  EXPECT_NE(find<Reconnect>(press(model, "<enter>")), nullptr);
  update(model, LinkChanged{{.state = Link::State::live}});
  update(model, two_rows());
  EXPECT_TRUE(model.dialogs.empty());
}

}  // namespace
}  // namespace jackin::tui
