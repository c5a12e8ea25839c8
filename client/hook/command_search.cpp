// SPDX-License-Identifier: Apache-2.0
#include "client/hook/command_search.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/os/locate_program.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace {

bool is_file(const std::string& path) {
  struct stat entry {};
  return stat(path.c_str(), &entry) == 0 && S_ISREG(entry.st_mode);
}

bool may_run(const std::string& path) {
  return faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0;
}

}  // namespace

Result<std::string> find_command(std::string_view name, std::string_view search_path) {
  const auto denied = [&](const std::string& path) {
    return failure(Reason::permission_denied, printable(path) + " cannot be run",
                   Remedy::set_access(path, PathAccess::executable));
  };
  if (name.find('/') != std::string_view::npos) {
    const std::string path(name);
    if (!is_file(path)) return failure(Reason::program_missing, "no program " + printable(path));
    if (!may_run(path)) return denied(path);
    return path;
  }

  std::string not_runnable;
  bool skipped = false;
  for (const std::string_view folder : search_path_entries(search_path)) {
    if (!folder.starts_with('/')) {
      skipped = true;
      continue;
    }
    std::string path = std::string(folder) + "/" + std::string(name);
    if (name.empty() || !is_file(path)) continue;
    if (may_run(path)) return path;
    if (not_runnable.empty()) not_runnable = path;
  }
  if (!not_runnable.empty()) return denied(not_runnable);
  return failure(Reason::program_missing, "no program '" + printable(name) + "' on PATH" +
                                              (skipped ? " (relative entries are not searched)" : ""));
}

}  // namespace jackin::client
