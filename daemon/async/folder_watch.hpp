// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

namespace jackin::async {

/// Says when something in one of some folders may have changed: a file that was written, made, renamed, deleted. A
/// folder that is not there yet, or is replaced, is seen when it comes. No wake-up while nothing changes. What a link
/// in such a folder points to is not seen when it lies elsewhere. Where the system has no watch left to give, nothing
/// is ever said. Daemon's thread.
class FolderWatch {
 public:
  virtual ~FolderWatch() = default;
};

/// inotify on Linux; kqueue on macOS, which sees files come, go and be replaced, but not written in place.
std::unique_ptr<FolderWatch> watch_folders(asio::any_io_executor executor, std::vector<std::filesystem::path> folders,
                                           std::function<void()> changed);

}  // namespace jackin::async
