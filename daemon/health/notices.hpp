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
#include "daemon/health/verdict.hpp"
#include "daemon/notify/due.hpp"
#include "daemon/notify/notifier.hpp"
#include "daemon/state/database.hpp"

namespace jackin::health {

/// Tells the user what is due of every token, each once (`notify::what_is_due`). Daemon's thread only.
class Notices {
 public:
  struct Dependencies {
    Clock& clock;
    async::Pool& pool;
    state::Database& database;
    notify::Notifier& notifier;
  };
  /// `trouble` is called when something could not be told or not be remembered: once for each message, and again only
  /// after something was told.
  Notices(Dependencies deps, std::function<void(const Error&)> trouble);

  /// Tells what is due of the tokens behind `answers` (`Health::overview`). A token of several scopes is told of once,
  /// in the name of the first. What cannot be told stays due. Where nothing can be told at all, nothing more is tried;
  /// a program that failed (program_failed) may have failed for that one notice. Does nothing while an earlier call is
  /// under way, nor before `retry_in` is over.
  asio::awaitable<void> tell_what_is_due(std::vector<ProbeAnswer> answers);

  /// How long until what could not be told is tried again: 10 minutes after the first failure, doubled each time, at
  /// most a day. A program may tell and fail all the same, and is not to do that at every occasion. Nothing: nothing
  /// waits for that.
  std::optional<Clock::Duration> retry_in() const;
  /// The next call tries at once: there is another way of telling.
  void retry_now();

 private:
  struct Token;

  Task<> load();
  Task<> tell(const Token& token);
  void report(const Error& error);

  Dependencies deps_;
  std::function<void(const Error&)> trouble_;
  std::set<std::string> reported_;
  bool is_loaded_ = false;
  bool is_telling_ = false;
  int failures_ = 0;                         // passes in a row that could not tell something
  std::optional<Clock::Duration> retry_at_;  // by the time since boot
  std::map<Fingerprint, std::set<notify::Event>> notified_;
};

}  // namespace jackin::health
