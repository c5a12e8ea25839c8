// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/paths.hpp"
#include "daemon/health/health.hpp"
#include "daemon/state/database.hpp"

namespace jackin {

/// What other programs removed of the daemon's own files while it ran, until the daemon ends. Daemon's thread.
class Removals {
 public:
  Removals(const Paths& paths, const state::Database& database) : paths_(paths), database_(database) {}

  /// The socket is gone; the daemon listens on `now`.
  void socket_moved(const std::filesystem::path& before, const std::filesystem::path& now);

  /// Everything, for doctor.
  std::vector<health::Finding> all();
  /// What cost something and no command has reported yet.
  std::vector<health::Finding> not_reported();
  /// Looks at the files' owners, and logs what is new.
  void look();

 private:
  struct Removal {
    health::Finding finding;
    bool is_reported = false;
  };
  void add(health::FindingSeverity severity, std::string message);

  const Paths& paths_;
  const state::Database& database_;
  int times_put_back_ = 0;
  int times_log_begun_anew_ = 0;
  std::vector<Removal> removals_;
};

}  // namespace jackin
