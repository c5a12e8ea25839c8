// SPDX-License-Identifier: Apache-2.0
#include "daemon/state/move_database.hpp"

#include <sys/stat.h>

#include <cerrno>

#include "common/os/private_files.hpp"
#include "daemon/state/connection.hpp"

namespace jackin::state {
namespace fs = std::filesystem;
namespace {

Result<bool> is_there(const fs::path& file) {
  struct stat found {};
  if (lstat(file.c_str(), &found) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return failure(error_from_errno("cannot look at " + in_quotes(file), errno));
}

// The earlier daemon exited normally or was killed. If it was killed, its log still holds data, which VACUUM INTO
// copies too.
Result<> copy_state(const fs::path& from, const fs::path& to) {
  TRY(os::make_private_folder(to.parent_path()));
  errno = 0;
  try {
    TRY(const auto connection, connect(from));
    return copy_database(*connection->sqlite, to);
  } catch (const SQLite::Exception& exception) {
    return failure(error_of(exception, from, errno));
  }
}

}  // namespace

Result<bool> move_database(const fs::path& from, const fs::path& to) {
  TRY(const bool has_old, is_there(from));
  TRY(const bool has_new, is_there(to));
  if (!has_old || has_new) return false;
  TRY(copy_state(from, to));
  for (const char* part : {"", "-wal", "-shm"}) {
    TRY(os::remove_file(from.string() + part));
  }
  return true;
}

}  // namespace jackin::state
