// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/on_disk.hpp"

#include <utility>

namespace jackin::config {

Result<WorkspaceFiles> ConfigurationOnDisk::workspace_files() const {
  return list_workspace_files(paths());
}

ReadFile ConfigurationOnDisk::file_at(const std::string& path) {
  auto& cached = files_[path];
  auto read = read_parsed_file(path, paths(), cached);
  // The cause of a read error need not change the stamp.
  cached = read ? *read : nullptr;
  return read;
}

void ConfigurationOnDisk::forget_file(const std::string& path) {
  files_.erase(path);
}

}  // namespace jackin::config
