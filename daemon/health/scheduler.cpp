// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/scheduler.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <exception>
#include <functional>
#include <utility>

#include "common/untrusted_text.hpp"
#include "daemon/async/loops.hpp"
#include "daemon/config/configuration.hpp"

namespace jackin::health {
namespace {

// Refreshed in parallel. A higher number would cause a burst of background requests that no client waits for.
constexpr std::size_t refreshed_at_once = 2;

// The shortest time between two refreshes of a slot that stale or blocking answers request.
constexpr auto wanted_pause = std::chrono::minutes(5);

}  // namespace

/// The content of one slot, which several scopes can share.
struct Scheduler::Slot {
  std::string key;
  Scope scope;  // the first that has it
};

/// The work that is due now, and the time of the next work.
struct Scheduler::Plan {
  std::vector<Slot> due;
  std::vector<ProbeAnswer> answers;  // of every scope with a token
  std::set<std::string> wanted;      // slot keys
  std::set<std::string> seen;        // slot keys
  std::optional<Clock::Duration> next;

  void no_later_than(Clock::Duration duration) { next = next ? std::min(*next, duration) : duration; }
};

Scheduler::Scheduler(Dependencies deps)
    : deps_(std::move(deps)),
      woken_(deps_.executor),
      notices_({deps_.clock, deps_.pool, deps_.database, deps_.notifier},
               [](const Error& error) { spdlog::warn("cannot notify the user: {}", error.message); }) {
  woken_.expires_at(asio::steady_timer::time_point::max());
}

void Scheduler::wake() {
  is_woken_ = true;
  woken_.cancel();
}

void Scheduler::notifier_changed() {
  notices_.retry_now();
  wake();
}

void Scheduler::want(const Scope& scope) {
  const auto auth = deps_.configuration.last_read().effective(scope);
  if (!auth || auth->mode != AuthMode::oauth_token || !auth->source) return;
  if (deps_.sources.may_prompt(*auth->source)) return;
  const auto last = attempts_.find(auth->key);
  const bool just_now = last != attempts_.end() && last->second.attempted_at &&
                        deps_.clock.uptime() - *last->second.attempted_at < wanted_pause;
  if (just_now || !wanted_.insert(auth->key).second) return;
  wake();
}

asio::awaitable<Scheduler::Plan> Scheduler::make_plan() {
  Plan plan;
  plan.wanted = std::exchange(wanted_, {});
  const auto visit = [this, &plan](const std::string& name) {
    for (const auto& one : deps_.configuration.last_read().auths_of(name)) add_to_plan(one, plan);
  };
  const std::function<void(const std::string&)> each = visit;
  const auto visited = co_await config::each_workspace(deps_.configuration, each);
  if (!visited) co_return plan;
  // Forgets the attempts for slots that no longer exist.
  std::erase_if(attempts_, [&](const auto& entry) { return !plan.seen.contains(entry.first); });
  co_return plan;
}

void Scheduler::add_to_plan(const config::ScopeAuth& one, Plan& plan) {
  const auto& auth = one.auth;
  if (!auth || auth->mode != AuthMode::oauth_token || !auth->source) return;
  ProbeAnswer answer = deps_.health.answer_about(*auth);
  if (plan.seen.insert(auth->key).second) consider(*auth, answer, plan);
  plan.answers.push_back(std::move(answer));
}

// Decides for one slot whether a refresh is due, and when a notification about its token is due.
void Scheduler::consider(const config::EffectiveAuth& auth, const ProbeAnswer& answer, Plan& plan) {
  const Moment now = deps_.clock.now();
  const bool is_wanted = plan.wanted.contains(auth.key);
  if ((deps_.interval || is_wanted) && !deps_.sources.may_prompt(*auth.source)) {
    auto& state = attempts_[auth.key];
    state.checked_at = answer.checked_at;
    if (!state.seen_at) state.seen_at = deps_.clock.uptime();
    const auto left =
        is_wanted ? Clock::Duration(0) : until_refresh(auth.key, state, now, deps_.clock.uptime(), *deps_.interval);
    if (left <= Clock::Duration(0)) {
      plan.due.push_back({auth.key, auth.scope});
    } else {
      plan.no_later_than(left);
    }
  }
  if (!answer.expires_on) return;
  if (const auto left = until_notice(*answer.expires_on, now)) plan.no_later_than(*left);
}

asio::awaitable<void> Scheduler::refresh(const Slot& slot) {
  auto& state = attempts_[slot.key];
  state.attempted_at = deps_.clock.uptime();
  const auto refreshed = co_await deps_.health.refresh(slot.scope, deps_.own);
  const auto answer = co_await deps_.health.probe(slot.scope);
  const bool failed = !refreshed || !answer || answer->verdict == Verdict::unreachable;
  auto& after = attempts_[slot.key];
  after.failures = failed ? after.failures + 1 : 0;
}

// Wakes the sleeping scheduler after `duration`.
asio::awaitable<void> Scheduler::ring_after(Clock::Duration duration) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const bool waited = co_await deps_.clock.wait(duration);
  if (waited) wake();
}

