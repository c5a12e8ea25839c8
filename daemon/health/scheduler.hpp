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

/// Looks at tokens again before what is known of them grows stale, and tells the user in time what becomes of them.
/// Sleeps until something is due; with nothing to look at and nothing to tell it never wakes. Never looks at a source
/// that could ask the user something. Daemon's thread.
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
    /// `[health] refresh`; nothing: never unasked. Looked at each time.
    const std::optional<std::chrono::seconds>& interval;
  };
  explicit Scheduler(Dependencies deps);

  /// Works until it is cancelled. Once.
  asio::awaitable<void> run();

  /// Something may have changed: the configuration, what is known of a token, the clock. Looks again soon.
  void wake();

  /// The user may be told in another way now: what could not be told is tried again.
  void notifier_changed();

  /// Somebody was given an answer about this scope that is stale, or that blocks: its token is looked at soon, if that
  /// can be done without asking the user, and was not just now.
  void want(const Scope& scope);

  /// Whether it sleeps: nothing of its is under way.
  bool is_asleep() const { return is_asleep_; }

 private:
  struct Slot;
  struct Plan;

  asio::awaitable<Plan> look();
  void look_at(const config::ScopeAuth& one, Plan& plan);
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

}  // namespace jackin::health
