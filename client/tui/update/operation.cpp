// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "client/tui/update/screens.hpp"

namespace jackin::tui {
namespace {

Operation* shown(Model& model) {
  return find_operation(model, top_as<OperationView>(model)->number);
}

void open_menu(Model& model, bool on_cancel) {
  OperationView& view = *top_as<OperationView>(model);
  view.is_menu_open = true;
  const auto entries = menu_bindings(model);
  view.menu_choice = on_cancel || entries.empty() ? Action::cancel : entries.front()->action;
}

void move_in_menu(Model& model, Action action) {
  OperationView& view = *top_as<OperationView>(model);
  const auto entries = menu_bindings(model);
  const auto at = std::find_if(entries.begin(), entries.end(),
                               [&](const Binding* entry) { return entry->action == view.menu_choice; });
  auto choice = at == entries.end() ? 0 : static_cast<std::size_t>(at - entries.begin());
  move_selection(choice, entries.size(), 1, action);
  if (choice < entries.size()) view.menu_choice = entries[choice]->action;
}

void cancel(Model& model, Effects& effects) {
  Operation* operation = shown(model);
  if (operation == nullptr) return;
  top_as<OperationView>(model)->is_menu_open = false;
  cancel_operation(model, *operation, effects);
}

// Ctrl-C opens the menu at "cancel"; a second Ctrl-C cancels. It quits the program if the operation is not ours or
// cannot be cancelled.
void interrupt(Model& model, Effects& effects) {
  const OperationView& view = *top_as<OperationView>(model);
  const bool can_cancel = applies(Action::cancel, model) && shown(model)->is_own;
  if (!can_cancel) return quit_or_ask(model, effects);
  if (view.is_menu_open && view.menu_choice == Action::cancel) return cancel(model, effects);
  open_menu(model, true);
}

void to_panel(Model& model, Effects& effects) {
  const OperationNumber number = top_as<OperationView>(model)->number;
  const Operation* operation = find_operation(model, number);
  const bool has_ended = operation == nullptr || operation->has_ended();
  close_top(model);
  if (!has_ended) return;
  std::erase_if(model.operations, [&](const Operation& one) { return one.number == number; });
  // If several operations were begun, the screen of the next consent opens.
  start_next(model, true, effects);
  if (const Operation* next = open_consent(model); next != nullptr && model.dialogs.empty())
    show_operation(model, next->number);
}

void take_menu_entry(Model& model, Effects& effects) {
  const Action choice = top_as<OperationView>(model)->menu_choice;
  if (applies(choice, model)) on_operation(model, choice, effects);
}

void answer(Model& model, Effects& effects) {
  Operation* operation = shown(model);
  if (operation == nullptr || !operation->question || operation->choice >= operation->question->choices.size()) return;
  effects.emplace_back(Answer{operation->number, operation->question->choices[operation->choice].key});
  operation->question.reset();
  operation->waits = WaitsFor::store;
}

void choose(Model& model, Action action) {
  Operation* operation = shown(model);
  if (operation != nullptr && operation->question) {
    move_selection(operation->choice, operation->question->choices.size(), 1, action);
  }
}

// Begins the setup or rotation that has failed once more, as it was begun.
void repeat(Model& model, Effects& effects) {
  const OperationNumber number = top_as<OperationView>(model)->number;
  QueuedStart again = model.begun.at(number);
  again.was_returned = false;
  // The failed setup may have created the workspace.
  if (is_known(model, again.scope)) {
    again.create = false;
    again.workdir.clear();
  }
  close_top(model);
  std::erase_if(model.operations, [&](const Operation& one) { return one.number == number; });
  start(model, {std::move(again)}, effects);
}

std::string report_text(const Operation& operation) {
  std::string text = operation.scope.str() + "\n";
  const auto line = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) text.append(key).append(": ").append(value).append("\n");
  };
  if (const auto* report = std::get_if<TokenReport>(&*operation.outcome)) {
    line("claude", report->claude_version);
    line("stored in", report->stored_in);
    line("fingerprint", report->fingerprint);
    line("expires", report->expires_on);
    line("set in", report->slot);
  } else if (const auto* revoked = std::get_if<RevokeReport>(&*operation.outcome)) {
    line("token", revoked->cleared ? "removed from the configuration" : "none was configured");
    line("remains in", revoked->remains_in);
  } else if (const auto* failed = std::get_if<Error>(&*operation.outcome)) {
    line("error", failed->message);
    line("try", command_of(failed->remedy));
  }
  return text;
}

}  // namespace

void cancel_operation(Model& model, Operation& operation, Effects& effects) {
  effects.emplace_back(Cancel{operation.number, operation.id});
  operation.cancels_when_named = operation.id.empty();
  say(model, "cancelling " + name_of(operation), operation.number);
}

void on_operation(Model& model, Action action, Effects& effects) {
  OperationView& view = *top_as<OperationView>(model);
  const Operation* operation = shown(model);
  switch (action) {
    case Action::menu:
      return open_menu(model, false);
    case Action::back:
      view.is_menu_open = false;
      view.wants_qr = false;
      return;
    case Action::previous_choice:
      return move_in_menu(model, Action::up);
    case Action::next_choice:
      return move_in_menu(model, Action::down);
    case Action::take:
      return view.is_menu_open ? take_menu_entry(model, effects) : answer(model, effects);
    case Action::copy_link:
      view.is_menu_open = false;
      effects.emplace_back(Copy{operation->authorize_url});
      return say(model, "the link was sent to the terminal's clipboard");
    case Action::open_link:
      view.is_menu_open = false;
      effects.emplace_back(OpenBrowser{operation->number, operation->authorize_url});
      return;
    case Action::show_qr:
      view.is_menu_open = false;
      view.wants_qr = !view.wants_qr;
      return;
    case Action::to_panel:
      return to_panel(model, effects);
    case Action::cancel:
      if (operation != nullptr && !operation->is_own) {
        model.dialogs.emplace_back(CancelBox{operation->number});
        return;
      }
      return cancel(model, effects);
    case Action::interrupt:
      return interrupt(model, effects);
    case Action::copy_report:
      effects.emplace_back(Copy{report_text(*operation)});
      return say(model, "the report was sent to the terminal's clipboard");
    case Action::generate:
    case Action::rotate:
      return repeat(model, effects);
    case Action::doctor: {
      const Scope scope = operation == nullptr ? Scope::global() : operation->scope;
      return open_doctor(model, {scope}, effects);
    }
    default:
      return choose(model, action);
  }
}

}  // namespace jackin::tui
