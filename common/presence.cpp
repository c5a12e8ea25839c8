// SPDX-License-Identifier: Apache-2.0
#include "common/presence.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include "common/scope.hpp"
#include "common/shell_quoted.hpp"
#include "common/untrusted_text.hpp"

namespace jackin {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view extension = ".toml";

// Whether this error may mean that the path does not exist. No file can have a name that is too long.
bool may_be_absence(int error) {
  return error == ENOENT || error == ENOTDIR || error == ENAMETOOLONG;
}

tl::unexpected<Error> obstacle(const fs::path& path, int error) {
  std::string message = printable(path.string());
  std::error_code not_a_link;
  const fs::path target = fs::read_symlink(path, not_a_link);
  if (!not_a_link) message += " is a link to " + printable(target.string());
  Error full = error_from_errno(message, error);
  if (!not_a_link && may_be_absence(error)) full.message = message + ", which does not exist";
  full.remedy = Remedy::inspect({path.string()});
  return failure(std::move(full));
}

Result<bool> is_listed(const fs::path& folder, const fs::path& name) {
  std::error_code error;
  bool listed = false;
  for (fs::directory_iterator at(folder, error), end; !error && at != end && !listed; at.increment(error)) {
    listed = at->path().filename() == name;
  }
  if (error) return obstacle(folder, error.value());
  return listed;
}

}  // namespace

Result<bool> is_there(const fs::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) == 0) return true;
  const int error = errno;
  // A link exists, whatever the state of its target.
  if (!may_be_absence(error) || lstat(path.c_str(), &status) == 0) return obstacle(path, error);
  if (!may_be_absence(errno)) return obstacle(path, errno);
  const fs::path folder = path.parent_path();
  if (folder == path) return obstacle(path, error);
  TRY(const bool folder_is_there, is_there(folder));
  if (!folder_is_there) return false;
  // A path below something that is certainly not a folder does not exist.
  if (stat(folder.c_str(), &status) == 0 && !S_ISDIR(status.st_mode)) return false;
  TRY(const bool listed, is_listed(folder, path.filename()));
  if (listed) return obstacle(path, error);
  return false;
}

Result<WorkspaceFiles> workspace_files(const fs::path& folder) {
  TRY(const bool has_folder, is_there(folder));
  WorkspaceFiles files;
  if (!has_folder) return files;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::string name = at->path().filename().string();
    if (!name.ends_with(extension)) continue;
    name.resize(name.size() - extension.size());
    std::error_code ignored;
    const bool is_name = Scope::workspace(name).has_value();
    // The file was deleted after it was listed. A valid name is checked again when its file is read, so a system call
    // for each of thousands of names is not necessary.
    if (!is_name && at->symlink_status(ignored).type() == fs::file_type::not_found) continue;
    (is_name ? files.names : files.refused).push_back(std::move(name));
  }
  if (error) return obstacle(folder, error.value());
  std::sort(files.names.begin(), files.names.end());
  return files;
}

}  // namespace jackin
