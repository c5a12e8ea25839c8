// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/dates.hpp"
#include "common/error.hpp"
#include "common/operation.hpp"
#include "common/result.hpp"
#include "common/scope.hpp"
#include "daemon/lifecycle/token_request.hpp"
#include "daemon/process/program_runner.hpp"

namespace jackin::lifecycle {

/// How an operation ended, for the clients that watch it.
struct OperationResult {
  Outcome outcome = Outcome::failed;
  std::optional<TokenReport> report;  ///< Of a setup or a rotation that succeeded; `reference` is the recorded one.
  std::optional<Error> error;         ///< Of an operation that failed.
  Moment ended_at{};
};

/// An operation, as clients see it and as BUSY names it.
struct OperationState {
  std::string id;
  std::string journal_id;  ///< The journal's present entry; first the same as `id`.
  OperationKind kind = OperationKind::setup;
  Scope scope;
  std::optional<Step> step;  ///< Nothing before the first one.
  std::string detail;        ///< Of the step: a version, a place. Text for users; may be empty.
  std::vector<Step> plan;    ///< The expected steps, in order; empty when they are not known.
  Moment started_at{};
  ProcessIdentity asked_by;
  bool captured = false;                  ///< A token was captured; the operation runs to its end.
  bool asks = false;                      ///< It waits for the user's answer and cannot continue without one.
  std::optional<OperationResult> result;  ///< Nothing while it runs.

  /// Whether it ends by itself, also without its client.
  bool runs_to_its_end() const { return captured && !asks; }
  /// What it waits for now; nothing also when it has ended.
  std::optional<WaitsFor> waits_for() const;
  /// The position of the step in `plan`, from 1. A step that is not planned counts as the planned one before it.
  std::size_t step_number() const { return step_number_; }

  /// The operation is at this step now.
  void enter(Step entered, std::string its_detail);

 private:
  std::size_t step_number_ = 0;
};

/// The leases: which operation holds which scope and which stored item. Also the results of the operations that ended
/// within a day, so that a client that lost its stream learns them. In memory, daemon's thread only. A strand does not
/// lock across suspensions; a lease is held from an operation's start to its end.
class Operations {
 public:
  class Lease {
   public:
    Lease(Lease&&) noexcept;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    const OperationState& operation() const;
    /// Sets the expected steps.
    void plan(std::vector<Step> steps);
    void enter(Step step, std::string detail = {});
    void mark_captured();
    /// Sets whether it waits for the user's answer.
    void mark_asking(bool asks);
    /// From here on the journal treats it as another operation, with that id. Clients know it by its first id.
    void go_on_as(std::string id);
    /// Sets how `Operations::cancel` ends the operation; the function returns false when it is too late. Without it,
    /// or once the operation runs to its end, nothing cancels it.
    void on_cancel(std::function<bool()> cancel);
    /// Sets how the operation ended. The end of the lease publishes it and keeps it for a day. Without it the operation
    /// counts as failed and is not kept.
    void set_result(OperationResult result);
    /// Also holds another scope. Errors: busy.
    Result<> hold_scope(const Scope& scope);
    /// Also holds the stored item with that reference, or the 1Password item that contains this field. Holding an item
    /// includes its fields. Errors: busy.
    Result<> hold_item(const std::string& reference);

   private:
    friend class Operations;
    struct Entry;
    Lease(Operations& operations, std::list<Entry>::iterator entry);
    Operations* operations_;
    std::list<Entry>::iterator entry_;
  };

  /// A permit to create a token with claude. May outlive the Operations.
  class MintTurn {
   public:
    MintTurn(MintTurn&&) noexcept = default;
    MintTurn& operator=(MintTurn&&) noexcept = default;

   private:
    friend class Operations;
    explicit MintTurn(std::shared_ptr<void> counted) : counted_(std::move(counted)) {}
    std::shared_ptr<void> counted_;
  };
  static constexpr long most_mints = 4;

  Operations();
  ~Operations();

  /// Errors: busy when the maximum number of tokens is being created.
  Result<MintTurn> begin_mint();

  /// Begins an operation on a scope. Errors: busy, with the running operation, its caller and its start time; the error
  /// that `refuse` was given.
  Result<Lease> begin(std::string id, OperationKind kind, const Scope& scope, Moment now, ProcessIdentity asked_by);

  /// Rejects new operations: `begin` fails with `why`. Running operations continue and may hold more.
  void refuse(Error why);

  std::vector<OperationState> running() const;

  /// The operations that ended within a day before `now`, at most the last `most_recent`, in the order of their ends.
  std::vector<OperationState> recent(Moment now) const;
  static constexpr std::size_t most_recent = 200;

  /// Cancels a running operation, as its own client can. Returns before the operation has ended. Errors:
  /// unknown_operation; unsupported: a token is captured, or the kind of operation cannot be cancelled.
  Result<> cancel(const std::string& id);

  /// Calls the listener at each begin, change and end of an operation, until the handle is destroyed. The handle may
  /// outlive the Operations. The listener must not begin or end an operation, or destroy the handle of another
  /// listener.
  using Listener = std::function<void(const OperationState&)>;
  using Handle = std::shared_ptr<void>;
  Handle watch(Listener listener);

 private:
  Result<> expect_free(const Scope& scope) const;
  void end(std::list<Lease::Entry>::iterator entry);
  void publish(const OperationState& operation) const;

  std::list<Lease::Entry> entries_;
  std::deque<OperationState> ended_;
  std::shared_ptr<std::list<Listener>> listeners_ = std::make_shared<std::list<Listener>>();
  std::shared_ptr<void> mints_ = std::make_shared<int>();  ///< Each turn shares it.
  std::optional<Error> refused_;
};

/// A new operation's id: 26 characters of lower-case base32, 128 bits from the system's random source.
std::string new_operation_id();

}  // namespace jackin::lifecycle
