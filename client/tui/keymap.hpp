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

/// The part of the screen that receives keys. In a text context every printable key is text, whatever the table says.
enum class Context {
  panel,
  filter,  ///< Text: the panel's filter.
  empty,   ///< The panel without a workspace.
  store,
  walk,       ///< Text: the filter of a stage.
  name,       ///< Text: a name in a box or in a stage.
  workspace,  ///< Text: the two fields of a new workspace.
  asking,     ///< Keys go to claude, except those bound here.
  qr,         ///< The QR code covers claude's pane. Each key that is not bound here closes it.
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

/// A key of the table: a named key, or a character with or without Ctrl. A letter matches in either case.
struct Pattern {
  KeyName name = KeyName::character;
  char32_t code = 0;
  bool ctrl = false;

  bool matches(const Key& key) const;
};

/// The groups of the help.
enum class HelpGroup { none, token, looking, asking };

/// One entry of the key table, the only source of dispatch, footer and help.
struct Binding {
  Context context;
  Pattern key;
  Action action;
  std::string_view shown{};        ///< The key in the footer and the help; empty for a further key of the same action.
  std::string_view shown_ascii{};  ///< The same without UTF-8.
  std::string_view footer{};       ///< The action in one or two words; empty if not in the footer.
  int rank = 0;                    ///< A narrow footer drops the highest ranks first. 0: never dropped (`? help`).
  HelpGroup group = HelpGroup::none;
  std::string_view help{};  ///< The action in a few words; empty if not in the help.
};

/// The whole table, in the order of footer and help.
std::span<const Binding> bindings();

/// The context that receives keys now.
Context context_of(const Model& model);

/// Whether printable keys are text in that context.
bool takes_text(Context context);

/// Whether an action can be carried out now, on the marked rows, the selected row or the screen on top.
bool applies(Action action, const Model& model);

/// Whether the table binds `key` in that context, even if the action does not apply now.
bool is_bound(Context context, const Key& key);

/// The action of `key` now; nothing if the key is not bound or its action does not apply.
std::optional<Action> action_for(const Model& model, const Key& key);

/// The bindings of the footer whose actions apply, in order.
std::vector<const Binding*> footer_bindings(const Model& model);

/// The entries of the consent menu whose actions apply, in order.
std::vector<const Binding*> menu_bindings(const Model& model);

/// Whether keys go to claude, except those bound in `Context::asking`, or close the QR code above claude's pane. If so,
/// the caller makes the parser collect keys (`InputParser::collect`).
bool keys_go_to_claude(const Model& model);

}  // namespace jackin::tui
