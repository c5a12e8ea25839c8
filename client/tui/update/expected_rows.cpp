// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "client/tui/update/screens.hpp"

namespace jackin::tui {
namespace {

void expect_row(Model& model, const Scope& scope) {
  Row row;
  row.scope = scope;
  row.is_expected = true;
  row.has_details = true;  // the daemon knows none
  row.verdict = "new";
  row.summary = "not in the configuration yet";
  model.rows.try_emplace(scope, std::move(row));
}

// Whether an operation that began here has created the scope.
bool was_created(const Model& model, const Scope& scope) {
  return std::any_of(model.operations.begin(), model.operations.end(), [&](const Operation& operation) {
    return operation.scope == scope && operation.has_ended() && !operation.has_failed();
  });
}

}  // namespace

void update_expected_rows(Model& model) {
  if (!model.has_rows) return;
  std::erase_if(model.rows, [&](const auto& entry) {
    const auto& [scope, row] = entry;
    if (!row.is_expected || running_operation(model, scope) != nullptr || is_queued(model, scope)) return false;
    if (model.panel.selected == scope && was_created(model, scope)) model.panel.created = scope;
    return true;
  });
  for (const Operation& operation : model.operations) {
    if (!operation.has_ended()) expect_row(model, operation.scope);
  }
  for (const QueuedStart& start : model.queue) expect_row(model, start.scope);
}

}  // namespace jackin::tui
