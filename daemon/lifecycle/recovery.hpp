#pragma once

#include <string>
#include <vector>

#include "common/environment.hpp"
#include "common/scope.hpp"
#include "daemon/lifecycle/journal.hpp"
#include "daemon/lifecycle/parts.hpp"
#include "daemon/platform/task.hpp"

namespace jackin::lifecycle {

/// What became of an operation that was found unfinished.
struct Recovered {
  std::string id;
  std::string kind;
  Scope scope;
  Outcome outcome = Outcome::undone;
  std::string message;  ///< One sentence, for the log.
};

/// Brings to an end what a crash has left: finishes what was validated and wired, undoes what was not. Run once, at the
/// daemon's start; daemon's thread. Holds each scope meanwhile; an operation whose scope is busy is left for the next
/// start.
class Recovery {
 public:
  explicit Recovery(Parts& parts);

  /// Goes through the journal, oldest first. A setup whose slot names what it stored is recorded as done; else what it
  /// stored is deleted, if it carries the operation's id. What cannot be found out or deleted now is "stuck": doctor
  /// lists it, and the next start tries again. `own` is the daemon's environment. Errors: those of the database alone.
  Task<std::vector<Recovered>> run(const Environment& own);

 private:
  asio::awaitable<Recovered> recover(const state::OperationRecord& record, const Environment& own);
  asio::awaitable<Recovered> recover_setup(const state::OperationRecord& record, state::JournalDetail detail,
                                           const Environment& own);
  asio::awaitable<Recovered> finish_setup(const state::OperationRecord& record, const state::JournalDetail& detail);
  asio::awaitable<Recovered> undo_setup(const state::OperationRecord& record, state::JournalDetail detail,
                                        const Environment& own);
  asio::awaitable<Recovered> end(const state::OperationRecord& record, Outcome outcome, std::string message);
  asio::awaitable<Recovered> stuck(const state::OperationRecord& record, state::JournalDetail detail,
                                   std::string message);

  Parts& parts_;
  Journal journal_;
};

}  // namespace jackin::lifecycle
