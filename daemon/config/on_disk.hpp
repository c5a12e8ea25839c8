// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "daemon/config/contents.hpp"

namespace jackin::config {

/// The configuration on the disk, read at each query: for work on another thread, and for tests. The parsed contents
/// are cached while a file is unchanged (device, inode, size, times), so a query of unchanged files costs two stat
/// calls. The next query detects a file that was replaced, edited, created or deleted. Blocking. Not thread-safe: one
/// thread at a time.
class ConfigurationOnDisk final : public Contents {
 public:
  using Contents::Contents;

  Result<WorkspaceFiles> workspace_files() const override;

 private:
  ReadFile file_at(const std::string& path) override;
  void forget_file(const std::string& path) override;
  std::size_t count_files() const override { return files_.size(); }

  std::map<std::string, std::shared_ptr<const ParsedFile>> files_;
};

}  // namespace jackin::config
