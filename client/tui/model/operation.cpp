// SPDX-License-Identifier: Apache-2.0
#include "client/tui/model/operation.hpp"

#include <algorithm>

namespace jackin::tui {

std::vector<StepLine> steps_of(OperationKind kind, bool adopts) {
  std::vector<Step> steps;
  switch (kind) {
    case OperationKind::setup:
    case OperationKind::rotate:
      steps = {Step::program, Step::consent,   Step::captured, Step::checked,
               Step::stored,  Step::read_back, Step::written,  Step::recorded};
      if (adopts) steps = {Step::resolve, Step::checked, Step::written, Step::recorded};
      if (kind == OperationKind::rotate) steps.push_back(Step::old_deleted);
      break;
    case OperationKind::revoke:
    case OperationKind::migrate:
      steps = {Step::written, Step::recorded};
      break;
  }
  std::vector<StepLine> lines;
  for (const Step step : steps) lines.push_back({.step = step});
  return lines;
}

std::size_t step_number(const Operation& operation) {
  const auto is_open = [](const StepLine& line) {
    return line.state == StepState::waiting || line.state == StepState::running || line.state == StepState::failed;
  };
  const auto at = std::find_if(operation.steps.begin(), operation.steps.end(), is_open);
  const auto number = static_cast<std::size_t>(at - operation.steps.begin()) + 1;
  return std::min(number, std::max<std::size_t>(operation.steps.size(), 1));
}

}  // namespace jackin::tui
