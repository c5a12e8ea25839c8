// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>

#include "daemon/async/clock.hpp"
#include "daemon/async/task.hpp"
#include "daemon/async/timed_calls.hpp"
#include "daemon/secrets/resolver.hpp"

namespace jackin::health {

/// Runs quick checks of sources for probes, one per source at a time. A check that runs for `limit` counts as one that
/// does not answer. Before that it can wait as long for earlier checks of the source. Daemon's thread. `clock` and
/// `sources` must outlive it; destroy it before the io_context.
class QuickChecks {
 public:
  /// The longest time of one check.
  static constexpr auto limit = std::chrono::milliseconds(50);
  /// The number of checks that run at the same time.
  static constexpr std::size_t most = 16;

  /// `home`: as for `os::separate_mounts`.
  QuickChecks(Clock& clock, const secrets::Sources& sources, const std::filesystem::path& home);

  /// As Sources::quick_check; succeeds when there is none. source_unreachable when the source does not answer in time.
  /// Skips the check while other checks occupy all threads: a file system that does not answer delays no probe of
  /// another one. Also skips it if it cannot begin within `limit` because of earlier checks that do answer. Errors in
  /// addition to those of the check: cancelled.
  Task<> check(secrets::CredentialSource source);

 private:
  const secrets::Sources& sources_;
  async::TimedCalls threads_;
};

}  // namespace jackin::health
