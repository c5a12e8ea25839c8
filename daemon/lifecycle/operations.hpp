// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/dates.hpp"
#include "common/operation.hpp"
#include "common/result.hpp"
#include "common/scope.hpp"
#include "daemon/process/program_runner.hpp"

namespace jackin::lifecycle {

/// A running operation, as status shows it and as BUSY names it.
struct RunningOperation {
  std::string id;
  OperationKind kind = OperationKind::setup;
  Scope scope;
  std::optional<Step> step;  ///< Nothing before the first one.
  Moment started_at{};
  ProcessIdentity asked_by;
  bool captured = false;  ///< A token was captured; the operation runs to its end.
  bool asks = false;      ///< It waits for the user's answer and cannot continue without one.
};

/// The leases: which operation holds which scope and which stored item. In memory, daemon's thread only. A strand does
/// not lock across suspensions; a lease is held from an operation's start to its end.
class Operations {
 public:
  class Lease {
   public:
    Lease(Lease&&) noexcept;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    const RunningOperation& operation() const;
    void enter(Step step);
    void mark_captured();
    /// Sets whether it waits for the user's answer.
    void mark_asking(bool asks);
    /// From here on the journal treats it as another operation, and it is reported with that operation's id.
    void go_on_as(std::string id);
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

  std::vector<RunningOperation> running() const;

 private:
  Result<> expect_free(const Scope& scope) const;

  std::list<Lease::Entry> entries_;
  std::shared_ptr<void> mints_ = std::make_shared<int>();  ///< Each turn shares it.
  std::optional<Error> refused_;
};

/// A new operation's id: 26 characters of lower-case base32, 128 bits from the system's random source.
std::string new_operation_id();

}  // namespace jackin::lifecycle
