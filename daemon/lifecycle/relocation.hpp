// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/async/task.hpp"
#include "daemon/lifecycle/dependencies.hpp"
#include "daemon/lifecycle/journal.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/lifecycle/recovery.hpp"

namespace jackin::lifecycle {

/// Moves tokens of earlier versions from jackin's own folder (`Paths::earlier_tokens_dir`), which `jackin prune system
/// --all` deletes, into jackind's. Runs one journalled operation "relocate" for each source that the configuration
/// names. It copies without overwriting, reads back, rewrites the slots, and updates the place in the database. It
/// deletes the old file when no known configuration may use it. Runs at each start, after recovery, and continues
/// interrupted or stuck operations. Daemon's thread.
class Relocation {
 public:
  explicit Relocation(Dependencies& deps);

  /// A slot that cannot be written stays unchanged, and its operation is "stuck" until a later run. A source whose
  /// scopes are busy is left for the next run. Errors: only those of the database.
  Task<std::vector<Recovered>> run();

 private:
  struct Move;
  using Misplaced = std::map<std::string, Scope>;

  asio::awaitable<Misplaced> misplaced();
  asio::awaitable<std::optional<Recovered>> perform(Move move);
  Task<> steps(Move& move, Operations::Lease& lease);
  Task<> copy(Move& move);
  Task<> write_slots(Move& move, Operations::Lease& lease);
  Task<> record(Move& move);
  Task<> drop_copy(Move& move);
  Task<> retire_old(Move& move);
  Task<> enter(Move& move, Operations::Lease& lease, Step step);

  Dependencies& deps_;
  Journal journal_;
};

}  // namespace jackin::lifecycle
