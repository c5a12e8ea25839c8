// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/os/descriptor.hpp"

namespace jackin::os {

/// The mount points in a text of the form of /proc/self/mountinfo (proc_pid_mountinfo(5)).
std::vector<std::string> mount_points_in(std::string_view mountinfo);

/// The longest of `mount_points` that is `path` or a folder above it; empty when there is none. Follows no links.
std::string mount_point_of(std::string_view path, const std::vector<std::string>& mount_points);

/// The mount points of this process's mount table. Thread-safe.
class MountTable {
 public:
  /// `file` has the form of /proc/self/mountinfo. Unused on macOS.
  explicit MountTable(std::string file = "/proc/self/mountinfo") : file_(std::move(file)) {}

  /// Returns the mount points. Reads the table only if the system has reported a change since the last call: poll(2) of
  /// the file then returns POLLPRI (proc_pid_mountinfo(5)). While the table cannot be read, returns the mount points of
  /// the last read, at first none. Accesses no mount, so it does not hang.
  std::shared_ptr<const std::vector<std::string>> points();

 private:
  std::string file_;
  std::mutex mutex_;  // guards the members below
  Descriptor open_;
  bool is_stale_ = true;  // the table has changed since `points_` was read
  std::shared_ptr<const std::vector<std::string>> points_ = std::make_shared<const std::vector<std::string>>();
};

/// Returns a function that finds the mount point of an absolute path. Empty for "/" and for the mount that has `home`,
/// without which the daemon does not work, and for any other text. All functions use one MountTable, so none hangs.
/// Thread-safe.
std::function<std::string(const std::string& path)> separate_mounts(std::filesystem::path home);

}  // namespace jackin::os
