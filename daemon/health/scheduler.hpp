// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/environment.hpp"
#include "daemon/health/health.hpp"
#include "daemon/health/notices.hpp"
#include "daemon/health/schedule.hpp"
#include "daemon/notify/notifier.hpp"

namespace jackin::health {

/// Refreshes tokens before their records become stale, and notifies the user in time about their state. Sleeps until
/// work is due; without tokens and notifications it never wakes. Never asks a source that could ask the user. Daemon's
/// thread.
class Scheduler {
 public:
  struct Dependencies {
    asio::any_io_executor executor;
    Clock& clock;
    async::Pool& pool;
    config::Configuration& configuration;
    secrets::Sources& sources;
    state::Database& database;
    Health& health;
    notify::Notifier& notifier;
    const Environment& own;  ///< The daemon's environment.
    /// `[health] refresh`; nothing: no background refresh. Read each time.
    const std::optional<std::chrono::seconds>& interval;
  };
  explicit Scheduler(Dependencies deps);

  /// Works until it is cancelled. Once.
  asio::awaitable<void> run();

  /// The configuration, the record of a token or the clock may have changed. Checks again soon.
  void wake();

  /// The notifier has changed: undelivered notifications are retried.
  void notifier_changed();

  /// A client received a stale or blocking answer about this scope. Refreshes its token soon, unless that could ask the
  /// user or was done just now.
  void want(const Scope& scope);

  /// Whether it sleeps: no work of it is in progress.
  bool is_asleep() const { return is_asleep_; }

 private:
  struct Slot;
  struct Plan;

  asio::awaitable<Plan> make_plan();
  void add_to_plan(const config::ScopeAuth& one, Plan& plan);
  void consider(const config::EffectiveAuth& auth, const ProbeAnswer& answer, Plan& plan);
  asio::awaitable<void> refresh(const Slot& slot);
  /// False when cancelled.
  asio::awaitable<void> ring_after(Clock::Duration duration);
  asio::awaitable<bool> sleep(std::optional<Clock::Duration> duration);

  Dependencies deps_;
  asio::steady_timer woken_;
  bool is_woken_ = false;
  bool is_asleep_ = false;
  bool alarm_is_set_ = false;
  std::map<std::string, RefreshState> attempts_;  // by slot key
  std::set<std::string> wanted_;                  // slot keys
  Notices notices_;
};

/// Answers the probes of clients. After a stale or blocking answer it asks the scheduler to check the scope again. If
/// the cause is fixed, the check ends the block. Daemon's thread; both must outlive it.
class Probes {
 public:
  Probes(Health& health, Scheduler& scheduler) : health_(health), scheduler_(scheduler) {}

  /// `Health::probe`
  Task<ProbeAnswer> probe(Scope scope, std::optional<std::chrono::seconds> max_age = {});
  /// `Health::probe_with_quick_check`
  Task<ProbeAnswer> probe_with_quick_check(Scope scope, std::optional<std::chrono::seconds> max_age = {});

 private:
  void check_soon(const Scope& scope, const Result<ProbeAnswer>& answer);

  Health& health_;
  Scheduler& scheduler_;
};

}  // namespace jackin::health
