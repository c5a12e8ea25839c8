// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <utility>

#include "common/scope.hpp"
#include "daemon/async/clock.hpp"
#include "daemon/async/task.hpp"
#include "daemon/async/timed_calls.hpp"
#include "daemon/config/configuration.hpp"

namespace jackin::config {

/// Finds the workspace to which a folder belongs. Daemon's thread. Both arguments must outlive it; destroy it before
/// the io_context.
class Workdirs {
 public:
  /// The device and the inode of the folder at a path, links followed; nothing when there is no folder. Blocking;
  /// called on other threads. Tests replace it.
  using Identity = std::pair<dev_t, ino_t>;
  using Identify = std::function<std::optional<Identity>(const std::filesystem::path& folder)>;
  static std::optional<Identity> identity_of(const std::filesystem::path& folder);

  Workdirs(Configuration& configuration, Clock& clock);
  /// The same for tests. `mount_of`: as `os::separate_mounts`.
  Workdirs(Configuration& configuration, Clock& clock, Identify identify, async::TimedCalls::GroupOf mount_of);

  /// The workspace whose `workdir` is `folder`; nothing when no workspace has this folder. A `workdir` that is spelled
  /// like `folder` takes precedence. Otherwise links are followed, on other threads. Errors: invalid_argument for a
  /// relative path, and when several workspaces have the folder; timed_out or io_failed when
  /// `folder`, or the `workdir` of a workspace that may have it too or instead, cannot be compared; those of
  /// `each_workspace`.
  Task<std::optional<Scope>> workspace_in(std::filesystem::path folder);

 private:
  Task<std::optional<Identity>> identify(std::filesystem::path folder);

  Configuration& configuration_;
  Identify identify_;
  async::TimedCalls threads_;
};

}  // namespace jackin::config
