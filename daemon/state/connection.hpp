// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>

#include "common/result.hpp"

namespace jackin::state {

/// The open database file. A caller holds `mutex` while it uses `sqlite`; `guarded` does both.
struct Connection {
  std::mutex mutex;
  std::filesystem::path file;  ///< Its folder is resolved.
  std::filesystem::path home;  ///< Resolved; never created again.
  std::atomic<int> times_put_back = 0;
  std::unique_ptr<SQLite::Database> sqlite;
};

/// Creates the file if it is missing, checks that it belongs to this user and that no other user can read it, and opens
/// it. Creates a folder below `home` only if `home` exists. Blocking. Errors: permission_denied, disk_full, io_failed;
/// SQLite's own exceptions propagate.
Result<std::unique_ptr<Connection>> connect(const std::filesystem::path& path, const std::filesystem::path& home = {});

/// Sets WAL with synchronous=FULL: one fsync of the log before a commit returns, and a commit survives a power failure
/// (sqlite.org/pragma.html#pragma_synchronous). macOS's fsync does not reach the disk; fullfsync does.
void set_durable(SQLite::Database& sqlite);

/// Writes the whole database, including its log's contents, to a new file at `to`, 0600: beside it, synced, then
/// renamed without replacing anything. Errors: io_failed, disk_full; SQLite's own exceptions propagate.
Result<> copy_database(SQLite::Database& sqlite, const std::filesystem::path& to);

/// Whether the open file is still the one at its path.
bool is_in_place(const Connection& connection);

/// The database's file was removed from its path: writes the open database there again and opens it. Errors: io_failed
/// when another file now exists there, which is left unchanged; those of `connect` and `copy_database`.
Result<> put_back(Connection& connection);

std::string in_quotes(const std::filesystem::path& file);
Error damaged(const std::filesystem::path& file);
/// Converts an SQLite exception; `system_errno` is errno at the time of the exception.
Error error_of(const SQLite::Exception& exception, const std::filesystem::path& file, int system_errno);

/// Runs `work` on the connection, exclusively and in one transaction, and turns SQLite's exceptions into errors. It
/// first restores a file that is no longer at its path, and never commits into a file that was removed meanwhile. It
/// reads errno when it catches the exception: sqlite3_system_errno is empty after a failed commit (seen with 3.40), and
/// the rollback overwrites errno.
template <typename Work>
auto guarded(Connection& connection, Work work) -> Result<decltype(work(*connection.sqlite))> {
  const std::scoped_lock lock(connection.mutex);
  errno = 0;
  try {
    if (!is_in_place(connection)) {
      TRY(put_back(connection));
    }
    auto& sqlite = *connection.sqlite;
    sqlite.exec("BEGIN");
    const auto commit = [&]() -> Result<> {
      if (is_in_place(connection)) {
        sqlite.exec("COMMIT");
        return {};
      }
      sqlite.exec("ROLLBACK");
      return failure(Reason::io_failed, "the state database was moved or removed: " + in_quotes(connection.file), {});
    };
    if constexpr (std::is_void_v<decltype(work(sqlite))>) {
      work(sqlite);
      return commit();
    } else {
      auto value = work(sqlite);
      TRY(commit());
      return value;
    }
  } catch (const SQLite::Exception& exception) {
    const auto error = error_of(exception, connection.file, errno);
    auto& sqlite = *connection.sqlite;
    if (sqlite3_get_autocommit(sqlite.getHandle()) == 0) sqlite.tryExec("ROLLBACK");
    return failure(error);
  }
}

}  // namespace jackin::state
