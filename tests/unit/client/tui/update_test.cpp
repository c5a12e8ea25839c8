// SPDX-License-Identifier: Apache-2.0
#include "client/tui/update/update.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>

#include "client/tui/keymap.hpp"
#include "client/tui/view/view.hpp"
#include "tests/unit/client/tui/sample.hpp"

namespace jackin::tui {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string>& all_keys() {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> found;
    for (char code = ' '; code < 0x7f; ++code) {
      if (code != '<' && code != '^') found.emplace_back(1, code);
    }
    for (char code = 'a'; code <= 'z'; ++code) found.push_back(std::string("^") + code);
    for (const char* key : {"<enter>", "<esc>", "<tab>", "<back_tab>", "<backspace>", "<up>", "<down>", "<left>",
                            "<right>", "<home>", "<end>", "<pgup>", "<pgdn>"}) {
      found.emplace_back(key);
    }
    return found;
  }();
  return keys;
}

TEST(Update, EachKeyInEachState_ScreenDrawn) {
  for (const auto& [name, state] : sample_states()) {
    for (const std::string& key : all_keys()) {
      Model model = state;
      // Drawing takes most of the time, so the screen is small. In a text field, all letters act alike.
      model.size = {15, 60};
      press(model, key);
      const bool is_text = key.size() == 1 && takes_text(context_of(state));
      if (is_text && key != "q") continue;
      EXPECT_EQ(render(model, Theme()).size(), model.size) << name << " " << key;
    }
  }
}

TEST(Update, RandomKeys_ScreenDrawn) {
  std::mt19937 random(4711);
  for (const auto& [name, state] : sample_states()) {
    Model model = state;
    for (int i = 0; i < 300; ++i) {
      press(model, all_keys()[random() % all_keys().size()]);
      if (i % 60 == 0) render(model, Theme());
      ASSERT_LT(model.dialogs.size(), 50U) << name;
    }
  }
}

TEST(Update, EscapeInEachState_LeadsToThePanel) {
  for (const auto& [name, state] : sample_states()) {
    Model model = state;
    // P leaves the consent screen and its menu.
    for (int i = 0; i < 12 && context_of(model) != Context::panel && context_of(model) != Context::empty; ++i) {
      const Context context = context_of(model);
      press(model, context == Context::asking || context == Context::asking_menu ? "<esc>p" : "<esc>");
    }
    EXPECT_TRUE(context_of(model) == Context::panel || context_of(model) == Context::empty) << name;
    for (const Operation& operation : model.operations) {
      EXPECT_TRUE(operation.number > 0) << name;
    }
  }
}

TEST(Update, TwoInterruptsInEachState_QuitOrCancel) {
  for (const auto& [name, state] : sample_states()) {
    Model model = state;
    Effects effects = press(model, "^c^c");
    EXPECT_TRUE(find<Quit>(effects) != nullptr || find<Cancel>(effects) != nullptr) << name;
  }
}

TEST(Update, RedrawKey_RedrawRequested) {
  Model model = sample_model();
  EXPECT_NE(find<Redraw>(press(model, "^l")), nullptr);
}

TEST(Doctor, FindingsArrive_WorstFirst) {
  Model model = sample_states().at("doctor");
  const auto* view = top_as<DoctorView>(model);
  ASSERT_EQ(view->findings.size(), 3U);
  EXPECT_EQ(view->findings[0].second.severity, Severity::error);
  EXPECT_TRUE(view->open.empty());
  const Effects copied = press(model, "c");
  ASSERT_NE(find<Copy>(copied), nullptr);
  EXPECT_EQ(find<Copy>(copied)->text, "jackinctl rotate billing");
  EXPECT_NE(find<StartDoctor>(press(model, "^r")), nullptr);
}

TEST(Doctor, LastScopeChecked_RowsReadAgain) {
  Model model = sample_model();
  model.panel.marks = {scope_of("billing"), scope_of("docs")};
  press(model, "d");
  const Ticket ticket = model.last_ticket;
  EXPECT_EQ(find<Refresh>(update(model, FindingsArrived{scope_of("docs"), {}, ticket})), nullptr);
  EXPECT_NE(find<Refresh>(update(model, FindingsArrived{scope_of("billing"), {}, ticket})), nullptr);
}

TEST(Doctor, TokenIsFine_FirstLineSaysSo) {
  Model model = sample_model();
  model.panel.selected = scope_of("my-app");
  press(model, "d");
  EXPECT_EQ(screen_text(model).find("the token works"), std::string::npos);
  update(model, FindingsArrived{scope_of("my-app"), {{Severity::info, "the source was read"}}, model.last_ticket});
  EXPECT_TRUE(render(model, Theme()).text_of(2).starts_with(" ✓ ok   the token works")) << screen_text(model);
  press(model, "^r");
  update(model, FindingsArrived{scope_of("my-app"), {{Severity::error, "rejected"}}, model.last_ticket});
  EXPECT_EQ(screen_text(model).find("the token works"), std::string::npos);
}

TEST(Doctor, RotateKey_BeginsTheRotationOfTheFinding) {
  Model model = sample_states().at("doctor");
  const Effects effects = press(model, "r");
  ASSERT_NE(find<StartRotate>(effects), nullptr);
  EXPECT_EQ(find<StartRotate>(effects)->scope, scope_of("billing"));
  EXPECT_EQ(model.dialogs.size(), 1U);
}

