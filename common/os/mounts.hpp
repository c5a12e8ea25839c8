// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace jackin::os {

/// The mount points in a text of the form of /proc/self/mountinfo (proc_pid_mountinfo(5)).
std::vector<std::string> mount_points_in(std::string_view mountinfo);

/// The longest of `mount_points` that is `path` or a folder above it; empty when there is none. Follows no links.
std::string mount_point_of(std::string_view path, const std::vector<std::string>& mount_points);

/// Returns a function that finds the mount point of an absolute path. Empty for "/" and for the mount that has `home`,
/// without which the daemon does not work, and for any other text. It asks the system for the mount points and accesses
/// none of them, so it does not hang. Thread-safe.
std::function<std::string(const std::string& path)> separate_mounts(std::filesystem::path home);

}  // namespace jackin::os
