// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/fingerprint.hpp"
#include "daemon/async/clock.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/health/probe_answer.hpp"
#include "daemon/notify/due.hpp"
#include "daemon/notify/notifier.hpp"
#include "daemon/state/database.hpp"

namespace jackin::health {

/// Sends each due notification about a token to the user once (`notify::what_is_due`). Daemon's thread only.
class Notices {
 public:
  struct Dependencies {
    Clock& clock;
    async::Pool& pool;
    state::Database& database;
    notify::Notifier& notifier;
  };
  /// Calls `trouble` when a notification could not be sent or recorded: once for each message, and again only after a
  /// notification was sent.
  Notices(Dependencies deps, std::function<void(const Error&)> trouble);

  /// Sends the due notifications for the tokens of `answers` (`Health::overview`). A token of several scopes is
  /// reported once, with the name of the first scope. Undelivered notifications are retried. After program_failed it
  /// continues with the next token, since the program may have failed for that notification only. Any other error ends
  /// the call, including a failed write of the database after a delivered notification. Does nothing while an earlier
  /// call runs or before `retry_in` has passed.
  asio::awaitable<void> deliver_due(std::vector<ProbeAnswer> answers);

  /// The time until undelivered notifications are retried: 10 minutes after the first failure, doubled each time, at
  /// most a day. A program may notify the user and still fail, so retries must be rare. Nothing when no notification
  /// waits for a retry.
  std::optional<Clock::Duration> retry_in() const;
  /// The next call retries at once, because the notifier has changed.
  void retry_now();

 private:
  struct Token;

  Task<> load();
  Task<> deliver(const Token& token);
  Task<> write_marks();
  void report(const Error& error);

  Dependencies deps_;
  std::function<void(const Error&)> trouble_;
  std::set<std::string> reported_;
  bool is_loaded_ = false;
  bool is_delivering_ = false;
  bool is_retry_wanted_ = false;             // `retry_now` was called during a pass
  int failures_ = 0;                         // consecutive passes with an undelivered notification
  std::optional<Clock::Duration> retry_at_;  // by the time since boot
  std::map<Fingerprint, std::set<TokenNews>> notified_;
  std::vector<state::NotifiedRecord> unwritten_;  // of sent notifications
};

}  // namespace jackin::health
