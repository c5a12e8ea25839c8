// SPDX-License-Identifier: Apache-2.0
#include "client/tui/model/operation.hpp"

#include <algorithm>

namespace jackin::tui {

std::vector<StepLine> steps_of(OperationKind kind, bool adopts) {
  std::vector<Step> steps;
  switch (kind) {
    case OperationKind::setup:
    case OperationKind::rotate:
      steps = {Step::program, Step::mint,      Step::captured,     Step::verify,
               Step::store,   Step::read_back, Step::write_config, Step::record};
      if (adopts) steps = {Step::resolve, Step::verify, Step::write_config, Step::record};
      if (kind == OperationKind::rotate) steps.push_back(Step::delete_old);
      break;
    case OperationKind::revoke:
      steps = {Step::clear, Step::forget};
      break;
    case OperationKind::relocate:
      steps = {Step::copy, Step::write_config, Step::delete_old};
      break;
    case OperationKind::recovery:
      break;
  }
  std::vector<StepLine> lines;
  lines.reserve(steps.size());
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
