// SPDX-License-Identifier: Apache-2.0
#include "daemon/state/move_database.hpp"

#include <cerrno>

#include "common/os/private_files.hpp"
#include "common/presence.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/state/connection.hpp"
#include "daemon/state/schema.hpp"
#include "daemon/state/statements.hpp"

namespace jackin::state {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t longest_mark = 4096;

// `old` has the records of the earlier database. Each table keeps its own record of the same key. A record that names
// no configuration folder applies to all, until one of the same scope and folder replaces it (database.cpp).
constexpr const char* merge = R"(
INSERT OR IGNORE INTO operation SELECT * FROM old.operation;
INSERT OR IGNORE INTO step SELECT * FROM old.step;
INSERT OR IGNORE INTO token SELECT * FROM old.token;
INSERT OR IGNORE INTO health SELECT * FROM old.health;
INSERT INTO handout SELECT * FROM old.handout EXCEPT SELECT * FROM handout;
INSERT INTO history SELECT * FROM old.history EXCEPT SELECT * FROM history;
INSERT OR IGNORE INTO told (fingerprint, event, at) SELECT fingerprint, event, at FROM old.told ORDER BY number;
INSERT OR IGNORE INTO remaining SELECT * FROM old.remaining ORDER BY rowid;
INSERT OR IGNORE INTO discarded SELECT * FROM old.discarded ORDER BY rowid;
INSERT OR IGNORE INTO config_folder SELECT * FROM old.config_folder;
)";

fs::path mark_of(const fs::path& database) {
  return database.string() + ".earlier-away";
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

Result<> remove_database(const fs::path& file) {
  for (const char* part : {"", "-wal", "-shm", "-journal"}) {
    TRY(os::remove_file(file.string() + part));
  }
  return {};
}

Result<> migrate_file(const fs::path& file) {
  TRY(const auto connection, connect(file));
  auto& sqlite = *connection->sqlite;
  if (schema_of(sqlite) > newest_schema()) {
    return failure(Reason::unsupported, "the state database " + in_quotes(file) + " was written by a newer jackind",
                   {});
  }
  migrate(sqlite);
  return {};
}

Result<> merge_state(const fs::path& from, const fs::path& to) {
  const fs::path copy = to.parent_path() / (to.filename().string() + ".earlier");
  TRY(remove_database(copy));
  TRY(copy_state(from, copy));
  errno = 0;
  try {
    TRY(migrate_file(copy));
    TRY(migrate_file(to));
    TRY(const auto connection, connect(to));
    auto& sqlite = *connection->sqlite;
    set_durable(sqlite);
    execute(sqlite, "ATTACH ? AS old", (connection->file.parent_path() / copy.filename()).string());
    sqlite.exec("BEGIN");
    sqlite.exec(merge);
    sqlite.exec("COMMIT");
  } catch (const SQLite::Exception& exception) {
    return failure(error_of(exception, to, errno));
  }
  return remove_database(copy);
}

}  // namespace

Result<Moved> move_database(const fs::path& from, const fs::path& to) {
  TRY(const bool has_old, is_there(from));
  TRY(const bool has_new, is_there(to));
  TRY(const bool was_unavailable, is_there(mark_of(to)));
  auto moved = Moved::nothing;
  if (has_old && !has_new) {
    TRY(copy_state(from, to));
    moved = Moved::whole;
  } else if (has_old && was_unavailable) {
    TRY(merge_state(from, to));
    moved = Moved::merged;
  }
  // The mark is removed before the old files. Later starts then ignore the old files that remain.
  if (was_unavailable) {
    TRY(os::remove_file(mark_of(to)));
  }
  if (moved != Moved::nothing) {
    TRY(remove_database(from));
  }
  return moved;
}

Result<> mark_unavailable(const fs::path& to, const Error& why) {
  TRY(const bool has_new, is_there(to));
  if (has_new) return {};
  TRY(os::make_private_folder(to.parent_path()));
  return os::write_private_file(mark_of(to), std::string_view(why.message).substr(0, longest_mark), true);
}

std::optional<std::string> unavailable_reason(const fs::path& to) {
  const auto text = os::read_private_file(mark_of(to), longest_mark);
  if (!text) return std::nullopt;
  return printable(text->view());
}

}  // namespace jackin::state
