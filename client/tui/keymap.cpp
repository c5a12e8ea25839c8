// SPDX-License-Identifier: Apache-2.0
#include "client/tui/keymap.hpp"

#include <algorithm>
#include <array>

namespace jackin::tui {
namespace {

constexpr Pattern letter(char32_t small) {
  return {.code = small};
}
constexpr Pattern ctrl(char32_t small) {
  return {.code = small, .ctrl = true};
}
constexpr Pattern named(KeyName name) {
  return {.name = name};
}

// clang-format off
constexpr auto table = [] {
  using enum Action;
  using C = Context;
  using G = HelpGroup;
  using K = KeyName;
  return std::to_array<Binding>({
  // The panel.
  {C::panel, named(K::enter), resume, "↵", "Enter", "continue", 1},
  {C::panel, letter('g'), generate, "G", "G", "create token", 1, G::token, "create a token"},
  {C::panel, letter('r'), rotate, "R", "R", "rotate", 1, G::token, "rotate: replace the token"},
  {C::panel, letter('x'), revoke, "X", "X", "revoke", 2, G::token, "revoke: remove the token"},
  {C::panel, letter('x'), cancel, "X", "X", "cancel", 1},
  {C::panel, letter('d'), doctor, "D", "D", "doctor", 2, G::token, "doctor: check the token now"},
  {C::panel, letter('a'), add_role, "A", "A", "role", 4, G::token, "role: add a token for a role"},
  {C::panel, letter('m'), migrate, "M", "M", "migrate", 5},
  {C::panel, letter('l'), lock, "L", "L", "lock", 5, G::token, "lock: drop the cached tokens"},
  {C::panel, letter('/'), filter, "/", "/", "filter", 3, G::looking, "filter"},
  {C::panel, letter(' '), mark, "␣", "Space", "mark", 6, G::looking, "mark rows for G R X D"},
  {C::panel, named(K::up), up, "↑↓ j k", "Up Down j k", "", 0, G::looking, "move"},
  {C::panel, named(K::down), down, "↑↓", "Up Down", "move", 3},
  {C::panel, letter('k'), up},
  {C::panel, letter('j'), down},
  {C::panel, named(K::page_up), page_up, "PgUp PgDn", "PgUp PgDn", "", 0, G::looking, "move by pages"},
  {C::panel, named(K::page_down), page_down},
  {C::panel, named(K::home), first, "Home End", "Home End", "", 0, G::looking, "first or last row"},
  {C::panel, named(K::end), last},
  {C::panel, named(K::left), close_workspace, "←→", "Left Right", "", 0, G::looking, "hide or show the roles"},
  {C::panel, named(K::right), open_workspace},
  {C::panel, named(K::enter), reconnect, "↵", "Enter", "connect now", 1},
  {C::panel, named(K::enter), details, "↵", "Enter", "details", 2, G::looking, "show the details"},
  {C::panel, letter('n'), new_workspace, "N", "N", "new", 7, G::token, "new: add a workspace"},
  {C::panel, letter('s'), sort, "S", "S", "sort", 8, G::looking, "sort by another column"},
  {C::panel, ctrl('r'), refresh, "^R", "^R", "", 0, G::looking, "reload all rows"},
  {C::panel, ctrl('l'), redraw, "^L", "^L", "", 0, G::looking, "redraw the screen"},
  {C::panel, named(K::escape), back, "Esc", "Esc", "", 0, G::looking, "clear filter, marks"},
  {C::panel, letter('q'), quit, "Q", "Q", "quit", 1, G::looking, "quit"},
  {C::panel, ctrl('c'), quit, "^C", "^C", "", 0, G::looking, "quit, on most screens"},
  {C::panel, letter('?'), help, "?", "?", "help", 0},

  // The filter of the panel.
  {C::filter, named(K::up), up, "↑↓", "Up Down", "move", 2},
  {C::filter, named(K::down), down},
  {C::filter, named(K::enter), take, "↵", "Enter", "keep the filter", 1},
  {C::filter, named(K::escape), back, "Esc", "Esc", "clear, then close", 1},
  {C::filter, named(K::backspace), erase},
  {C::filter, ctrl('u'), erase_word},
  {C::filter, ctrl('c'), interrupt},
  {C::filter, ctrl('l'), redraw},

  // The panel without workspaces.
  {C::empty, named(K::up), up},
  {C::empty, named(K::down), down, "↑↓", "Up Down", "move", 2},
  {C::empty, letter('k'), up},
  {C::empty, letter('j'), down},
  {C::empty, named(K::enter), take, "↵", "Enter", "select", 1},
  {C::empty, letter('n'), new_workspace},
  {C::empty, letter('g'), generate},
  {C::empty, ctrl('r'), refresh},
  {C::empty, ctrl('l'), redraw},
  {C::empty, letter('q'), quit, "Q", "Q", "quit", 1},
  {C::empty, ctrl('c'), quit},
  {C::empty, letter('?'), help, "?", "?", "help", 0},

  // The store picker.
  {C::store, named(K::up), up},
  {C::store, named(K::down), down, "↑↓ or P O F T", "Up Down or P O F T", "choose", 2},
  {C::store, letter('k'), up},
  {C::store, letter('j'), down},
  {C::store, letter('p'), one_password},
  {C::store, letter('o'), os_store},
  {C::store, letter('f'), file_store},
  {C::store, letter('t'), plain_text},
  {C::store, named(K::enter), take, "↵", "Enter", "select", 1},
  {C::store, ctrl('r'), refresh, "^R", "^R", "refresh", 3},
  {C::store, named(K::escape), back, "Esc", "Esc", "back", 1},
  {C::store, ctrl('c'), interrupt},
  {C::store, ctrl('l'), redraw},
  {C::store, letter('?'), help, "?", "?", "help", 0},

  // The lists of 1Password.
  {C::walk, named(K::up), up},
  {C::walk, named(K::down), down, "↑↓", "Up Down", "move", 3},
  {C::walk, named(K::page_up), page_up},
  {C::walk, named(K::page_down), page_down},
  {C::walk, named(K::home), first},
  {C::walk, named(K::end), last},
  {C::walk, named(K::enter), take, "↵", "Enter", "select", 1},
  {C::walk, ctrl('r'), refresh, "^R", "^R", "refresh", 2},
  {C::walk, named(K::backspace), erase},
  {C::walk, ctrl('u'), erase_word},
  {C::walk, named(K::escape), back, "Esc", "Esc", "back", 1},
  {C::walk, ctrl('c'), interrupt},
  {C::walk, ctrl('l'), redraw},

  // A box or a stage that asks for a name.
  {C::name, named(K::enter), take, "↵", "Enter", "continue", 1},
  {C::name, named(K::tab), choose_field, "Tab", "Tab", "section and field", 2},
  {C::name, named(K::backspace), erase},
  {C::name, ctrl('u'), erase_word},
  {C::name, named(K::escape), back, "Esc", "Esc", "back", 1},
  {C::name, ctrl('c'), interrupt},
  {C::name, ctrl('l'), redraw},

  // A new workspace.
  {C::workspace, named(K::tab), next_field, "Tab", "Tab", "next field", 2},
  {C::workspace, named(K::back_tab), next_field},
  {C::workspace, named(K::up), next_field},
  {C::workspace, named(K::down), next_field},
  {C::workspace, named(K::enter), take, "↵", "Enter", "continue", 1},
  {C::workspace, named(K::backspace), erase},
  {C::workspace, ctrl('u'), erase_word},
  {C::workspace, named(K::escape), back, "Esc", "Esc", "back", 1},
  {C::workspace, ctrl('c'), interrupt},
  {C::workspace, ctrl('l'), redraw},

  // claude asks for consent. Esc may begin a paste that the network has split, so it never cancels by itself.
  {C::asking, ctrl('g'), menu, "^G", "^G", "menu", 1, G::asking, "menu: link, QR code, panel, cancel"},
  {C::asking, named(K::escape), menu, "Esc", "Esc", "", 0, G::asking, "the same menu"},
  {C::asking, ctrl('c'), interrupt, "^C", "^C", "", 0, G::asking, "the same menu; twice: cancel"},

  // The QR code.
  {C::qr, ctrl('g'), menu, "^G", "^G", "menu", 1},
  {C::qr, named(K::escape), back},
  {C::qr, ctrl('c'), interrupt},
  {C::qr, ctrl('l'), redraw},

  {C::asking_menu, letter('c'), copy_link, "C", "C", "copy the link", 2},
  {C::asking_menu, letter('o'), open_link, "O", "O", "open it", 2},
  {C::asking_menu, letter('q'), show_qr, "Q", "Q", "QR code", 3},
  {C::asking_menu, letter('p'), to_panel, "P", "P", "panel, claude waits", 1},
  {C::asking_menu, letter('x'), cancel, "X", "X", "cancel", 1},
  {C::asking_menu, named(K::left), previous_choice},
  {C::asking_menu, named(K::right), next_choice},
  {C::asking_menu, named(K::up), previous_choice},
  {C::asking_menu, named(K::down), next_choice},
  {C::asking_menu, named(K::enter), take},
  {C::asking_menu, named(K::escape), back, "Esc", "Esc", "close", 1},
  {C::asking_menu, ctrl('g'), back},
  {C::asking_menu, ctrl('c'), interrupt},
  {C::asking_menu, ctrl('l'), redraw},
  {C::asking_menu, letter('?'), help, "?", "?", "help", 0},

  // The steps of an operation.
  {C::steps, named(K::escape), to_panel, "Esc", "Esc", "panel", 1},
  {C::steps, letter('p'), to_panel},
  {C::steps, named(K::enter), to_panel},
  {C::steps, letter('x'), cancel, "X", "X", "cancel", 2},
  {C::steps, ctrl('c'), interrupt},
  {C::steps, ctrl('l'), redraw},
  {C::steps, letter('?'), help, "?", "?", "help", 0},

  // A question of the daemon.
  {C::question, named(K::up), up},
  {C::question, named(K::down), down, "↑↓", "Up Down", "choose", 2},
  {C::question, letter('k'), up},
  {C::question, letter('j'), down},
  {C::question, named(K::enter), take, "↵", "Enter", "select", 1},
  {C::question, named(K::escape), to_panel, "Esc", "Esc", "panel, answer later", 1},
  {C::question, ctrl('c'), interrupt},
  {C::question, ctrl('l'), redraw},
  {C::question, letter('?'), help, "?", "?", "help", 0},

  // The report of an operation.
  {C::report, named(K::enter), to_panel, "↵", "Enter", "back to the panel", 1},
  {C::report, named(K::escape), to_panel},
  {C::report, letter('g'), generate, "G", "G", "try again", 1},
  {C::report, letter('r'), rotate, "R", "R", "try again", 1},
  {C::report, letter('d'), doctor, "D", "D", "doctor", 2},
  {C::report, letter('c'), copy_report, "C", "C", "copy the report", 3},
  {C::report, ctrl('c'), interrupt},
  {C::report, ctrl('l'), redraw},
  {C::report, letter('?'), help, "?", "?", "help", 0},

  // A revocation.
  {C::revoke, letter(' '), tick, "␣", "Space", "tick the box", 2},
  {C::revoke, named(K::left), previous_choice, "←→", "Left Right", "choose", 3},
  {C::revoke, named(K::right), next_choice},
  {C::revoke, named(K::tab), next_choice},
  {C::revoke, named(K::enter), take, "↵", "Enter", "confirm", 1},
  {C::revoke, letter('y'), yes},
  {C::revoke, letter('n'), no},
  {C::revoke, named(K::escape), back, "N or Esc", "N or Esc", "close", 1},
  {C::revoke, ctrl('c'), interrupt},
  {C::revoke, ctrl('l'), redraw},

  // doctor.
  {C::doctor, named(K::up), up},
  {C::doctor, named(K::down), down, "↑↓", "Up Down", "move", 2},
  {C::doctor, letter('k'), up},
  {C::doctor, letter('j'), down},
  {C::doctor, named(K::page_up), page_up},
  {C::doctor, named(K::page_down), page_down},
  {C::doctor, named(K::home), first},
  {C::doctor, named(K::end), last},
  {C::doctor, letter('r'), rotate, "R", "R", "rotate", 2},
  {C::doctor, letter('c'), copy_command, "C", "C", "copy the command", 2},
  {C::doctor, ctrl('r'), refresh, "^R", "^R", "check again", 3},
  {C::doctor, named(K::escape), back, "Esc", "Esc", "back", 1},
  {C::doctor, named(K::enter), back},
  {C::doctor, letter('q'), back},
  {C::doctor, ctrl('c'), interrupt},
  {C::doctor, ctrl('l'), redraw},
  {C::doctor, letter('?'), help, "?", "?", "help", 0},

  // The details of a row.
  {C::details, named(K::up), up},
  {C::details, named(K::down), down, "↑↓", "Up Down", "scroll", 3},
  {C::details, letter('k'), up},
  {C::details, letter('j'), down},
  {C::details, named(K::page_up), page_up},
  {C::details, named(K::page_down), page_down},
  {C::details, named(K::home), first},
  {C::details, named(K::end), last},
  {C::details, letter('g'), generate, "G", "G", "create token", 2},
  {C::details, letter('r'), rotate, "R", "R", "rotate", 2},
  {C::details, letter('x'), revoke, "X", "X", "revoke", 2},
  {C::details, letter('d'), doctor, "D", "D", "doctor", 2},
  {C::details, letter('c'), copy_command, "C", "C", "copy the command", 3},
  {C::details, named(K::escape), back, "Esc", "Esc", "back", 1},
  {C::details, named(K::enter), back},
  {C::details, letter('q'), back},
  {C::details, ctrl('c'), interrupt},
  {C::details, ctrl('l'), redraw},
  {C::details, letter('?'), help, "?", "?", "help", 0},

  // The help.
  {C::help, named(K::up), up},
  {C::help, named(K::down), down, "↑↓", "Up Down", "scroll", 2},
  {C::help, letter('k'), up},
  {C::help, letter('j'), down},
  {C::help, named(K::page_up), page_up},
  {C::help, named(K::page_down), page_down},
  {C::help, named(K::home), first},
  {C::help, named(K::end), last},
  {C::help, letter('?'), back},
  {C::help, letter('q'), back},
  {C::help, named(K::enter), back},
  {C::help, named(K::escape), back, "? or Esc", "? or Esc", "close", 1},
  {C::help, ctrl('c'), interrupt},
  {C::help, ctrl('l'), redraw},

  // A yes/no box.
  {C::confirm, named(K::left), previous_choice, "←→", "Left Right", "choose", 3},
  {C::confirm, named(K::right), next_choice},
  {C::confirm, named(K::tab), next_choice},
  {C::confirm, named(K::enter), take, "↵", "Enter", "confirm", 1},
  {C::confirm, letter('y'), yes},
  {C::confirm, letter('n'), no},
  {C::confirm, named(K::escape), back, "N or Esc", "N or Esc", "close", 1},
  {C::confirm, ctrl('c'), interrupt},
  {C::confirm, ctrl('l'), redraw},
  });
}();
// clang-format on

struct ContextOfDialog {
  const Model& model;

