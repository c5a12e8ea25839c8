// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/recovery_runs.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "common/words.hpp"
#include "daemon/lifecycle/relocation.hpp"

namespace jackin::lifecycle {
namespace {

void log_recovered(const std::vector<Recovered>& all) {
  for (const auto& operation : all) {
    spdlog::info("{} of {} was left unfinished: {}: {}", state::name_of(operation.kind), operation.scope.str(),
                 word_of(operation.outcome), operation.message);
  }
}

}  // namespace

RecoveryRuns::RecoveryRuns(asio::any_io_executor executor, Dependencies& attended, Dependencies& unattended,
                           Clock::Duration started_at)
    : attended_(attended), unattended_(unattended), started_at_(started_at), start_over_(std::move(executor)) {}

asio::awaitable<bool> RecoveryRuns::run_at_start(const Environment& own) {
  Recovery recovery(unattended_, started_at_);
  const auto recovered = co_await recovery.run(own);
  bool any_left = false;
  if (recovered) {
    log_recovered(*recovered);
    co_await relocate();
    any_left = std::any_of(recovered->begin(), recovered->end(),
                           [](const Recovered& operation) { return operation.outcome == Outcome::stuck; });
  } else {
    spdlog::error("cannot read the unfinished operations of an earlier run: {}", recovered.error().message);
  }
  is_starting_ = false;
  start_over_.notify();
  co_return any_left;
}

asio::awaitable<void> RecoveryRuns::run_again(const Environment& own) {
  Recovery recovery(unattended_, started_at_);
  if (const auto recovered = co_await recovery.run(own)) log_recovered(*recovered);
}

Task<> RecoveryRuns::start_ended() {
  while (is_starting_) {
    const bool ended = co_await async::cancelled_already();
    if (ended) co_return failure(Reason::cancelled, "cancelled");
    co_await start_over_.wait();
  }
  co_return Result<>();
}

asio::awaitable<std::vector<Recovered>> RecoveryRuns::run_attended(const Environment& client) {
  Recovery recovery(attended_, started_at_);
  std::vector<Recovered> recovered;
  if (auto all = co_await recovery.run(client)) recovered = *std::move(all);
  log_recovered(recovered);
  co_await relocate();
  co_return recovered;
}

// Moves tokens out of jackin's folder, where earlier versions stored them.
asio::awaitable<void> RecoveryRuns::relocate() {
  Relocation relocation(unattended_);
  const auto moved = co_await relocation.run();
  if (!moved) {
    spdlog::error("cannot move the tokens in jackin's folder: {}", moved.error().message);
    co_return;
  }
  for (const auto& one : *moved) {
    spdlog::info("relocate of {}: {}: {}", one.scope.str(), word_of(one.outcome), one.message);
  }
}

}  // namespace jackin::lifecycle
