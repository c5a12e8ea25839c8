// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "client/terminal/qr_code.hpp"
#include "client/tui/update/screens.hpp"

namespace jackin::tui {
namespace {

bool is_before(const Operation& operation, Step earlier, Step later) {
  const auto position = [&](Step step) {
    return std::find_if(operation.steps.begin(), operation.steps.end(),
                        [&](const StepLine& line) { return line.step == step; });
  };
  return position(earlier) < position(later);
}

bool mints(const Operation& operation) {
  return operation.kind == OperationKind::setup || operation.kind == OperationKind::rotate;
}

// Removes expected steps that did not run: this operation did not need them.
void drop_skipped(Operation& operation, std::vector<StepLine>::iterator end) {
  const auto kept = std::remove_if(operation.steps.begin(), end,
                                   [](const StepLine& line) { return line.state == StepState::waiting; });
  operation.steps.erase(kept, end);
}

// Marks `step` as running and the steps before it as done. `tells_all`: every step of this operation is reported, so an
// expected step that was not reported is removed.
void reach(Operation& operation, Step step, std::string detail, bool tells_all) {
  if (step == Step::begun) return;
  const auto is_it = [&](const StepLine& line) { return line.step == step; };
  auto at = std::find_if(operation.steps.begin(), operation.steps.end(), is_it);
  if (at == operation.steps.end()) {
    operation.steps.push_back({.step = step});
    at = std::prev(operation.steps.end());
  }
  if (tells_all) {
    drop_skipped(operation, at);
    at = std::find_if(operation.steps.begin(), operation.steps.end(), is_it);
  }
  for (auto line = operation.steps.begin(); line != at; ++line) {
    if (line->state == StepState::waiting || line->state == StepState::running) line->state = StepState::done;
  }
  at->state = StepState::running;
  if (!detail.empty()) at->detail = std::move(detail);
  operation.waits = step == Step::mint ? std::optional(WaitsFor::consent) : std::nullopt;
  if (!mints(operation)) operation.runs_to_end = true;
  if (mints(operation) && (step == Step::captured || is_before(operation, Step::captured, step)))
    operation.runs_to_end = true;
}

void finish(Operation& operation, Ending outcome) {
  const bool has_failed = std::holds_alternative<Error>(outcome);
  if (!has_failed && operation.is_own) drop_skipped(operation, operation.steps.end());
  for (StepLine& line : operation.steps) {
    if (!has_failed && (line.state == StepState::running || line.state == StepState::waiting))
      line.state = StepState::done;
    if (has_failed && line.state == StepState::running) line.state = StepState::failed;
  }
  operation.outcome = std::move(outcome);
  operation.waits.reset();
  operation.question.reset();
  operation.screen = Cells();
}

bool is_shown(const Model& model, OperationNumber number) {
  return std::any_of(model.dialogs.begin(), model.dialogs.end(), [&](const Dialog& dialog) {
    const auto* view = std::get_if<OperationView>(&dialog);
    return view != nullptr && view->number == number;
  });
}

std::string end_of(const Operation& operation) {
  if (const auto* failed = std::get_if<Error>(&*operation.outcome))
    return operation.scope.str() + ": " + failed->message;
  std::string text = name_of(operation) + " is done";
  if (!operation.is_own && !operation.started_by.empty()) text += ", by " + operation.started_by;
  return text;
}

// Ends the lost operation that this recovery belongs to, with its outcome. Returns whether there is one.
bool end_recovered(Model& model, const OperationSeen& recovery) {
  if (recovery.kind != OperationKind::recovery) return false;
  const auto lost = std::find_if(model.operations.begin(), model.operations.end(), [&](const Operation& operation) {
    return operation.is_lost && operation.scope == recovery.scope && operation.started_at <= recovery.started_at;
  });
  if (lost == model.operations.end()) return false;
  finish(*lost, *recovery.outcome);
  lost->is_lost = false;
  if (is_shown(model, lost->number)) return true;
  say(model, end_of(*lost));
  model.operations.erase(lost);
  return true;
}

// A message about an operation must not stay below its outcome.
void drop_toast(Model& model, OperationNumber number) {
  if (model.toast && model.toast->operation == number) model.toast.reset();
}

void close_menu(Model& model, OperationNumber number) {
  for (Dialog& dialog : model.dialogs) {
    auto* view = std::get_if<OperationView>(&dialog);
    if (view != nullptr && view->number == number) view->is_menu_open = false;
  }
}

}  // namespace

void on_operation_message(Model& model, OperationNamed&& message, Effects& effects) {
  Operation* operation = find_operation(model, message.number);
  if (operation == nullptr) return;
  operation->id = message.id;
  if (model.unnamed == message.number) model.unnamed = 0;
  // A session can be cancelled before it has an id, a revocation cannot.
  const bool cancels = std::exchange(operation->cancels_when_named, false) && !mints(*operation);
  if (cancels && !operation->has_ended()) effects.emplace_back(Cancel{operation->number, operation->id});
  // Operations.Watch may have reported the operation first (OperationSeen). Removes that entry.
  std::erase_if(model.operations,
                [&](const Operation& other) { return !other.is_own && !message.id.empty() && other.id == message.id; });
}

void on_operation_message(Model& model, StepReached&& message, Effects& effects) {
  Operation* operation = find_operation(model, message.number);
  if (operation == nullptr || operation->has_ended()) return;
  const bool needed_us = operation->needs_us();
  reach(*operation, message.step, std::move(message.detail), true);
  operation->question.reset();
  if (!operation->runs_to_end) return;
  operation->screen = Cells();
  close_menu(model, message.number);
  if (needed_us) start_next(model, false, effects);
}

void on_operation_message(Model& model, ScreenChanged&& message) {
  Operation* operation = find_operation(model, message.number);
  if (operation != nullptr && !operation->has_ended()) operation->screen = std::move(message.screen);
}

void on_operation_message(Model& model, LinkArrived&& message) {
  Operation* operation = find_operation(model, message.number);
  if (operation == nullptr) return;
  operation->authorize_url = std::move(message.url);
  const client::QrCode code = client::qr_code(operation->authorize_url);
  operation->qr = code.lines.empty() ? CellSize{} : CellSize{static_cast<int>(code.lines.size()) + 2, code.columns};
}

void on_operation_message(Model& model, BrowserOpened&& message) {
  Operation* operation = find_operation(model, message.number);
  if (operation == nullptr) return;
  operation->browser_opened = message.error.empty();
  operation->browser_error = std::move(message.error);
}

void on_operation_message(Model& model, QuestionAsked&& message, Effects& /*effects*/) {
  Operation* operation = find_operation(model, message.number);
  if (operation == nullptr || operation->has_ended()) return;
  operation->question = std::move(message.question);
  operation->choice = 0;
  operation->waits = WaitsFor::answer;
  if (!is_shown(model, message.number))
    say(model, operation->scope.str() + " needs your decision: press Enter on its row");
}

void on_operation_message(Model& model, NoticeArrived&& message) {
  Operation* operation = find_operation(model, message.number);
  if (operation == nullptr) return;
  operation->notices.push_back(message.text);
  if (!is_shown(model, message.number)) say(model, operation->scope.str() + ": " + message.text);
}

void on_operation_message(Model& model, OperationEnded&& message, Effects& effects) {
  Operation* operation = find_operation(model, message.number);
  if (operation == nullptr || operation->has_ended()) return;
  const auto* failed = std::get_if<Error>(&message.outcome);
  const bool daemon_ends = message.daemon_ends || (failed != nullptr && failed->reason == Reason::daemon_unreachable);
  // That the connection is lost may not be told yet, and another one may be.
  if (daemon_ends && operation->connection == model.connection) model.holds_queue = true;
  if (daemon_ends && return_to_queue(model, message.number)) return start_next(model, false, effects);
  finish(*operation, std::move(message.outcome));
  drop_toast(model, message.number);
  close_menu(model, message.number);
  if (!is_shown(model, message.number)) say(model, end_of(*operation));
  start_next(model, false, effects);
}

void on_operation_message(Model& model, const OperationLost& message, Effects& effects) {
  Operation* operation = find_operation(model, message.number);
  if (operation == nullptr || operation->has_ended()) return;
  if (operation->outcome_elsewhere) {
    OperationEnded ended{message.number, *operation->outcome_elsewhere};
    return on_operation_message(model, std::move(ended), effects);
  }
  operation->is_own = false;
  operation->is_lost = true;
  operation->question.reset();
  operation->screen = Cells();
  operation->waits.reset();
  close_menu(model, message.number);
  start_next(model, false, effects);
}

void on_operation_message(Model& model, OperationsTold&& message) {
  const auto is_over = [&](const Operation& operation) {
    const bool runs = std::find(message.running.begin(), message.running.end(), operation.id) != message.running.end();
    return !operation.is_own && !operation.has_ended() && !runs;
  };
  std::erase_if(model.operations,
                [&](const Operation& operation) { return is_over(operation) && !is_shown(model, operation.number); });
  for (Operation& operation : model.operations) {
    if (!is_over(operation)) continue;
    // The daemon may still report its recovery.
    operation.is_lost = true;
    finish(operation, Error{Reason::internal, "it ended while jackind did not answer; its row shows the result", {}});
  }
}

void on_operation_message(Model& model, OperationSeen&& message, Effects& /*effects*/) {
  const bool was_recovery = message.outcome && end_recovered(model, message);
  const auto found = std::find_if(model.operations.begin(), model.operations.end(),
                                  [&](const Operation& operation) { return operation.id == message.id; });
  Operation* operation = found == model.operations.end() ? nullptr : &*found;
  if (operation != nullptr && operation->is_own) {
    // A setup or rotation reports its steps on its own stream. The stream of a revocation reports none.
    const bool tells_steps = mints(*operation);
    if (message.outcome) operation->outcome_elsewhere = std::move(message.outcome);
    if (!tells_steps && !message.outcome && !operation->has_ended() && message.step) {
      reach(*operation, *message.step, std::move(message.detail), true);
    }
    return;
  }
  if (operation == nullptr) {
    if (message.outcome) return;
    Operation seen;
    seen.number = ++model.last_number;
    seen.id = message.id;
    seen.kind = message.kind;
    seen.scope = message.scope;
    seen.steps = steps_of(message.kind);
    seen.is_own = false;
    model.operations.push_back(std::move(seen));
    operation = &model.operations.back();
  }
  operation->started_by = std::move(message.started_by);
  operation->started_at = message.started_at;
  operation->is_lost = false;
  if (!message.outcome) {
    // An event of Watch can stand for several steps, so a step that was not reported may have run.
    if (message.step) reach(*operation, *message.step, std::move(message.detail), false);
    operation->waits = message.waits;
    operation->runs_to_end = message.runs_to_end;
    return;
  }
  finish(*operation, std::move(*message.outcome));
  drop_toast(model, operation->number);
  if (is_shown(model, operation->number)) return;
  if (!was_recovery) say(model, end_of(*operation));
  const OperationNumber number = operation->number;
  std::erase_if(model.operations, [&](const Operation& one) { return one.number == number; });
}

}  // namespace jackin::tui
