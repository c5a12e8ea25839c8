// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

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

// The steps before are done, this one runs.
void reach(Operation& operation, Step step, std::string detail) {
  auto at = std::find_if(operation.steps.begin(), operation.steps.end(),
                         [&](const StepLine& line) { return line.step == step; });
  if (at == operation.steps.end()) {
    operation.steps.push_back({.step = step});
    at = std::prev(operation.steps.end());
  }
  for (auto line = operation.steps.begin(); line != at; ++line) {
    if (line->state == StepState::waiting || line->state == StepState::running) line->state = StepState::done;
  }
  at->state = StepState::running;
  if (!detail.empty()) at->detail = std::move(detail);
  operation.waits = step == Step::consent ? Waits::consent : Waits::nothing;
  const bool mints = operation.kind == OperationKind::setup || operation.kind == OperationKind::rotate;
  if (!mints) operation.runs_to_end = true;
  if (mints && (step == Step::captured || is_before(operation, Step::captured, step))) operation.runs_to_end = true;
}

void finish(Operation& operation, Outcome outcome) {
  const bool has_failed = std::holds_alternative<Failure>(outcome);
  for (StepLine& line : operation.steps) {
    if (!has_failed && (line.state == StepState::running || line.state == StepState::waiting))
      line.state = StepState::done;
    if (has_failed && line.state == StepState::running) line.state = StepState::failed;
  }
  operation.outcome = std::move(outcome);
  operation.waits = Waits::nothing;
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
  if (const auto* failed = std::get_if<Failure>(&*operation.outcome))
    return operation.scope.str() + ": " + failed->message;
  std::string text = name_of(operation) + " is done";
  if (!operation.is_own && !operation.started_by.empty()) text += ", by " + operation.started_by;
  return text;
}

void close_menu(Model& model, OperationNumber number) {
  for (Dialog& dialog : model.dialogs) {
    auto* view = std::get_if<OperationView>(&dialog);
    if (view != nullptr && view->number == number) view->is_menu_open = false;
  }
}

}  // namespace

void on_operation_message(Model& model, OperationNamed&& message) {
  Operation* operation = find_operation(model, message.number);
  if (operation == nullptr) return;
  operation->id = message.id;
  // Watch may have told of it first.
  std::erase_if(model.operations,
                [&](const Operation& other) { return !other.is_own && !message.id.empty() && other.id == message.id; });
}

void on_operation_message(Model& model, StepReached&& message, Effects& effects) {
  Operation* operation = find_operation(model, message.number);
  if (operation == nullptr || operation->has_ended()) return;
  const bool needed_us = operation->needs_us();
  reach(*operation, message.step, std::move(message.detail));
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
  if (operation != nullptr) operation->authorize_url = std::move(message.url);
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
  operation->waits = Waits::answer;
  if (!is_shown(model, message.number)) say(model, operation->scope.str() + " needs your decision: Enter on its row");
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
  finish(*operation, std::move(message.outcome));
  close_menu(model, message.number);
  if (!is_shown(model, message.number)) say(model, end_of(*operation));
  start_next(model, false, effects);
}

void on_operation_message(Model& model, OperationSeen&& message, Effects& effects) {
  const auto found = std::find_if(model.operations.begin(), model.operations.end(),
                                  [&](const Operation& operation) { return operation.id == message.id; });
  Operation* operation = found == model.operations.end() ? nullptr : &*found;
  if (operation != nullptr && operation->is_own) {
    // Its own stream says more, unless that was lost.
    if (message.outcome && !operation->has_ended()) {
      on_operation_message(model, OperationEnded{operation->number, std::move(*message.outcome)}, effects);
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
  if (!message.outcome) {
    reach(*operation, message.step, std::move(message.detail));
    operation->waits = message.waits;
    operation->runs_to_end = message.runs_to_end;
    return;
  }
  finish(*operation, std::move(*message.outcome));
  if (is_shown(model, operation->number)) return;
  say(model, end_of(*operation));
  const OperationNumber number = operation->number;
  std::erase_if(model.operations, [&](const Operation& one) { return one.number == number; });
}

}  // namespace jackin::tui
