#pragma once

#include <memory>
#include <optional>

#include "daemon/platform/clock.hpp"
#include "daemon/platform/pool.hpp"
#include "daemon/platform/task.hpp"
#include "daemon/secrets/resolver.hpp"

namespace jackin::health {

/// Glances at sources for probes: in threads of its own, which begin with the first glance, each source once at a time,
/// and without waiting longer than `limit` for a file system that does not answer. Daemon's thread. `clock` and
/// `sources` outlive it; destroy it before the io_context.
class Glances {
 public:
  /// For how long a probe waits.
  static constexpr auto limit = std::chrono::milliseconds(50);

  Glances(Clock& clock, const secrets::Sources& sources);
  ~Glances();
  Glances(const Glances&) = delete;
  Glances& operator=(const Glances&) = delete;

  /// As Sources::glance. source_unreachable when the source does not answer in time. A source passes unseen while
  /// others occupy all threads: a dead file system delays no probe of another.
  Task<> look(secrets::CredentialSource source);

 private:
  struct Flight;
  struct State;

  static asio::awaitable<void> fly(std::shared_ptr<State> state, std::shared_ptr<Flight> flight);

  std::shared_ptr<State> state_;
  std::optional<platform::Pool> pool_;
};

}  // namespace jackin::health
