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

/// The open database file. Whoever uses `sqlite` holds `mutex`; `guarded` does both.
struct Connection {
  std::mutex mutex;
  std::filesystem::path file;  ///< Its folder is resolved.
  std::filesystem::path home;  ///< Resolved; never made anew.
  std::atomic<int> times_put_back = 0;
  std::unique_ptr<SQLite::Database> sqlite;
};

/// Makes the file where there is none, and sees that it is a file of this user's that nobody else can read; then opens
/// it. A folder below `home` is made only where that is there. Blocking. Errors: permission_denied, disk_full,
/// io_failed; SQLite's own exceptions go through.
Result<std::unique_ptr<Connection>> connect(const std::filesystem::path& path, const std::filesystem::path& home = {});

/// How this project writes: WAL with synchronous=FULL, one fsync of the log before a commit returns, and it survives a
/// power cut (sqlite.org/pragma.html#pragma_synchronous). macOS's fsync does not reach the disk; fullfsync does.
void set_durable(SQLite::Database& sqlite);

/// Writes the whole database, with what its log holds, to a new file at `to`, 0600: beside it, synced, then renamed
/// without replacing anything. Errors: io_failed, disk_full; SQLite's own exceptions go through.
Result<> copy_database(SQLite::Database& sqlite, const std::filesystem::path& to);

/// Whether the open file is still the one at its path.
bool is_in_place(const Connection& connection);

/// The database's file is gone from its path: what is open is written there again and opened. Errors: io_failed when
/// another file stands there now, which is not touched; those of `connect` and `copy_database`.
Result<> put_back(Connection& connection);

std::string in_quotes(const std::filesystem::path& file);
Error damaged(const std::filesystem::path& file);
/// What an exception of SQLite's says; `system_errno` as it was when the exception arrived.
Error error_of(const SQLite::Exception& exception, const std::filesystem::path& file, int system_errno);

/// Runs `work` on the connection, alone and in one transaction, and turns SQLite's exceptions into errors. A file that
/// is not at its path any more is put back first, and nothing is committed into one that went meanwhile. errno is read
/// where the exception arrives: sqlite3_system_errno is empty after a failed commit (seen with 3.40), and undoing the
/// transaction overwrites it.
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
      return failure(Reason::io_failed,
                     "the state database is not at its place any more: " + in_quotes(connection.file), {});
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