asio::awaitable<bool> Scheduler::sleep(std::optional<Clock::Duration> duration) {
  asio::cancellation_signal alarm;
  if (duration) {
    asio::co_spawn(deps_.executor, ring_after(*duration),
                   asio::bind_cancellation_slot(alarm.slot(), [this](std::exception_ptr) {
                     alarm_is_set_ = false;
                     woken_.cancel();
                   }));
    alarm_is_set_ = true;
  }
  bool cancelled = co_await async::cancelled_already();
  is_asleep_ = true;
  while (!is_woken_ && !cancelled) {
    asio::error_code always_aborted;
    co_await woken_.async_wait(asio::redirect_error(asio::use_awaitable, always_aborted));
    cancelled = co_await async::cancelled_already();
  }
  is_asleep_ = false;
  if (cancelled) co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  // The alarm refers to this coroutine's frame: it ends first.
  alarm.emit(asio::cancellation_type::terminal);
  while (alarm_is_set_) {
    asio::error_code always_aborted;
    co_await woken_.async_wait(asio::redirect_error(asio::use_awaitable, always_aborted));
  }
  co_return !cancelled;
}

asio::awaitable<void> Scheduler::run() {
  co_await asio::this_coro::throw_if_cancelled(false);
  for (;;) {
    is_woken_ = false;
    Plan plan = co_await make_plan();
    const auto one = [&](std::size_t index) -> asio::awaitable<void> { co_await refresh(plan.due[index]); };
    const std::function<asio::awaitable<void>(std::size_t)> work = one;
    if (!plan.due.empty()) {
      const bool all_ran = co_await async::parallel_for(plan.due.size(), refreshed_at_once, work);
      if (!all_ran) co_return;
      Plan after = co_await make_plan();
      // Requests that arrived meanwhile are handled in the next round.
      wanted_.merge(after.wanted);
      plan = std::move(after);
    }
    co_await notices_.deliver_due(std::move(plan.answers));
    if (const auto retry = notices_.retry_in()) plan.no_later_than(*retry);
    // A slot that is due again at once would keep the daemon awake.
    std::optional<Clock::Duration> next = plan.next;
    if (!plan.due.empty()) next = std::chrono::minutes(1);
    const bool goes_on = co_await sleep(next);
    if (!goes_on) co_return;
  }
}

Task<ProbeAnswer> Probes::probe(Scope scope, std::optional<std::chrono::seconds> max_age) {
  auto answer = co_await health_.probe(scope, max_age);
  check_soon(scope, answer);
  co_return answer;
}

Task<ProbeAnswer> Probes::probe_with_quick_check(Scope scope, std::optional<std::chrono::seconds> max_age) {
  auto answer = co_await health_.probe_with_quick_check(scope, max_age);
  check_soon(scope, answer);
  co_return answer;
}

void Probes::check_soon(const Scope& scope, const Result<ProbeAnswer>& answer) {
  if (answer && (!answer->fresh || answer->decision == Decision::block)) scheduler_.want(scope);
}

}  // namespace jackin::health
