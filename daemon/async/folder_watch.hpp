// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "daemon/async/timed_calls.hpp"

namespace jackin::async {

/// Reports that a file in one of several folders may have changed: written, created, renamed or deleted. A folder that
/// does not exist yet, or is replaced, is watched when it appears. Causes no wake-up while nothing changes. Does not
/// report changes to a link's target in another folder. Reports nothing when the system has no watch left. Daemon's
/// thread.
class FolderWatch {
 public:
  virtual ~FolderWatch() = default;
};

/// inotify on Linux. kqueue on macOS, which reports created, deleted and replaced files, but not writes in place.
///
/// With `threads`, which must outlive it, the folders are opened on these threads, since they can be on a mount that
/// does not answer. The watch then begins later, and reports a change when it has begun.
std::unique_ptr<FolderWatch> watch_folders(asio::any_io_executor executor, std::vector<std::filesystem::path> folders,
                                           std::function<void()> changed, TimedCalls* threads = nullptr);

}  // namespace jackin::async
