// SPDX-License-Identifier: Apache-2.0
#include "daemon/core/recovery_work.hpp"

#include <spdlog/spdlog.h>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/this_coro.hpp>
#include <chrono>
#include <string>
#include <utility>

#include "common/os/private_files.hpp"
#include "daemon/config/replace_file.hpp"

namespace jackin {
namespace {

// Longer than any program can outlive its daemon (Store::outlives_daemon).
constexpr auto recover_again_after = std::chrono::minutes(6);
// The temporary file of a killed writer is deleted after at most twice this time.
constexpr std::chrono::hours sweep_interval{1};
// How long records of ended operations and hand-outs are kept: longer than a token is valid.
constexpr auto memory_span = std::chrono::days(400);

}  // namespace

void RecoveryWork::start() {
  asio::co_spawn(io_, begin(), asio::detached);
}

void RecoveryWork::stop() {
  again_.emit(asio::cancellation_type::terminal);
  sweeping_.emit(asio::cancellation_type::terminal);
}

asio::awaitable<void> RecoveryWork::begin() {
  const auto share = own_work_.begin();
  co_await sweep();
  asio::co_spawn(io_, sweep_again(), asio::bind_cancellation_slot(sweeping_.slot(), asio::detached));
  auto forget = [&database = core_.deps.database, before = core_.deps.clock.now() - memory_span] {
    return database.forget_before(before);
  };
  const auto forgotten = co_await core_.deps.pool.run(std::move(forget));
  if (!forgotten) spdlog::error("cannot delete old records: {}", forgotten.error().message);
  const bool any_left = co_await core_.recovery.run_at_start(core_.deps.environment);
  if (any_left) asio::co_spawn(io_, recover_again(), asio::bind_cancellation_slot(again_.slot(), asio::detached));
}

// Deletes temporary files of killed writers: this daemon's, and those of a daemon with another state folder that is not
// started again. Temporary configuration files are removed under jackin's lock, so no process is writing them.
// Temporary token files are removed only when they are old.
asio::awaitable<void> RecoveryWork::sweep() {
  const Paths& paths = core_.deps.paths;
  // The configuration folder can be on a mount that does not answer.
  auto sweep_configuration = [paths] { return config::remove_abandoned_writes(paths); };
  auto sweep_tokens = [folder = paths.tokens_dir()] { return os::remove_abandoned_writes_in(folder, sweep_interval); };
  std::string key = "sweep";
  const auto in_configuration = co_await core_.deps.named_files.run_uncancelled(
      std::move(key), async::TimedCalls::limit, std::move(sweep_configuration));
  const auto of_tokens = co_await core_.deps.writers.run(std::move(sweep_tokens));
  for (const auto& swept : {in_configuration, of_tokens}) {
    if (!swept) spdlog::error("cannot remove temporary files of killed writers: {}", swept.error().message);
    if (swept && *swept > 0) spdlog::info("removed {} temporary files of killed writers", *swept);
  }
}

asio::awaitable<void> RecoveryWork::sweep_again() {
  co_await asio::this_coro::throw_if_cancelled(false);
  for (;;) {
    const bool is_time = co_await core_.deps.clock.wait(sweep_interval);
    if (!is_time) co_return;
    co_await sweep();
  }
}

// Runs recovery again when no program of the earlier daemon can still run: an op that asks the user outlives its
// daemon.
asio::awaitable<void> RecoveryWork::recover_again() {
  co_await asio::this_coro::throw_if_cancelled(false);
  if (!co_await core_.deps.clock.wait(recover_again_after)) co_return;
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  const auto share = own_work_.begin();
  co_await core_.recovery.run_again(core_.deps.environment);
}

}  // namespace jackin
