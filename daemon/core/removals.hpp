// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/paths.hpp"
#include "daemon/health/health.hpp"
#include "daemon/state/database.hpp"

namespace jackin {

/// Records which of the daemon's own files other programs removed while it ran, until the daemon ends. Daemon's thread.
class Removals {
 public:
  Removals(const Paths& paths, const state::Database& database) : paths_(paths), database_(database) {}

  /// The socket `before` was removed; the daemon listens on `now`.
  void socket_moved(const std::filesystem::path& before, const std::filesystem::path& now);

  /// All removals, for doctor.
  std::vector<health::Finding> all();
  /// Removals that had an effect and that no command has reported yet.
  std::vector<health::Finding> not_reported();
  /// Asks the objects that own the files, and logs new removals.
  void check();

 private:
  struct Removal {
    health::Finding finding;
    bool is_reported = false;
  };
  std::string shown(const std::filesystem::path& path) const;
  void add(Severity severity, std::string message);

  const Paths& paths_;
  const state::Database& database_;
  int times_put_back_ = 0;
  int times_log_begun_anew_ = 0;
  std::vector<Removal> removals_;
};

}  // namespace jackin
