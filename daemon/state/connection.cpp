// SPDX-License-Identifier: Apache-2.0
#include "daemon/state/connection.hpp"

#include <SQLiteCpp/Statement.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <system_error>

#include "common/os/private_files.hpp"
#include "common/scope.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::state {
namespace fs = std::filesystem;
namespace {

Result<> prepare_file(const fs::path& file, const fs::path& home) {
  TRY(os::make_private_folder(file.parent_path(), home));
  // SQLite gives -wal and -shm the mode of the database itself (os_unix.c, findCreateFileMode).
  auto made = os::make_private_file(file);
  if (!made) made.error().message = "cannot open the state database: " + made.error().message;
  return made;
}

std::unique_ptr<SQLite::Database> open_file(const fs::path& file) {
  constexpr int wait_ms = 5000;
  return std::make_unique<SQLite::Database>(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOFOLLOW, wait_ms);
}

}  // namespace

Result<std::unique_ptr<Connection>> connect(const fs::path& path, const fs::path& home) {
  TRY(prepare_file(path, home));
  // OPEN_NOFOLLOW rejects a link in any part of the path (sqlite.org/c3ref/open.html). The path to a home folder may
  // contain one: /home on Fedora Silverblue, /var and /tmp on macOS.
  std::error_code error;
  const fs::path folder = fs::canonical(path.parent_path(), error);
  if (error) return failure(error_from_errno("cannot open the state database " + in_quotes(path), error.value()));
  auto connection = std::make_unique<Connection>();
  connection->file = folder / path.filename();
  if (!home.empty()) connection->home = fs::canonical(home, error);
  connection->sqlite = open_file(connection->file);
  return connection;
}

void set_durable(SQLite::Database& sqlite) {
  sqlite.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON");
  sqlite.exec("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON");
}

Result<> copy_database(SQLite::Database& sqlite, const fs::path& to) {
  const fs::path aside = to.parent_path() / ("." + to.filename().string() + ".copy");
  TRY(os::remove_file(aside));
  // This process's umask makes the file 0600; a test's umask need not.
  SQLite::Statement statement(sqlite, "VACUUM INTO ?");
  statement.bind(1, aside.string());
  statement.exec();
  if (chmod(aside.c_str(), 0600) != 0) return failure(error_from_errno("cannot protect " + in_quotes(aside), errno));
  return os::put_in_place(aside, to);
}

bool is_in_place(const Connection& connection) {
  int moved = 0;
  const int result = sqlite3_file_control(connection.sqlite->getHandle(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  return result != SQLITE_OK || moved == 0;
}

Result<> put_back(Connection& connection) {
  struct stat there {};
  if (lstat(connection.file.c_str(), &there) == 0) {
    return failure(Reason::io_failed, "another file replaced the state database " + in_quotes(connection.file),
                   Remedy::restart_daemon());
  }
  TRY(os::make_private_folder(connection.file.parent_path(), connection.home));
  TRY(copy_database(*connection.sqlite, connection.file));
  auto opened = open_file(connection.file);
  set_durable(*opened);
  // The first read opens the log. A log that is not open would be lost if the folder is removed.
  opened->execAndGet("SELECT count(*) FROM sqlite_schema");
  connection.sqlite = std::move(opened);
  ++connection.times_put_back;
  return {};
}

std::string in_quotes(const fs::path& file) {
  return "'" + printable(file.string()) + "'";
}

Error damaged(const fs::path& file) {
  return {Reason::io_failed, "the state database " + in_quotes(file) + " is damaged",
          Remedy::of_path(RemedyAction::replace_database, file.string())};
}

Error error_of(const SQLite::Exception& exception, const fs::path& file, int system_errno) {
  const std::string what = "cannot use the state database " + in_quotes(file);
  switch (exception.getErrorCode()) {
    case SQLITE_FULL:
      return error_from_errno(what, ENOSPC);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return damaged(file);
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return error_from_errno(what, EACCES);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Reason::io_failed, what + ": another program keeps it locked", {}};
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      // A file that may not grow (RLIMIT_FSIZE, a quota) counts as a full disk; SQLite recognizes only ENOSPC.
      if (system_errno == EFBIG || system_errno == EDQUOT || system_errno == ENOSPC) {
        return error_from_errno(what, ENOSPC);
      }
      if (system_errno != 0) return error_from_errno(what, system_errno);
      break;
    default:
      break;
  }
  return {Reason::io_failed, what + ": " + printable(exception.getErrorStr()), {}};
}

}  // namespace jackin::state
