// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "daemon/async/clock.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/async/task.hpp"
#include "daemon/secrets/resolver.hpp"

namespace jackin::health {

/// QuickChecks at sources for probes: in threads of its own, which begin with the first glance, each source once at a
/// time, and without waiting longer than `limit` for a file system that does not answer. Daemon's thread. `clock` and
/// `sources` outlive it; destroy it before the io_context.
class QuickChecks {
 public:
  /// For how long a probe waits.
  static constexpr auto limit = std::chrono::milliseconds(50);

  QuickChecks(Clock& clock, const secrets::Sources& sources);
  ~QuickChecks();
  QuickChecks(const QuickChecks&) = delete;
  QuickChecks& operator=(const QuickChecks&) = delete;

  /// As Sources::glance. source_unreachable when the source does not answer in time. A source passes unseen while
  /// others occupy all threads: a dead file system delays no probe of another.
  Task<> look(secrets::CredentialSource source);

 private:
  struct Flight;
  struct State;

  static asio::awaitable<void> fly(std::shared_ptr<State> state, std::shared_ptr<Flight> flight);

  std::shared_ptr<State> state_;
  std::optional<async::Pool> pool_;
};

}  // namespace jackin::health
