// SPDX-License-Identifier: Apache-2.0
#include "client/tui/keymap.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "client/tui/view/frame.hpp"
#include "client/tui/view/view.hpp"
#include "tests/unit/client/tui/sample.hpp"

namespace jackin::tui {
namespace {

Key key_for(const Pattern& pattern) {
  return {.name = pattern.name, .code = pattern.code, .ctrl = pattern.ctrl};
}

std::string whole_text(const Cells& cells) {
  std::string text;
  for (int row = 0; row < cells.size().rows; ++row) text += cells.text_of(row) + "\n";
  return text;
}

TEST(Keymap, EachState_KeysHaveOneAction) {
  for (const auto& [name, model] : sample_states()) {
    std::set<std::string> seen;
    for (const Binding& binding : bindings()) {
      if (binding.context != context_of(model) || !applies(binding.action, model)) continue;
      const Key key = key_for(binding.key);
      const std::string id =
          std::to_string(static_cast<int>(key.name)) + " " + std::to_string(key.code) + (key.ctrl ? " ctrl" : "");
      EXPECT_TRUE(seen.insert(id).second) << name << ": " << id;
    }
  }
}

TEST(Keymap, Footer_ShowsExactlyTheKeysThatApply) {
  // Wide enough for all of them.
  for (const auto& [name, state] : sample_states()) {
    Model model = state;
    update(model, Resized{{40, 400}});
    const Lines lines = footer_lines(footer_bindings(model), Theme(), 400, 2);
    std::string shown;
    for (const Line& line : lines) {
      for (const Line::Span& span : line.spans()) shown += span.text;
      shown += "\n";
    }
    for (const Binding& binding : bindings()) {
      if (binding.context != context_of(model) || binding.footer.empty()) continue;
      const std::string hint = std::string(binding.shown) + " " + std::string(binding.footer);
      const bool is_shown = shown.find(" " + hint) != std::string::npos;
      EXPECT_EQ(is_shown, applies(binding.action, model)) << name << ": " << hint << " in " << shown;
      // Each shown key has the action that the footer states.
      if (is_shown) {
        EXPECT_EQ(action_for(model, key_for(binding.key)), binding.action) << name << ": " << hint;
      }
    }
  }
}

TEST(Keymap, EachState_ScreenContainsTheFooter) {
  for (const auto& [name, state] : sample_states()) {
    Model model = state;
    update(model, Resized{{60, 200}});
    const Context context = context_of(model);
    // The consent screen shows the entries of its menu.
    if (context == Context::asking || context == Context::asking_menu) continue;
    const std::string screen = whole_text(render(model, Theme()));
    for (const Binding* binding : footer_bindings(model)) {
      const std::string hint = std::string(binding->shown) + " " + std::string(binding->footer);
      EXPECT_NE(screen.find(hint), std::string::npos) << name << ": " << hint;
    }
  }
}

TEST(Keymap, NarrowScreen_FooterKeepsHelp) {
  for (const auto& [name, state] : sample_states()) {
    Model model = state;
    for (const int columns : {40, 60, 80, 120}) {
      update(model, Resized{{24, columns}});
      const Context context = context_of(model);
      const bool has_help = std::any_of(bindings().begin(), bindings().end(), [&](const Binding& binding) {
        return binding.context == context && binding.action == Action::help;
      });
      if (has_help) {
        EXPECT_NE(whole_text(render(model, Theme())).find("? help"), std::string::npos) << name << " " << columns;
      }
    }
  }
}

TEST(Keymap, HelpScreen_ShowsEachHelpText) {
  Model model = sample_states().at("help");
  update(model, Resized{{100, 200}});
  const std::string screen = whole_text(render(model, Theme()));
  for (const Binding& binding : bindings()) {
    if (binding.group == HelpGroup::none) {
      EXPECT_TRUE(binding.help.empty());
      continue;
    }
    EXPECT_NE(screen.find(binding.help), std::string::npos) << binding.help;
    EXPECT_NE(screen.find(binding.shown), std::string::npos) << binding.shown;
  }
}

TEST(Keymap, PanelActions_HaveAHelpText) {
  std::set<Action> explained;
  for (const Binding& binding : bindings()) {
    if (!binding.help.empty()) explained.insert(binding.action);
  }
  // These share a line of the help with another action.
  explained.insert(
      {Action::down, Action::page_down, Action::last, Action::open_workspace, Action::help, Action::reconnect});
  // The footer shows these on the row of a running operation.
  explained.insert({Action::resume, Action::cancel});
  // The daemon does not migrate yet.
  explained.insert(Action::migrate);
  for (const Binding& binding : bindings()) {
    if (binding.context == Context::panel) {
      EXPECT_TRUE(explained.contains(binding.action)) << static_cast<int>(binding.action);
    }
  }
}

TEST(Keymap, ShownKeys_HaveAnAsciiForm) {
  for (const Binding& binding : bindings()) {
    EXPECT_EQ(binding.shown.empty(), binding.shown_ascii.empty());
    for (const char byte : binding.shown_ascii) EXPECT_LT(static_cast<unsigned char>(byte), 0x80);
    EXPECT_TRUE(binding.footer.empty() || !binding.shown.empty());
  }
}

TEST(Keymap, DestructiveActions_BoundToLettersOnly) {
  for (const Binding& binding : bindings()) {
    const bool is_dangerous =
        binding.action == Action::revoke || binding.action == Action::yes || binding.action == Action::cancel;
    if (is_dangerous) {
      EXPECT_EQ(binding.key.name, KeyName::character);
    }
  }
}

TEST(Keymap, Letters_SameActionInEitherCase) {
  for (const auto& [name, model] : sample_states()) {
    if (takes_text(context_of(model))) continue;
    for (char letter = 'a'; letter <= 'z'; ++letter) {
      const Key small{.code = static_cast<char32_t>(letter)};
      const Key capital{.code = static_cast<char32_t>(letter - 'a' + 'A')};
      EXPECT_EQ(action_for(model, small), action_for(model, capital)) << name << ": " << letter;
    }
  }
}

TEST(Keymap, TextContext_PrintableKeysUnbound) {
  for (const auto& [name, state] : sample_states()) {
    if (!takes_text(context_of(state))) continue;
    for (char32_t code = U' '; code < 0x7f; ++code) {
      EXPECT_EQ(action_for(state, Key{.code = code}), std::nullopt) << name << ": " << static_cast<char>(code);
    }
  }
}

TEST(Keymap, EachState_EscapeAndInterruptBound) {
  for (const auto& [name, model] : sample_states()) {
    const Context context = context_of(model);
    EXPECT_TRUE(action_for(model, key_of("^c"))) << name;
    if (context != Context::empty) {
      EXPECT_TRUE(action_for(model, key_of("<esc>"))) << name;
    }
    EXPECT_EQ(context == Context::asking || action_for(model, key_of("^l")) == Action::redraw, true) << name;
  }
}

}  // namespace
}  // namespace jackin::tui
