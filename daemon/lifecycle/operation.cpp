// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/operation.hpp"

#include <asio/this_coro.hpp>
#include <utility>

#include "common/recorded_reference.hpp"
#include "daemon/lifecycle/leftover.hpp"

namespace jackin::lifecycle {

Operation::Operation(Dependencies& deps, OperationKind kind, Operations::Lease lease)
    : deps_(deps),
      kind_(kind),
      lease_(std::move(lease)),
      clock_(deps.clock),
      journal_(deps.database, deps.pool, deps.clock, deps.paths.config_dir),
      id_(lease_.operation().id) {}

Task<> Operation::open() {
  co_return co_await journal_.begin(id_, kind_, scope());
}

Task<> Operation::open_another() {
  id_ = new_operation_id();
  lease_.go_on_as(id_);
  auto opened = co_await open();
  is_entry_missing_ = !opened;
  co_return opened;
}

Task<> Operation::record(Step step) {
  if (is_entry_missing_) {
    CO_TRY(co_await open());
    is_entry_missing_ = false;
  }
  co_return co_await journal_.enter(id_, step, detail);
}

asio::awaitable<void> Operation::run_to_the_end() {
  lease_.mark_captured();
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
}

asio::awaitable<void> Operation::end(Outcome outcome) {
  outcome_ = outcome;
  const auto removed = co_await remove_left_slots(deps_, detail);
  if (!removed) co_return;
  static_cast<void>(co_await journal_.end(id_, outcome));
}

void Operation::publish(const TokenReport* report, const Error* error) {
  OperationResult result;
  result.outcome = outcome_.value_or(error == nullptr ? Outcome::done : Outcome::failed);
  if (report != nullptr) {
    result.report = *report;
    // Every client can watch, and the arguments of a command can contain a credential.
    result.report->reference = recorded_reference(report->reference);
  }
  if (error != nullptr) {
    result.error = *error;
    result.error->remedy = for_scope(std::move(result.error->remedy), scope());
  }
  result.ended_at = clock_.now();
  lease_.set_result(std::move(result));
}

asio::awaitable<void> Operation::leave_to_doctor() {
  outcome_ = Outcome::stuck;
  // If the disk refuses these, the entry stays open, and the next start finds it open.
  static_cast<void>(co_await record(Step::stuck));
  static_cast<void>(co_await journal_.end(id_, Outcome::stuck));
}

}  // namespace jackin::lifecycle
