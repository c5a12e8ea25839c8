// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/operation.hpp"
#include "common/scope.hpp"
#include "daemon/async/task.hpp"
#include "daemon/lifecycle/dependencies.hpp"
#include "daemon/lifecycle/journal.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/state/journal_detail.hpp"

namespace jackin::lifecycle {

/// A running operation: its lease, and its entry in the journal. Made for one run; daemon's thread. The dependencies
/// must outlive it.
class Operation {
 public:
  Operation(Dependencies& deps, OperationKind kind, Operations::Lease lease);
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  /// What the journal records with the next step.
  state::JournalDetail detail;

  const std::string& id() const { return id_; }
  OperationKind kind() const { return kind_; }
  const Scope& scope() const { return lease_.operation().scope; }
  Operations::Lease& lease() { return lease_; }

  /// Opens the journal's entry. Errors: those of `Journal`.
  Task<> open();
  /// Opens an entry with a new id. The journal records the next steps as another operation, so that recovery can
  /// distinguish the two.
  Task<> open_another();

  /// The operation is at this step now.
  void enter(Step step, const std::string& detail_for_user = {}) { lease_.enter(step, detail_for_user); }
  /// Writes the step, with `detail`, to the journal; before the action. Errors: those of `Journal`.
  Task<> record(Step step);

  /// From here on nothing cancels the operation.
  asio::awaitable<void> run_to_the_end();

  /// Removes what the operation left in jackind-slots.toml, and ends the entry. If the disk refuses either, the next
  /// start reaches the same result.
  asio::awaitable<void> end(Outcome outcome);
  /// Ends the entry as stuck: doctor lists it with `detail.remedy`.
  asio::awaitable<void> leave_to_doctor();

  /// Publishes the operation's result to the clients that watch it. `report` and `error` may be null. Call once, last.
  void publish(const TokenReport* report, const Error* error);

  /// The operations that are not at their end: `Journal::unfinished`.
  Task<std::vector<state::OperationRecord>> unfinished() { return journal_.unfinished(); }

 protected:
  Journal& journal() { return journal_; }

 private:
  Dependencies& deps_;
  OperationKind kind_;
  Operations::Lease lease_;
  Clock& clock_;
  Journal journal_;
  std::string id_;
  std::optional<Outcome> outcome_;
  bool is_entry_missing_ = false;  // The journal refused it; `record` tries again.
};

}  // namespace jackin::lifecycle
