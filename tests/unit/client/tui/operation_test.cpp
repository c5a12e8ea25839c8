// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "client/tui/keymap.hpp"
#include "client/tui/view/view.hpp"
#include "tests/unit/client/tui/sample.hpp"

namespace jackin::tui {
namespace {

using namespace std::chrono_literals;

Model asking() {
  return sample_states().at("consent");
}

const Operation& operation(const Model& model) {
  return *find_operation(model, top_as<OperationView>(model)->number);
}

TEST(Consent, KeysOfOneChunk_SentToClaudeInOnePiece) {
  Model model = asking();
  const Effects effects = press_at_once(model, "code-with-j-k-q?");
  ASSERT_EQ(effects.size(), 1U);
  const auto* keys = find<SendKeys>(effects);
  ASSERT_NE(keys, nullptr);
  EXPECT_EQ(keys->bytes.view(), "code-with-j-k-q?");
  EXPECT_TRUE(keys_go_to_claude(model));
}

TEST(Consent, EnterAndArrows_SentToClaudeUnchanged) {
  Model model = asking();
  const Effects effects = press_at_once(model, "c<left><backspace><enter>");
  ASSERT_EQ(effects.size(), 1U);
  EXPECT_EQ(find<SendKeys>(effects)->bytes.view(), "c\x1b[D\x7f\r");
}

TEST(Consent, EnterOnTheEmptyLine_NotSent) {
  Model model = asking();
  EXPECT_TRUE(press(model, "<enter><enter>").empty());
  ASSERT_TRUE(model.toast);
  EXPECT_EQ(model.toast->text, "paste the code first, then press Enter");
  EXPECT_NE(find<SendKeys>(press(model, "abc")), nullptr);
  const Effects effects = press(model, "<enter>");
  ASSERT_NE(find<SendKeys>(effects), nullptr);
  EXPECT_EQ(find<SendKeys>(effects)->bytes.view(), "\r");
  EXPECT_TRUE(press(model, "<enter>").empty());
}

TEST(Consent, EnterBeforeTheLink_Sent) {
  Model model = asking();
  find_operation(model, model.last_number)->authorize_url.clear();
  EXPECT_NE(find<SendKeys>(press(model, "<enter>")), nullptr);
}

TEST(QrCode, AnyKey_ClosesItAndIsNotSent) {
  for (const char* keys : {"x", "<esc>", "<enter>", "abc#def", "<esc>abc"}) {
    Model model = asking();
    update(model, Resized{{45, 120}});
    press(model, "^gq");
    ASSERT_EQ(context_of(model), Context::qr);
    EXPECT_TRUE(keys_go_to_claude(model));  // so that a code is one chunk
    EXPECT_TRUE(press_at_once(model, keys).empty()) << keys;
    EXPECT_EQ(context_of(model), Context::asking) << keys;
  }
}

TEST(QrCode, Paste_SentAsTheCode) {
  Model model = asking();
  update(model, Resized{{45, 120}});
  press(model, "^gq");
  EXPECT_NE(find<SendCode>(paste(model, "abc#def")), nullptr);
  EXPECT_EQ(context_of(model), Context::asking);
}

TEST(QrCode, WindowTooSmall_KeysGoToClaude) {
  Model model = asking();
  press(model, "^gq");
  EXPECT_EQ(context_of(model), Context::asking);
  EXPECT_NE(find<SendKeys>(press(model, "x")), nullptr);
}

TEST(Consent, Paste_SentAsTheCode) {
  Model model = asking();
  const Effects effects = paste(model, "  abc#def\r\n");
  ASSERT_EQ(effects.size(), 1U);
  ASSERT_NE(find<SendCode>(effects), nullptr);
  EXPECT_EQ(find<SendCode>(effects)->code.view(), "abc#def");
}

TEST(Consent, PasteAfterASeparateEscape_SentAsTheCode) {
  Model model = asking();
  press(model, "<esc>");
  EXPECT_TRUE(top_as<OperationView>(model)->is_menu_open);
  const Effects effects = paste(model, "cabc");
  ASSERT_NE(find<SendCode>(effects), nullptr);
  EXPECT_EQ(find<SendCode>(effects)->code.view(), "cabc");
  EXPECT_FALSE(top_as<OperationView>(model)->is_menu_open);
}

TEST(Consent, EnterRightBehindThePaste_DoesNotLeaveTheReport) {
  Model model = asking();
  const OperationNumber number = model.last_number;
  paste(model, "abc#def");
  update(model, StepReached{number, Step::captured, {}});
  update(model, OperationEnded{number, TokenReport{}});
  press(model, "<enter>");
  EXPECT_EQ(context_of(model), Context::report);
  press(model, "<enter>");
  EXPECT_TRUE(model.dialogs.empty());
}

TEST(Consent, EnterLongAfterThePaste_LeavesTheReport) {
  Model model = asking();
  paste(model, "abc#def");
  update(model, OperationEnded{model.last_number, TokenReport{}});
  update(model, TimePassed{model.now + 2s});
  press(model, "<enter>");
  EXPECT_TRUE(model.dialogs.empty());
}

TEST(Consent, EnterBehindThePasteWhileClaudeAsks_GoesToClaude) {
  Model model = asking();
  paste(model, "abc#def");
  EXPECT_NE(find<SendKeys>(press(model, "<enter>")), nullptr);
}

TEST(Consent, EmptyOrCutPaste_NoCodeSent) {
  Model model = asking();
  EXPECT_TRUE(paste(model, " \r\n").empty());
  EXPECT_TRUE(paste(model, "abc", true).empty());
  EXPECT_TRUE(model.toast);
}

TEST(Consent, Escape_DoesNotCancel) {
  Model model = asking();
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(press(model, "<esc>").empty());
  EXPECT_FALSE(operation(model).has_ended());
}

TEST(Consent, MenuKeys_CopyOpenAndPanel) {
  Model model = asking();
  const Effects copied = press(model, "^gc");
  ASSERT_NE(find<Copy>(copied), nullptr);
  EXPECT_EQ(find<Copy>(copied)->text, operation(model).authorize_url);
  const Effects opened = press(model, "^go");
  ASSERT_NE(find<OpenBrowser>(opened), nullptr);
  EXPECT_EQ(find<OpenBrowser>(opened)->url, operation(model).authorize_url);
  press(model, "^gp");
  EXPECT_TRUE(model.dialogs.empty());
  model.panel.selected = scope_of("website");
  press(model, "<enter>");
  EXPECT_TRUE(keys_go_to_claude(model));
}

TEST(Consent, NewWorkspace_RowOpensTheOperation) {
  Model model = sample_model();
  press(model, "nshop<enter>/work<enter>f<enter>");
  const OperationNumber number = model.last_number;
  ASSERT_EQ(operation(model).scope, scope_of("shop"));
  press(model, "<esc>");
  ASSERT_TRUE(model.dialogs.empty());
  ASSERT_NE(selected_row(model), nullptr);
  EXPECT_EQ(selected_row(model)->scope, scope_of("shop"));
  EXPECT_FALSE(applies(Action::generate, model));
  press(model, "<enter>");
  ASSERT_NE(top_as<OperationView>(model), nullptr);
  EXPECT_EQ(top_as<OperationView>(model)->number, number);
  update(model, OperationEnded{number, Error{Reason::cancelled, "cancelled; nothing was changed", {}}});
  EXPECT_FALSE(model.rows.contains(scope_of("shop")));
}

TEST(Consent, MenuWithArrows_EntrySelected) {
  Model model = asking();
  EXPECT_NE(find<Copy>(press(model, "<esc><right><left><enter>")), nullptr);
}

TEST(Consent, SecondInterrupt_Cancels) {
  Model model = asking();
  EXPECT_TRUE(press(model, "^c").empty());
  const auto entries = menu_bindings(model);
  EXPECT_TRUE(std::any_of(entries.begin(), entries.end(),
                          [](const Binding* entry) { return entry->action == Action::cancel; }));
  EXPECT_EQ(top_as<OperationView>(model)->menu_choice, Action::cancel);
  const Effects effects = press(model, "^c");
  ASSERT_NE(find<Cancel>(effects), nullptr);
  EXPECT_EQ(find<Cancel>(effects)->id, "op-9");
}

TEST(Consent, LinkArrivesWhileTheMenuIsOpen_SelectionKept) {
  Model model = asking();
  find_operation(model, model.last_number)->authorize_url.clear();
  press(model, "^c");
  update(model, LinkArrived{model.last_number, "https://claude.com/cai/oauth/authorize"});
  const Effects effects = press(model, "<enter>");
  EXPECT_EQ(find<OpenBrowser>(effects), nullptr);
  EXPECT_NE(find<Cancel>(effects), nullptr);
}

TEST(Consent, InterruptInTheMenu_SelectsCancelFirst) {
  Model model = asking();
  EXPECT_TRUE(press(model, "<esc>^c").empty());
  EXPECT_NE(find<Cancel>(press(model, "^c")), nullptr);
}

TEST(Consent, Capture_MenuClosesAndKeysNoLongerGoToClaude) {
  Model model = asking();
  press(model, "^g");
  update(model, StepReached{model.last_number, Step::captured, {}});
  EXPECT_EQ(context_of(model), Context::steps);
  EXPECT_FALSE(applies(Action::cancel, model));
  EXPECT_TRUE(press_at_once(model, "abc").empty());
}

TEST(Consent, Resize_WidthOfThePaneSentToClaude) {
  Model model = asking();
  const Effects effects = update(model, Resized{{15, 60}});
  ASSERT_NE(find<ResizeClaude>(effects), nullptr);
  EXPECT_EQ(find<ResizeClaude>(effects)->size.columns, 60);  // without a frame
  EXPECT_TRUE(update(model, Resized{{14, 60}}).empty());
  const Effects wide = update(model, Resized{{24, 80}});
  ASSERT_NE(find<ResizeClaude>(wide), nullptr);
  EXPECT_EQ(find<ResizeClaude>(wide)->size.columns, 76);
}

TEST(Consent, PaneTooSmall_EmptyRowsDroppedFirst) {
  Model model = asking();
  update(model, Resized{{13, 80}});
  const Cells cells = render(model, Theme());
  std::string text;
  for (int row = 0; row < cells.size().rows; ++row) text += cells.text_of(row) + "\n";
  EXPECT_NE(text.find("Browser didn't open?"), std::string::npos) << text;
  EXPECT_NE(text.find("Paste code here"), std::string::npos) << text;
}

TEST(Consent, OtherConsentOpen_QueuedUntilTheCapture) {
  Model model = asking();
  press(model, "^gp");
  model.panel.selected = scope_of("docs");
  EXPECT_TRUE(press(model, "r").empty());
  EXPECT_EQ(model.queue.size(), 1U);
  const OperationNumber first = model.last_number;
  const Effects effects = update(model, StepReached{first, Step::captured, {}});
  ASSERT_NE(find<StartRotate>(effects), nullptr);
  EXPECT_EQ(find<StartRotate>(effects)->scope, scope_of("docs"));
  EXPECT_TRUE(model.dialogs.empty());  // the panel stays
}

TEST(Consent, SeveralConsents_NextShownAfterTheReport) {
  Model model = sample_model();
  model.panel.marks = {scope_of("billing"), scope_of("docs")};
  const Effects effects = press(model, "r");
  ASSERT_EQ(effects.size(), 1U);
  const OperationNumber first = model.last_number;
  EXPECT_NE(find<StartRotate>(update(model, StepReached{first, Step::captured, {}})), nullptr);
  update(model, OperationEnded{first, TokenReport{}});
  EXPECT_EQ(top_as<OperationView>(model)->number, first);
  press(model, "<enter>");
  ASSERT_NE(top_as<OperationView>(model), nullptr);
  EXPECT_EQ(top_as<OperationView>(model)->number, first + 1);
}

TEST(Steps, RunningStep_EarlierStepsDone) {
  const Model model = sample_states().at("steps");
  const Operation& steps = operation(model);
  EXPECT_EQ(step_number(steps), 5U);
  EXPECT_EQ(steps.steps[3].state, StepState::done);
  EXPECT_EQ(steps.steps[4].state, StepState::running);
  EXPECT_EQ(steps.steps[5].state, StepState::waiting);
  EXPECT_TRUE(steps.runs_to_end);
}

TEST(Steps, Failure_RunningStepFailed) {
  const Model model = sample_states().at("report_failed");
  EXPECT_EQ(operation(model).steps[4].state, StepState::failed);
  EXPECT_EQ(operation(model).steps[5].state, StepState::waiting);
}

TEST(Steps, SkippedSteps_Removed) {
  Model model = sample_states().at("consent");
  update(model, StepReached{model.last_number, Step::captured, {}});
  update(model, StepReached{model.last_number, Step::write_config, {}});  // no check, plain text
  std::vector<Step> steps;
  for (const StepLine& line : operation(model).steps) steps.push_back(line.step);
  EXPECT_EQ(steps, (std::vector<Step>{Step::program, Step::mint, Step::captured, Step::write_config, Step::record}));
}

TEST(Steps, Revocation_StepsTakenFromOperationsWatch) {
  Model model = sample_model();
  model.panel.selected = scope_of("my-app");
  press(model, "xy");
  update(model, OperationNamed{model.last_number, "op-9"});
  update(model,
         OperationSeen{.id = "op-9", .kind = OperationKind::revoke, .scope = scope_of("my-app"), .step = Step::forget});
  EXPECT_EQ(operation(model).steps.back().state, StepState::running);
  EXPECT_TRUE(operation(model).runs_to_end);
}

TEST(Revoke, CancelledBeforeTheIdArrives_CancelSentWithTheId) {
  Model model = sample_model();
  model.panel.selected = scope_of("my-app");
  press(model, "xy");
  const OperationNumber number = model.last_number;
  press(model, "x");
  const Effects effects = update(model, OperationNamed{number, "op-9"});
  ASSERT_NE(find<Cancel>(effects), nullptr);
  EXPECT_EQ(find<Cancel>(effects)->id, "op-9");
  EXPECT_EQ(find<Cancel>(update(model, OperationNamed{number, "op-9"})), nullptr);
}

TEST(Revoke, NotCancelled_IdSendsNoCancel) {
  Model model = sample_model();
  model.panel.selected = scope_of("my-app");
  press(model, "xy");
  EXPECT_EQ(find<Cancel>(update(model, OperationNamed{model.last_number, "op-9"})), nullptr);
}

TEST(ReportedOperation, OperationNoLongerReported_Removed) {
  Model model = sample_states().at("panel_elsewhere");
  update(model, OperationsTold{{"op-7"}});
  EXPECT_NE(running_operation(model, scope_of("infra")), nullptr);
  update(model, OperationsTold{});
  EXPECT_EQ(running_operation(model, scope_of("infra")), nullptr);
}

TEST(Report, Cancelled_NotHeadedFailed) {
  Model model = asking();
  update(model, OperationEnded{model.last_number, Error{Reason::cancelled, "cancelled; nothing was changed", {}}});
  const std::string head = render(model, Theme()).text_of(0);
  EXPECT_NE(head.find("cancelled"), std::string::npos) << head;
  EXPECT_EQ(head.find("failed"), std::string::npos) << head;
}

const Error refused{Reason::mint_refused, "claude refused the code: Invalid code", Remedy::try_again()};

TEST(Report, FailedSetup_BegunAgainWithItsFields) {
  Model model = sample_model();
  press(model, "nshop<enter>/work<enter>");
  const Effects first = press(model, "f<enter>");
  ASSERT_NE(find<StartSetup>(first), nullptr);
  const OperationNumber number = model.last_number;
  update(model, OperationNamed{number, "op-9"});
  update(model, OperationEnded{number, refused});
  EXPECT_NE(screen_text(model).find("try  G again"), std::string::npos) << screen_text(model);
  EXPECT_FALSE(applies(Action::rotate, model));
  const Effects again = press(model, "g");
  const auto* setup = find<StartSetup>(again);
  ASSERT_NE(setup, nullptr);
  EXPECT_NE(setup->number, number);
  EXPECT_EQ(setup->scope, scope_of("shop"));
  EXPECT_EQ(setup->place, find<StartSetup>(first)->place);
  EXPECT_TRUE(setup->create);
  EXPECT_EQ(setup->workdir, "/work");
  EXPECT_EQ(top_as<OperationView>(model)->number, setup->number);
}

TEST(Report, FailedSetupOfAWorkspaceThatExistsNow_NotCreatedAgain) {
  Model model = sample_model();
  press(model, "nshop<enter>/work<enter>f<enter>");
  update(model, OperationEnded{model.last_number, refused});
  Row row;
  row.scope = scope_of("shop");
  update(model, RowChanged{row});
  const Effects again = press(model, "g");
  ASSERT_NE(find<StartSetup>(again), nullptr);
  EXPECT_FALSE(find<StartSetup>(again)->create);
}

TEST(Report, FailedOrCancelledRotation_BegunAgain) {
  for (const Reason reason : {Reason::mint_refused, Reason::cancelled}) {
    Model model = sample_model();
    model.panel.selected = scope_of("docs");
    press(model, "r");
    update(model, OperationEnded{model.last_number, Error{reason, "ended", {}}});
    EXPECT_FALSE(applies(Action::generate, model));
    const Effects again = press(model, "r");
    ASSERT_NE(find<StartRotate>(again), nullptr);
    EXPECT_EQ(find<StartRotate>(again)->scope, scope_of("docs"));
  }
}

TEST(Report, Success_NotBegunAgain) {
  const Model model = sample_states().at("report");
  EXPECT_FALSE(applies(Action::generate, model));
  EXPECT_FALSE(applies(Action::rotate, model));
  EXPECT_NE(screen_text(model).find("jackin-hook exec website -- claude"), std::string::npos);
}

TEST(Cancel, OperationEnds_MessageGone) {
  Model model = asking();
  press(model, "^c^c");
  ASSERT_TRUE(model.toast);
  update(model, OperationEnded{model.last_number, Error{Reason::cancelled, "cancelled; nothing was changed", {}}});
  EXPECT_FALSE(model.toast);
}

TEST(WaitingRow, EnterContinuesAndXAsksBeforeItCancels) {
  Model model = sample_states().at("panel_while_asking");
  const OperationNumber number = model.last_number;
  model.panel.selected = scope_of("website");
  const std::string text = screen_text(model);
  EXPECT_NE(text.find("waits for your consent (step 2 of 8)"), std::string::npos) << text;
  EXPECT_NE(text.find("↵ continue"), std::string::npos) << text;
  EXPECT_NE(text.find("X cancel"), std::string::npos) << text;
  EXPECT_FALSE(applies(Action::details, model));
  EXPECT_TRUE(press(model, "x").empty());
  ASSERT_NE(top_as<CancelBox>(model), nullptr);
  EXPECT_TRUE(press(model, "<enter>").empty());  // No is preselected
  const Effects effects = press(model, "xy");
  ASSERT_NE(find<Cancel>(effects), nullptr);
  EXPECT_EQ(find<Cancel>(effects)->number, number);
  model = sample_states().at("panel_while_asking");
  model.panel.selected = scope_of("website");
  press(model, "<enter>");
  EXPECT_EQ(context_of(model), Context::asking);
}

TEST(Report, Enter_ReturnsToThePanelAndRemovesTheOperation) {
  Model model = sample_states().at("report");
  EXPECT_NE(find<Copy>(press(model, "c")), nullptr);
  press(model, "<enter>");
  EXPECT_TRUE(model.dialogs.empty());
  EXPECT_EQ(running_operation(model, scope_of("website")), nullptr);
  EXPECT_NE(find<StartDoctor>([&] {
              Model other = sample_states().at("report");
              return press(other, "d");
            }()),
            nullptr);
}

TEST(Question, Enter_SendsTheSelectedChoice) {
  Model model = sample_states().at("question");
  const Effects effects = press(model, "<down><enter>");
  ASSERT_NE(find<Answer>(effects), nullptr);
  EXPECT_EQ(find<Answer>(effects)->choice, (ChoiceKey{ChoiceKind::use_store, SourceKind::file}));
  EXPECT_EQ(context_of(model), Context::steps);
}

TEST(Question, SmallScreen_SelectedChoiceVisible) {
  Model model = sample_states().at("question");
  Operation& asks = *find_operation(model, model.last_number);
  for (int i = 0; i < 40; ++i) asks.question->text += " and so on at length";
  for (int i = 0; i < 6; ++i) asks.question->choices.push_back({{ChoiceKind::keep}, "choice " + std::to_string(i)});
  for (const CellSize size : {CellSize{24, 80}, CellSize{15, 60}, CellSize{8, 40}}) {
    update(model, Resized{size});
    for (std::size_t choice = 0; choice < asks.question->choices.size(); ++choice) {
      asks.choice = choice;
      const Cells cells = render(model, Theme());
      bool is_shown = false;
      for (int row = 0; row < size.rows; ++row) {
        is_shown = is_shown || cells.text_of(row).find(asks.question->choices[choice].text) != std::string::npos;
      }
      EXPECT_TRUE(is_shown) << size.rows << " " << choice;
    }
  }
}

TEST(Question, Escape_QuestionStaysOpen) {
  Model model = sample_states().at("question");
  EXPECT_TRUE(press(model, "<esc>").empty());
  EXPECT_TRUE(model.dialogs.empty());
  model.panel.selected = scope_of("website");
  press(model, "<enter>");
  EXPECT_EQ(context_of(model), Context::question);
}

TEST(Revoke, Enter_KeepsTheToken) {
  Model model = sample_states().at("revoke");
  EXPECT_TRUE(press(model, "<enter>").empty());
  EXPECT_TRUE(model.dialogs.empty());
  model = sample_states().at("revoke");
  const Effects effects = press(model, "<right><enter>");
  ASSERT_NE(find<StartRevoke>(effects), nullptr);
  EXPECT_FALSE(find<StartRevoke>(effects)->delete_item);
}

TEST(Revoke, DeletionTicked_OnlyTokensOfJackindDeleted) {
  Model model = sample_model();
  press(model, "x");  // billing was not created by jackind
  EXPECT_FALSE(applies(Action::tick, model));
  press(model, " ");
  const Effects not_ours = press(model, "y");
  ASSERT_NE(find<StartRevoke>(not_ours), nullptr);
  EXPECT_FALSE(find<StartRevoke>(not_ours)->delete_item);

  model = sample_states().at("revoke_many");
  Effects effects = press(model, "Y");
  ASSERT_EQ(effects.size(), 2U);
  EXPECT_FALSE(std::get<StartRevoke>(effects[0]).delete_item);  // billing
  EXPECT_TRUE(std::get<StartRevoke>(effects[1]).delete_item);   // docs
}

TEST(ReportedOperation, OperationEnds_RemovedAndMessageShown) {
  Model model = sample_states().at("panel_elsewhere");
  const Operation* seen = running_operation(model, scope_of("infra"));
  ASSERT_NE(seen, nullptr);
  EXPECT_FALSE(seen->is_own);
  EXPECT_EQ(seen->started_by, "jackinctl[4711]");
  OperationSeen end{
      .id = "op-7", .kind = OperationKind::rotate, .scope = scope_of("infra"), .started_by = "jackinctl[4711]"};
  end.outcome = TokenReport{};
  update(model, std::move(end));
  EXPECT_EQ(running_operation(model, scope_of("infra")), nullptr);
  ASSERT_TRUE(model.toast);
  EXPECT_NE(model.toast->text.find("jackinctl[4711]"), std::string::npos);
}

TEST(Elsewhere, NarrowScreen_WorkspaceAndClientShown) {
  Model model = sample_states().at("panel_elsewhere");
  for (const int columns : {40, 50, 60, 72, 80, 120}) {
    update(model, Resized{{24, columns}});
    const Cells cells = render(model, Theme());
    const PanelLayout layout = panel_layout(model);
    const std::string line = cells.text_of(layout.list + 3);
    EXPECT_NE(line.find("infra"), std::string::npos) << columns << line;
    EXPECT_NE(line.find("jackinctl[4711]"), std::string::npos) << columns << line;
  }
}

TEST(ReportedOperation, CancelBeforeCapture_SentAfterConfirmation) {
  Model model = sample_states().at("panel_elsewhere");
  press(model, "<enter>");
  EXPECT_EQ(context_of(model), Context::steps);
  EXPECT_TRUE(press(model, "x").empty());
  EXPECT_NE(top_as<CancelBox>(model), nullptr);
  EXPECT_EQ(render(model, Theme()).size(), model.size);
  EXPECT_TRUE(press(model, "<enter>").empty());  // No is preselected
  EXPECT_EQ(context_of(model), Context::steps);
  const Effects effects = press(model, "xy");
  ASSERT_NE(find<Cancel>(effects), nullptr);
  EXPECT_EQ(find<Cancel>(effects)->id, "op-7");
  EXPECT_EQ(context_of(model), Context::steps);
}

TEST(ReportedOperation, CapturedWhileTheBoxIsOpen_NotCancelled) {
  Model model = sample_states().at("panel_elsewhere");
  press(model, "<enter>x");
  find_operation(model, running_operation(model, scope_of("infra"))->number)->runs_to_end = true;
  EXPECT_TRUE(press(model, "y").empty());
  EXPECT_EQ(context_of(model), Context::steps);
}

TEST(ReportedOperation, OperationBegunHere_ListedOnce) {
  Model model = sample_model();
  model.panel.selected = scope_of("website");
  press(model, "g<enter>");
  // Operations.Watch reports it before its own stream.
  update(model, OperationSeen{.id = "op-9", .scope = scope_of("website"), .step = Step::program});
  const std::size_t with_double = model.operations.size();
  update(model, OperationNamed{model.last_number - 1, "op-9"});
  EXPECT_EQ(model.operations.size(), with_double - 1);
}

TEST(ReportedOperation, OwnStreamLost_EndTakenFromOperationsWatch) {
  Model model = sample_states().at("steps");
  update(model, OperationLost{model.last_number});
  EXPECT_EQ(context_of(model), Context::steps);
  OperationSeen end{.id = "op-9", .scope = scope_of("website")};
  end.outcome = TokenReport{.fingerprint = "a3f9c2b81e74"};
  update(model, std::move(end));
  EXPECT_TRUE(operation(model).has_ended());
  EXPECT_EQ(context_of(model), Context::report);
}

TEST(Elsewhere, EndToldBeforeTheStreamWasLost_IsItsEnd) {
  Model model = sample_states().at("steps");
  OperationSeen end{.id = "op-9", .scope = scope_of("website")};
  end.outcome = TokenReport{.fingerprint = "a3f9c2b81e74"};
  update(model, std::move(end));
  EXPECT_FALSE(operation(model).has_ended());
  update(model, OperationLost{model.last_number});
  ASSERT_TRUE(operation(model).has_ended());
  EXPECT_FALSE(operation(model).has_failed());
}

TEST(Elsewhere, StreamOfARevocationLostAtThePanel_EndIsSaidAfterTheReconnection) {
  Model model = sample_model();
  model.panel.selected = scope_of("my-app");
  press(model, "xy");
  update(model, OperationNamed{model.last_number, "op-9"});
  press(model, "<esc>");
  update(model, OperationLost{model.last_number});
  update(model, LinkChanged{{.state = Link::State::away}});
  update(model, LinkChanged{{.state = Link::State::live}});
  OperationSeen end{.id = "op-9", .kind = OperationKind::revoke, .scope = scope_of("my-app")};
  end.outcome = RevokeReport{.cleared = true};
  update(model, std::move(end));
  ASSERT_TRUE(model.toast);
  EXPECT_EQ(model.toast->text, "the revocation of my-app is done");
}

OperationSeen recovery_of(const Scope& scope, Moment started_at) {
  OperationSeen recovery{.id = "op-10", .kind = OperationKind::recovery, .scope = scope, .started_at = started_at};
  recovery.outcome = Error{Reason::internal, "it was undone", {}};
  return recovery;
}

TEST(ReportedOperation, RecoveryReported_EndsTheLostOperation) {
  for (const bool is_told_first : {false, true}) {
    Model model = sample_states().at("steps");
    update(model, OperationLost{model.last_number});
    update(model, LinkChanged{{.state = Link::State::away}});
    update(model, LinkChanged{{.state = Link::State::live}});
    // The recovery of an earlier interruption.
    update(model, recovery_of(scope_of("website"), sample_time() - 24h));
    EXPECT_FALSE(operation(model).has_ended());
    if (is_told_first) update(model, recovery_of(scope_of("website"), sample_time() + 1min));
    update(model, OperationsTold{});
    EXPECT_EQ(context_of(model), Context::report);
    update(model, recovery_of(scope_of("website"), sample_time() + 1min));
    ASSERT_TRUE(operation(model).has_failed());
    EXPECT_EQ(std::get<Error>(*operation(model).outcome).message, "it was undone");
  }
}

TEST(ReportedOperation, RecoveryReported_MessageShownOnThePanel) {
  Model model = sample_states().at("steps");
  press(model, "<esc>");
  update(model, OperationLost{model.last_number});
  update(model, LinkChanged{{.state = Link::State::away}});
  update(model, LinkChanged{{.state = Link::State::live}});
  update(model, recovery_of(scope_of("website"), sample_time() + 1min));
  EXPECT_EQ(running_operation(model, scope_of("website")), nullptr);
  ASSERT_TRUE(model.toast);
  EXPECT_EQ(model.toast->text, "website: it was undone");
}

TEST(ReportedOperation, ShownOperationNoLongerReported_Ended) {
  Model model = sample_states().at("panel_elsewhere");
  press(model, "<enter>");
  update(model, OperationsTold{});
  EXPECT_EQ(context_of(model), Context::report);
}

TEST(Steps, Start_FirstStepRuns) {
  Model model = sample_model();
  model.panel.selected = scope_of("website");
  press(model, "g<enter>");
  EXPECT_EQ(operation(model).steps.front().state, StepState::running);
}

TEST(QuitBox, OpenConsent_UserAsked) {
  Model model = sample_states().at("panel_while_asking");
  EXPECT_TRUE(press(model, "q").empty());
  EXPECT_NE(top_as<QuitBox>(model), nullptr);
  EXPECT_TRUE(press(model, "<enter>").empty());  // No is preselected
  EXPECT_TRUE(model.dialogs.empty());
  const Effects effects = press(model, "qy");
  EXPECT_NE(find<Cancel>(effects), nullptr);
  ASSERT_NE(find<Quit>(effects), nullptr);
  // The outcome is known only after the operation was left.
  EXPECT_TRUE(find<Quit>(effects)->farewell.empty());
  ASSERT_EQ(find<Quit>(effects)->operations.size(), 1U);
  EXPECT_EQ(find<Quit>(effects)->operations.front().name, "the new token of website");
}

TEST(QuitBox, OtherOperations_NamedOnlyIfThereAreAny) {
  Model model = sample_states().at("quit");
  EXPECT_EQ(screen_text(model).find("jackind finishes"), std::string::npos) << screen_text(model);
  Operation other;
  other.number = 99;
  other.scope = scope_of("docs");
  other.runs_to_end = true;
  model.operations.push_back(other);
  EXPECT_NE(screen_text(model).find("jackind finishes the other operation by itself."), std::string::npos)
      << screen_text(model);
}

TEST(QuitBox, OpenQuestion_UserAsked) {
  Model model = sample_states().at("question");
  EXPECT_EQ(find<Quit>(press(model, "^c")), nullptr);
  EXPECT_NE(top_as<QuitBox>(model), nullptr);
  const Effects effects = press(model, "y");
  EXPECT_NE(find<Cancel>(effects), nullptr);
  ASSERT_NE(find<Quit>(effects), nullptr);
  EXPECT_EQ(find<Quit>(effects)->operations.size(), 1U);
}

TEST(QuitBox, AQuestionThatIsOpen_SaysThatTheTokenIsKept) {
  Model model = sample_states().at("question");
  press(model, "^c");
  const Cells cells = render(model, Theme());
  std::string text;
  for (int row = 0; row < cells.size().rows; ++row) text += cells.text_of(row) + "\n";
  EXPECT_NE(text.find("Quitting ends this operation: jackind keeps the token in a store"), std::string::npos) << text;
}

TEST(QuitBox, Signal_QuitsWithoutAsking) {
  Model model = sample_states().at("consent");
  const Effects effects = update(model, ToldToEnd{});
  EXPECT_NE(find<Cancel>(effects), nullptr);
  EXPECT_NE(find<Quit>(effects), nullptr);
}

TEST(QuitBox, CapturedToken_QuitsWithoutCancelling) {
  Model model = sample_states().at("steps");
  const Effects effects = press(model, "^c");
  EXPECT_EQ(find<Cancel>(effects), nullptr);
  ASSERT_NE(find<Quit>(effects), nullptr);
  EXPECT_EQ(find<Quit>(effects)->operations.size(), 1U);
}

TEST(QuitBox, RunningRevocation_CancelReported) {
  Model model = sample_model();
  model.panel.selected = scope_of("my-app");
  press(model, "xy<esc>");
  const Effects effects = press(model, "qy");
  ASSERT_NE(find<Quit>(effects), nullptr);
  EXPECT_TRUE(find<Quit>(effects)->operations.empty());
  ASSERT_EQ(find<Quit>(effects)->farewell.size(), 1U);
  const std::string& line = find<Quit>(effects)->farewell.front();
  EXPECT_NE(line.find("asked jackind to stop"), std::string::npos);
  EXPECT_NE(line.find("jackinctl operations"), std::string::npos);
}

}  // namespace
}  // namespace jackin::tui
