#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/scope.hpp"
#include "daemon/platform/clock.hpp"
#include "daemon/platform/pool.hpp"
#include "daemon/platform/task.hpp"
#include "daemon/state/database.hpp"
#include "daemon/state/journal_detail.hpp"

namespace jackin::lifecycle {

/// How an operation ended.
enum class Outcome {
  done,
  failed,  ///< Ended by an error with everything as it was before.
  undone,  ///< Found unfinished at a start of the daemon, and undone.
  stuck,   ///< Something is left behind that only the person can mend; stays listed.
};
std::string_view to_text(Outcome outcome);

/// What was begun and how far it came, on the disk. Every call returns when the entry is there (fsync), so an entry is
/// written before what it announces. Daemon's thread; the disk's work runs in the pool. Errors: disk_full, io_failed.
class Journal {
 public:
  Journal(state::Database& database, platform::Pool& pool, Clock& clock)
      : database_(database), pool_(pool), clock_(clock) {}

  Task<> begin(const std::string& id, const std::string& kind, const Scope& scope);
  Task<> enter(const std::string& id, const std::string& step, const state::JournalDetail& detail);
  Task<> end(const std::string& id, Outcome outcome);

  /// Those that were begun and never ended, and those that are stuck; oldest first.
  Task<std::vector<state::OperationRecord>> unfinished();

 private:
  state::Database& database_;
  platform::Pool& pool_;
  Clock& clock_;
};

}  // namespace jackin::lifecycle
