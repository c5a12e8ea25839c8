// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "daemon/async/clock.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/async/task.hpp"
#include "daemon/secrets/resolver.hpp"

namespace jackin::health {

/// Runs quick checks of sources for probes, on threads of its own that start with the first check. Runs one check per
/// source at a time. A probe waits at most `limit` for a file system that does not answer. Daemon's thread. `clock` and
/// `sources` must outlive it; destroy it before the io_context.
class QuickChecks {
 public:
  /// The longest wait of a probe.
  static constexpr auto limit = std::chrono::milliseconds(50);

  QuickChecks(Clock& clock, const secrets::Sources& sources);
  ~QuickChecks();
  QuickChecks(const QuickChecks&) = delete;
  QuickChecks& operator=(const QuickChecks&) = delete;

  /// As Sources::glance. source_unreachable when the source does not answer in time. Skips the check while other checks
  /// occupy all threads: a dead file system delays no probe of another one.
  Task<> look(secrets::CredentialSource source);

 private:
  struct Flight;
  struct State;

  static asio::awaitable<void> fly(std::shared_ptr<State> state, std::shared_ptr<Flight> flight);

  std::shared_ptr<State> state_;
  std::optional<async::Pool> pool_;
};

}  // namespace jackin::health