TEST(Doctor, LongNote_WrappedBelowTheCommand) {
  Model model = sample_states().at("doctor_checking");
  const std::string note = "first turn on Settings, Developer, Integrate with 1Password CLI in the app of 1Password";
  update(model, FindingsArrived{scope_of("billing"),
                                {{Severity::warning, "1Password is not signed in",
                                  Remedy::of(RemedyAction::sign_in_to_op).noting(note)}},
                                model.last_ticket});
  const std::string text = screen_text(model);
  EXPECT_NE(text.find("     try  op signin\n          first turn on"), std::string::npos) << text;
  EXPECT_NE(text.find("app of 1Password"), std::string::npos) << text;
}

TEST(Doctor, FindingOfAnEarlierCheck_Dropped) {
  Model model = sample_states().at("doctor");
  update(model, FindingsArrived{scope_of("billing"), {{Severity::info, "late"}}});
  EXPECT_EQ(top_as<DoctorView>(model)->findings.size(), 3U);
}

TEST(Doctor, CheckRepeated_EarlierCheckStoppedAndItsFindingsDropped) {
  Model model = sample_states().at("doctor_checking");
  const Ticket first = model.last_ticket;
  const Effects effects = press(model, "^r");
  ASSERT_NE(find<StopListing>(effects), nullptr);
  EXPECT_EQ(find<StopListing>(effects)->ticket, first);
  ASSERT_NE(find<StartDoctor>(effects), nullptr);
  const Ticket second = find<StartDoctor>(effects)->ticket;
  EXPECT_NE(second, first);
  update(model, FindingsArrived{scope_of("billing"), {{Severity::info, "late"}}, first});
  update(model, DoctorFailed{{Reason::daemon_unreachable, "late", {}}, first});
  EXPECT_TRUE(top_as<DoctorView>(model)->findings.empty());
  EXPECT_FALSE(top_as<DoctorView>(model)->failure);
  update(model, FindingsArrived{scope_of("billing"), {{Severity::info, "new"}}, second});
  EXPECT_EQ(top_as<DoctorView>(model)->findings.size(), 1U);
}

TEST(Doctor, ScreenClosed_CheckStopped) {
  Model model = sample_states().at("doctor_checking");
  EXPECT_NE(find<StopListing>(press(model, "<esc>")), nullptr);
  model = sample_states().at("doctor");
  EXPECT_EQ(find<StopListing>(press(model, "<esc>")), nullptr);  // it has ended
}

TEST(Doctor, WorseFindingArrives_SelectionKept) {
  Model model = sample_model();
  model.panel.marks = {scope_of("billing"), scope_of("docs")};
  press(model, "d");
  const Ticket ticket = model.last_ticket;
  update(model,
         FindingsArrived{scope_of("docs"),
                         {{Severity::info, "fine"}, {Severity::warning, "expires", Remedy::rotate(scope_of("docs"))}},
                         ticket});
  update(model, FindingsArrived{
                    scope_of("billing"), {{Severity::error, "rejected", Remedy::rotate(scope_of("billing"))}}, ticket});
  ASSERT_EQ(top_as<DoctorView>(model)->findings[0].second.message, "rejected");
  const Effects effects = press(model, "c");
  ASSERT_NE(find<Copy>(effects), nullptr);
  EXPECT_EQ(find<Copy>(effects)->text, "jackinctl rotate docs");
  ASSERT_TRUE(model.toast);
  EXPECT_TRUE(model.toast->text.starts_with("jackinctl rotate docs "));
}

TEST(Update, ToastExpired_Removed) {
  Model model = sample_states().at("panel_toast");
  const auto next = next_change(model, true);
  ASSERT_TRUE(next);
  update(model, TimePassed{*next});
  EXPECT_FALSE(model.toast);
}

TEST(Update, IdlePanel_NextChangeInFiveMinutes) {
  Model model = sample_model();
  model.operations.clear();
  const auto next = next_change(model, true);
  ASSERT_TRUE(next);
  EXPECT_GE(*next - model.now, 5min);
}

TEST(Update, ReconnectCountdown_NextChangeInOneSecond) {
  Model model = sample_states().at("away");
  model.operations.clear();
  EXPECT_EQ(*next_change(model, true) - model.now, 1s);
}

TEST(Update, LockAndRefreshKeys_EffectsRequested) {
  Model model = sample_model();
  EXPECT_NE(find<Lock>(press(model, "L")), nullptr);
  EXPECT_NE(find<Lock>(press(model, "l")), nullptr);
  EXPECT_NE(find<Refresh>(press(model, "^r")), nullptr);
}

TEST(Update, MessageOfAnUnknownOperation_Ignored) {
  Model model = sample_model();
  update(model, StepReached{999, Step::captured, {}});
  update(model, ScreenChanged{999, consent_cells()});
  update(model, OperationEnded{999, TokenReport{}});
  update(model, QuestionAsked{999, {}});
  update(model, ItemsArrived{999, {}});
  EXPECT_EQ(model.operations.size(), 1U);
}

}  // namespace
}  // namespace jackin::tui
