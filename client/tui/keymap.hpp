// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "client/terminal/key.hpp"
#include "client/tui/model/action.hpp"
#include "client/tui/model/model.hpp"

namespace jackin::tui {

using client::Key;
using client::KeyName;

/// The part of the screen that receives keys. A text context takes every printable key as text, before the table.
enum class Context {
  panel,
  filter,  ///< Text: the panel's filter.
  empty,   ///< The panel without a workspace.
  store,
  walk,       ///< Text: the filter of a stage.
  name,       ///< Text: a name in a box or in a stage.
  workspace,  ///< Text: the two fields of a new workspace.
  asking,     ///< claude has the keys, but for these.
  asking_menu,
  steps,
  question,
  report,
  revoke,
  doctor,
  details,
  help,
  confirm,
};

/// A key of the table: a name, or a character with or without Ctrl. A letter is meant in either case.
struct Pattern {
  KeyName name = KeyName::character;
  char32_t code = 0;
  bool ctrl = false;

  bool matches(const Key& key) const;
};

/// The groups of the help.
enum class HelpGroup { none, token, looking, asking };

/// One line of the table of keys. Dispatch, footer and help read nothing else.
struct Binding {
  Context context;
  Pattern key;
  Action action;
  std::string_view shown{};        ///< The key in the footer and in the help; empty: this line is a second key.
  std::string_view shown_ascii{};  ///< The same without UTF-8.
  std::string_view footer{};       ///< What it does, in a word or two; empty: not in the footer.
  int rank = 0;                    ///< A narrow footer drops the highest ranks first. 0: never dropped (`? help`).
  HelpGroup group = HelpGroup::none;
  std::string_view help{};  ///< What it does; empty: not in the help.
};

/// The whole table, in the order of footer and help.
std::span<const Binding> bindings();

/// What has the keys now.
Context context_of(const Model& model);

/// Whether printable keys are text in that context.
bool takes_text(Context context);

/// Whether an action can be carried out now, on what is selected.
bool applies(Action action, const Model& model);

/// Whether `key` has a meaning in that context, also when it cannot be carried out now.
bool is_bound(Context context, const Key& key);

/// What `key` means now; nothing for a key that has no meaning here.
std::optional<Action> action_for(const Model& model, const Key& key);

/// The bindings for the footer, in order: those that apply.
std::vector<const Binding*> footer_bindings(const Model& model);

/// The entries of the menu over claude's screen: those that apply.
std::vector<const Binding*> menu_bindings(const Model& model);

/// Whether keys go to claude, except those bound in `Context::asking`. The caller then makes the parser collect keys
/// (`InputParser::collect`).
bool keys_go_to_claude(const Model& model);

}  // namespace jackin::tui
