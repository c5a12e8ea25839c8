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

}  // namespace

void update_expected_rows(Model& model) {
  if (!model.has_rows) return;
  const auto is_queued = [&](const Scope& scope) {
    return std::any_of(model.queue.begin(), model.queue.end(),
                       [&](const QueuedStart& start) { return start.scope == scope; });
  };
  std::erase_if(model.rows, [&](const auto& entry) {
    return entry.second.is_expected && running_operation(model, entry.first) == nullptr && !is_queued(entry.first);
  });
  for (const Operation& operation : model.operations) {
    if (!operation.has_ended()) expect_row(model, operation.scope);
  }
  for (const QueuedStart& start : model.queue) expect_row(model, start.scope);
}

}  // namespace jackin::tui
