// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/quick_checks.hpp"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <map>
#include <string>
#include <utility>

#include "daemon/async/timeout.hpp"

namespace jackin::health {
namespace {

constexpr std::size_t threads = 2;

}  // namespace

/// One quick check in progress; all its waiters share it.
struct QuickChecks::Flight {
  Flight(const asio::any_io_executor& executor, secrets::CredentialSource looked_at)
      : source(std::move(looked_at)), over(executor, asio::steady_timer::time_point::max()) {}

  secrets::CredentialSource source;
  asio::steady_timer over;  ///< Never expires; cancelled when the result is available.
  std::optional<Result<>> seen;
};

struct QuickChecks::State {
  Clock& clock;
  const secrets::Sources& sources;
  async::Pool* pool = nullptr;
  std::map<std::string, std::shared_ptr<Flight>> flights{};  ///< By reference.
};

QuickChecks::QuickChecks(Clock& clock, const secrets::Sources& sources)
    : state_(std::make_shared<State>(State{clock, sources})) {}
QuickChecks::~QuickChecks() = default;

asio::awaitable<void> QuickChecks::fly(std::shared_ptr<State> state, std::shared_ptr<Flight> flight) {
  auto look = [&sources = state->sources, &source = flight->source] { return sources.quick_check(source); };
  flight->seen = co_await state->pool->run(std::move(look));
  state->flights.erase(secrets::reference_of(flight->source));
  flight->over.cancel();
}

Task<> QuickChecks::look(secrets::CredentialSource source) {
  const std::string reference = secrets::reference_of(source);
  const auto known = state_->flights.find(reference);
  std::shared_ptr<Flight> flight = known == state_->flights.end() ? nullptr : known->second;
  if (!flight) {
    if (state_->flights.size() >= threads) co_return Result<>();
    if (!pool_) state_->pool = &pool_.emplace(threads);
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    flight = std::make_shared<Flight>(executor, std::move(source));
    state_->flights.emplace(reference, flight);
    asio::co_spawn(executor, fly(state_, flight), asio::detached);
  }
  bool is_late = false;
  const async::Timeout timeout(flight->over.get_executor(), state_->clock, limit, [&] {
    is_late = true;
    flight->over.cancel();
  });
  bool cancelled = co_await async::cancelled_already();
  while (!flight->seen && !is_late && !cancelled) {
    asio::error_code always_aborted;
    co_await flight->over.async_wait(asio::redirect_error(asio::use_awaitable, always_aborted));
    cancelled = co_await async::cancelled_already();
  }
  if (flight->seen) co_return *flight->seen;
  if (cancelled) co_return failure(Reason::cancelled, "cancelled");
  co_return failure(Reason::source_unreachable, secrets::describe(flight->source) + " does not answer");
}

}  // namespace jackin::health
