// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/operation.hpp"

#include <asio/this_coro.hpp>
#include <utility>

namespace jackin::lifecycle {

Operation::Operation(Dependencies& deps, OperationKind kind, Operations::Lease lease)
    : kind_(kind),
      lease_(std::move(lease)),
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
  static_cast<void>(co_await journal_.end(id_, outcome));
}

asio::awaitable<void> Operation::leave_to_doctor() {
  // If the disk refuses these, the entry stays open, and the next start finds it open.
  static_cast<void>(co_await record(Step::stuck));
  static_cast<void>(co_await journal_.end(id_, Outcome::stuck));
}

}  // namespace jackin::lifecycle
