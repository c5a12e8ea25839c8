// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/secret_cache.hpp"

#include <algorithm>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <exception>
#include <map>
#include <utility>
#include <variant>

#include "daemon/async/task.hpp"

namespace jackin::secrets {
namespace {

bool is_worth_keeping(const CredentialSource& source) {
  return std::holds_alternative<OpSource>(source) || std::holds_alternative<OsStoreSource>(source) ||
         std::holds_alternative<CommandSource>(source);
}

// Two 1Password accounts can have items of the same reference.
std::string key_of(const CredentialSource& source, const Inputs& inputs) {
  const auto* const op = std::get_if<OpSource>(&source);
  const std::string account = op == nullptr ? std::string() : op->account;
  return inputs.hex() + std::to_string(account.size()) + ':' + account + reference_of(source);
}

}  // namespace

struct SecretCache::State {
  struct Kept {
    Secret secret;
    std::string reference;
    Clock::Duration since{};
  };

  Clock& clock;
  std::chrono::seconds ttl;
  std::function<void(std::size_t)> over;
  std::map<std::string, Kept, std::less<>> kept{};
  std::uint64_t drops = 0;
  std::shared_ptr<asio::cancellation_signal> stop{};  // of the running sweep; null: none runs

  bool is_over(const Kept& one) const { return clock.uptime() - one.since >= ttl; }

  Clock::Duration until_next() const {
    Clock::Duration next = ttl;
    for (const auto& [key, one] : kept) next = std::min(next, one.since + ttl - clock.uptime());
    return std::max(next, Clock::Duration(0));
  }

  static asio::awaitable<void> sweep(std::shared_ptr<State> self, std::shared_ptr<asio::cancellation_signal> mine) {
    co_await asio::this_coro::throw_if_cancelled(false);
    while (!self->kept.empty()) {
      const bool waited = co_await self->clock.wait(self->until_next());
      if (!waited) co_return;
      const std::size_t wiped =
          std::erase_if(self->kept, [&](const auto& entry) { return self->is_over(entry.second); });
      if (wiped > 0 && self->over) self->over(wiped);
    }
    if (self->stop == mine) self->stop.reset();
  }

  void stop_sweep() {
    if (const auto running = std::exchange(stop, nullptr)) running->emit(asio::cancellation_type::terminal);
  }
};

SecretCache::SecretCache(asio::any_io_executor executor, Clock& clock, std::chrono::seconds ttl,
                         std::function<void(std::size_t)> over)
    : state_(std::make_shared<State>(State{clock, ttl, std::move(over)})), executor_(std::move(executor)) {}

SecretCache::~SecretCache() {
  state_->kept.clear();
  state_->stop_sweep();
}

bool SecretCache::caches(const CredentialSource& source) const {
  return state_->ttl.count() > 0 && is_worth_keeping(source);
}

std::optional<Secret> SecretCache::find(const CredentialSource& source, const Inputs& inputs) const {
  const auto found = state_->kept.find(key_of(source, inputs));
  // An expired entry is not returned either before the sweep wipes it.
  if (found == state_->kept.end() || state_->is_over(found->second)) return std::nullopt;
  return found->second.secret.clone();
}

void SecretCache::keep(const CredentialSource& source, const Inputs& inputs, const Secret& secret) {
  if (!caches(source)) return;
  state_->kept.insert_or_assign(key_of(source, inputs),
                                State::Kept{secret.clone(), reference_of(source), state_->clock.uptime()});
  if (state_->stop) return;
  state_->stop = std::make_shared<asio::cancellation_signal>();
  asio::co_spawn(executor_, State::sweep(state_, state_->stop),
                 asio::bind_cancellation_slot(state_->stop->slot(), [stop = state_->stop](std::exception_ptr) {}));
}

std::uint64_t SecretCache::drops() const {
  return state_->drops;
}

void SecretCache::drop(const std::string& reference) {
  ++state_->drops;
  std::erase_if(state_->kept, [&](const auto& entry) { return entry.second.reference == reference; });
}

std::size_t SecretCache::drop_all() {
  ++state_->drops;
  const std::size_t count = state_->kept.size();
  state_->kept.clear();
  return count;
}

void SecretCache::set_ttl(std::chrono::seconds ttl) {
  ++state_->drops;
  state_->ttl = ttl;
  state_->kept.clear();
  state_->stop_sweep();
}

}  // namespace jackin::secrets
