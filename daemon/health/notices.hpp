#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/fingerprint.hpp"
#include "daemon/health/verdict.hpp"
#include "daemon/notify/due.hpp"
#include "daemon/notify/notifier.hpp"
#include "daemon/platform/clock.hpp"
#include "daemon/platform/pool.hpp"
#include "daemon/state/database.hpp"

namespace jackin::health {

/// Tells the person what is due of every token, each once (`notify::what_is_due`). Daemon's thread only.
class Notices {
 public:
  struct Parts {
    Clock& clock;
    platform::Pool& pool;
    state::Database& database;
    notify::Notifier& notifier;
  };
  /// `trouble` is called when something could not be told or not be remembered: once for each message, and again only
  /// after something was told.
  Notices(Parts parts, std::function<void(const Error&)> trouble);

  /// Tells what is due of the tokens behind `answers` (`Health::overview`). A token of several scopes is told of once,
  /// in the name of the first. What cannot be told stays due for the next time; after the first failure nothing more is
  /// tried. Does nothing while an earlier call is under way.
  asio::awaitable<void> tell_what_is_due(std::vector<ProbeAnswer> answers);

 private:
  struct Token;

  Task<> load();
  Task<> tell(const Token& token);
  void report(const Error& error);

  Parts parts_;
  std::function<void(const Error&)> trouble_;
  std::set<std::string> reported_;
  bool is_loaded_ = false;
  bool is_telling_ = false;
  std::map<Fingerprint, std::set<notify::Event>> told_;
};

}  // namespace jackin::health