  Context operator()(const StorePicker&) const { return Context::store; }
  Context operator()(const Walk& walk) const {
    using Stage = Walk::Stage;
    const Stage stage = walk.view.stage;
    const bool is_name = stage == Stage::title || stage == Stage::section_name || stage == Stage::field_name;
    return is_name ? Context::name : Context::walk;
  }
  Context operator()(const OperationView& view) const {
    const Operation* operation = find_operation(model, view.number);
    if (operation == nullptr || operation->has_ended()) return Context::report;
    if (operation->is_own && operation->question) return Context::question;
    if (view.is_menu_open) return Context::asking_menu;
    if (shows_qr(model, view)) return Context::qr;
    return operation->asks_here() ? Context::asking : Context::steps;
  }
  Context operator()(const RevokeBox&) const { return Context::revoke; }
  Context operator()(const DoctorView&) const { return Context::doctor; }
  Context operator()(const DetailsView&) const { return Context::details; }
  Context operator()(const RoleBox&) const { return Context::name; }
  Context operator()(const WorkspaceBox&) const { return Context::workspace; }
  Context operator()(const HelpView&) const { return Context::help; }
  Context operator()(const QuitBox&) const { return Context::confirm; }
  Context operator()(const CancelBox&) const { return Context::confirm; }
};

bool has_operation(const Model& model, const Scope& scope) {
  return running_operation(model, scope) != nullptr || is_queued(model, scope);
}

const OperationView* operation_view(const Model& model) {
  return top_as<OperationView>(model);
}

const Operation* shown_operation(const Model& model) {
  const OperationView* view = operation_view(model);
  return view == nullptr ? nullptr : find_operation(model, view->number);
}

// Whether the operation on the screen has failed and `kind` can be begun again as it was.
bool can_repeat(const Model& model, OperationKind kind) {
  const Operation* operation = shown_operation(model);
  if (operation == nullptr || !operation->has_failed() || operation->kind != kind) return false;
  if (!model.begun.contains(operation->number) || has_operation(model, operation->scope)) return false;
  const auto row = model.rows.find(operation->scope);
  const bool has_token = row != model.rows.end() && row->second.has_token;
  return has_token == (kind == OperationKind::rotate);
}

// Whether `test` holds for a row that an action applies to: the row that the screen is about, the marked rows, or the
// selected row.
template <typename Test>
bool any_subject(const Model& model, Test test) {
  const bool is_of_rows = top_as<DetailsView>(model) != nullptr || top_as<DoctorView>(model) != nullptr;
  if (is_of_rows) {
    const Scope* scope = shown_scope(model);
    const auto at = scope == nullptr ? model.rows.end() : model.rows.find(*scope);
    return at != model.rows.end() && test(at->second);
  }
  if (model.panel.marks.empty()) {
    const Row* row = selected_row(model);
    return row != nullptr && test(*row);
  }
  return std::any_of(model.rows.begin(), model.rows.end(),
                     [&](const auto& entry) { return model.panel.marks.contains(entry.first) && test(entry.second); });
}

bool has_store(const Model& model, std::initializer_list<SourceKind> kinds) {
  return std::any_of(model.stores.begin(), model.stores.end(), [&](const Store& store) {
    return store.available && std::find(kinds.begin(), kinds.end(), store.kind) != kinds.end();
  });
}

bool has_command(const Model& model) {
  if (const auto* view = top_as<DoctorView>(model)) {
    return view->selected < view->findings.size() && !command_of(view->findings[view->selected].second.remedy).empty();
  }
  return any_subject(model, [](const Row& row) { return !command_of(row.remedy).empty(); });
}

bool has_roles(const Model& model, const Row& row) {
  return !row.scope.is_global() && std::any_of(model.rows.begin(), model.rows.end(), [&](const auto& entry) {
    return entry.first.has_role() && entry.first.workspace_name() == row.scope.workspace_name();
  });
}

}  // namespace

bool Pattern::matches(const Key& key) const {
  if (name != KeyName::character) return key.name == name && !key.ctrl && !key.alt;
  return ctrl ? key.is_ctrl(code) : key.is_letter(code);
}

std::span<const Binding> bindings() {
  return table;
}

Context context_of(const Model& model) {
  if (!model.dialogs.empty()) return std::visit(ContextOfDialog{model}, model.dialogs.back());
  if (model.panel.is_filtering) return Context::filter;
  return is_empty_panel(model) ? Context::empty : Context::panel;
}

bool takes_text(Context context) {
  return context == Context::filter || context == Context::walk || context == Context::name ||
         context == Context::workspace;
}

bool keys_go_to_claude(const Model& model) {
  const Context context = context_of(model);
  return context == Context::asking || context == Context::qr;
}

bool applies(Action action, const Model& model) {
  const bool is_live = model.link.state == Link::State::live;
  const Context context = context_of(model);
  switch (action) {
    case Action::generate:
      if (context == Context::report) return is_live && can_repeat(model, OperationKind::setup);
      return is_live && (context == Context::empty || any_subject(model, [&](const Row& row) {
                           return !row.has_token && !has_operation(model, row.scope);
                         }));
    case Action::rotate:
      if (context == Context::report) return is_live && can_repeat(model, OperationKind::rotate);
      return is_live &&
             any_subject(model, [&](const Row& row) { return row.has_token && !has_operation(model, row.scope); });
    case Action::revoke:
      // Revoke removes a queued row from the queue.
      return any_subject(model, [&](const Row& row) { return is_queued(model, row.scope); }) ||
             (is_live &&
              any_subject(model, [&](const Row& row) { return row.has_token && !has_operation(model, row.scope); }));
    case Action::doctor:
      if (context == Context::report) {
        const Operation* operation = shown_operation(model);
        return is_live && operation != nullptr && is_known(model, operation->scope);
      }
      return is_live && any_subject(model, [](const Row& row) { return !row.is_expected; });
    case Action::migrate:
      // The daemon does not migrate yet.
      return false;
    case Action::add_role: {
      const Row* row = selected_row(model);
      if (!is_live || !model.panel.marks.empty() || row == nullptr || row->scope.is_global()) return false;
      // A role is added to the file of a workspace.
      const auto workspace = Scope::workspace(row->scope.workspace_name());
      return workspace && is_known(model, *workspace);
    }
    case Action::lock:
    case Action::new_workspace:
      return is_live;
    case Action::refresh:
      return is_live;
    case Action::reconnect:
      return !is_live && model.link.state != Link::State::connecting;
    case Action::resume: {
      const Operation* operation = selected_operation(model);
      return is_live && operation != nullptr && operation->waits_for_user();
    }
    case Action::details:
      return !applies(Action::reconnect, model) && !applies(Action::resume, model) && selected_row(model) != nullptr;
    case Action::mark: {
      const Row* row = selected_row(model);
      return !applies(Action::reconnect, model) && row != nullptr && !row->is_expected;
    }
    case Action::close_workspace:
    case Action::open_workspace: {
      const Row* row = selected_row(model);
      return row != nullptr && has_roles(model, *row);
    }
    case Action::one_password:
      return has_store(model, {SourceKind::op});
    case Action::os_store:
      return has_store(model, {SourceKind::keychain, SourceKind::secret_service});
    case Action::file_store:
      return has_store(model, {SourceKind::file});
    case Action::plain_text:
      return has_store(model, {SourceKind::literal});
    case Action::choose_field: {
      const auto* walk = top_as<Walk>(model);
      return walk != nullptr && walk->view.stage == Walk::Stage::title;
    }
    case Action::tick: {
      const auto* box = top_as<RevokeBox>(model);
      return box != nullptr && box->can_delete;
    }
    case Action::copy_link:
    case Action::open_link:
    case Action::show_qr: {
      const Operation* operation = shown_operation(model);
      return operation != nullptr && !operation->authorize_url.empty();
    }
    case Action::cancel: {
      const bool is_panel = context == Context::panel;
      if (is_panel && !is_live) return false;
      const Operation* operation = is_panel ? selected_operation(model) : shown_operation(model);
      return operation != nullptr && !operation->has_ended() && !operation->runs_to_end;
    }
    case Action::copy_report: {
      const Operation* operation = shown_operation(model);
      return operation != nullptr && operation->has_ended();
    }
    case Action::copy_command:
      return has_command(model);
    default:
      return true;
  }
}

bool is_bound(Context context, const Key& key) {
  return std::any_of(table.begin(), table.end(),
                     [&](const Binding& binding) { return binding.context == context && binding.key.matches(key); });
}

std::optional<Action> action_for(const Model& model, const Key& key) {
  const Context context = context_of(model);
  for (const Binding& binding : table) {
    if (binding.context == context && binding.key.matches(key) && applies(binding.action, model)) return binding.action;
  }
  return std::nullopt;
}

std::vector<const Binding*> footer_bindings(const Model& model) {
  const Context context = context_of(model);
  std::vector<const Binding*> shown;
  for (const Binding& binding : table) {
    if (binding.context == context && !binding.footer.empty() && applies(binding.action, model))
      shown.push_back(&binding);
  }
  return shown;
}

std::vector<const Binding*> menu_bindings(const Model& model) {
  std::vector<const Binding*> entries;
  for (const Binding& binding : table) {
    const bool is_entry = binding.context == Context::asking_menu && !binding.footer.empty() &&
                          binding.action != Action::back && binding.action != Action::help;
    if (is_entry && applies(binding.action, model)) entries.push_back(&binding);
  }
  return entries;
}

}  // namespace jackin::tui
