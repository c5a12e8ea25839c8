// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/journal.hpp"

namespace jackin::lifecycle {

// Work for the pool is named before it is awaited: g++ 12 destroys the captures of a lambda that is a temporary of a
// co_await twice (GCC bug 99576).

Task<> Journal::begin(const std::string& id, OperationKind kind, const Scope& scope) {
  state::OperationRecord record;
  record.id = id;
  record.kind = kind;
  record.scope = scope;
  record.step = Step::begun;
  state::JournalDetail detail;
  detail.config_folder = config_dir_.string();
  record.detail = state::to_json(detail);
  record.begun_at = record.changed_at = clock_.now();
  auto work = [this, record = std::move(record)] { return database_.begin_operation(record); };
  co_return co_await pool_.run(std::move(work));
}

Task<> Journal::enter(const std::string& id, Step step, const state::JournalDetail& entered) {
  state::JournalDetail detail = entered;
  detail.config_folder = config_dir_.string();
  auto work = [this, id, step, json = state::to_json(detail), now = clock_.now()] {
    return database_.enter_step(id, step, json, now);
  };
  co_return co_await pool_.run(std::move(work));
}

Task<> Journal::end(const std::string& id, Outcome outcome) {
  auto work = [this, id, outcome, now = clock_.now()] { return database_.end_operation(id, outcome, now); };
  co_return co_await pool_.run(std::move(work));
}

Task<std::vector<state::OperationRecord>> Journal::unfinished() {
  auto work = [this] { return database_.unfinished_operations(); };
  co_return co_await pool_.run(std::move(work));
}

}  // namespace jackin::lifecycle
