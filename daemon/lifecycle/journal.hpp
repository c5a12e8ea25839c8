// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "common/operation.hpp"
#include "common/scope.hpp"
#include "daemon/async/clock.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/async/task.hpp"
#include "daemon/state/database.hpp"
#include "daemon/state/journal_detail.hpp"

namespace jackin::lifecycle {

/// Records on disk which operations began, their steps, and their configuration folder. Every call returns when the
/// entry is on disk (fsync), so an entry is written before the action that it announces. Daemon's thread; disk work
/// runs in the pool. Errors: disk_full, io_failed.
class Journal {
 public:
  /// `config_dir` is the configuration folder of the operations.
  Journal(state::Database& database, async::Pool& pool, Clock& clock, std::filesystem::path config_dir)
      : database_(database), pool_(pool), clock_(clock), config_dir_(std::move(config_dir)) {}

  Task<> begin(const std::string& id, OperationKind kind, const Scope& scope);
  Task<> enter(const std::string& id, Step step, const state::JournalDetail& detail);
  Task<> end(const std::string& id, Outcome outcome);

  /// The operations that began and never ended, those that are stuck, and those whose token is kept; of every
  /// configuration, oldest first.
  Task<std::vector<state::OperationRecord>> unfinished();

 private:
  state::Database& database_;
  async::Pool& pool_;
  Clock& clock_;
  std::filesystem::path config_dir_;
};

}  // namespace jackin::lifecycle
