// SPDX-License-Identifier: Apache-2.0
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <utility>

#include "common/words.hpp"
#include "daemon/state/connection.hpp"
#include "daemon/state/database.hpp"
#include "daemon/state/statements.hpp"

// Database functions for configuration folders and for tokens that no configuration names.

namespace jackin::state {
namespace {

std::optional<RemainingItem> remaining_from(SQLite::Statement& row) {
  const auto scope = scope_from(row, 0);
  const auto store = value_in<SourceKind>(row, 4);
  if (!scope || !store || !are_moments(row, {7})) return std::nullopt;
  RemainingItem item;
  item.scope = *scope;
  item.reference = row.getColumn(2).getString();
  item.account = row.getColumn(3).getString();
  item.store = *store;
  item.place = row.getColumn(5).getString();
  if (!row.isColumnNull(6)) item.fingerprint = Fingerprint::parse(row.getColumn(6).getString());
  item.revoked_at = moment(row.getColumn(7).getInt64());
  return item;
}

std::optional<DiscardedToken> discarded_from(SQLite::Statement& row) {
  const auto scope = scope_from(row, 2);
  const auto fingerprint = Fingerprint::parse(row.getColumn(0).getString());
  if (!scope || !fingerprint || !is_date(row, 4) || !are_moments(row, {5})) return std::nullopt;
  DiscardedToken token;
  token.fingerprint = *fingerprint;
  token.kind = value_in<OperationKind>(row, 1);
  token.scope = *scope;
  if (!row.isColumnNull(4)) token.expires_on = Date(std::chrono::days(row.getColumn(4).getInt64()));
  token.at = moment(row.getColumn(5).getInt64());
  token.config_folder = row.getColumn(6).getString();
  return token;
}

}  // namespace

void Database::enter_folder(SQLite::Database& sqlite) {
  // Once a day, so that a record writes no additional page.
  execute(sqlite,
          "INSERT INTO config_folder (folder, seen_at) VALUES (?, CAST(strftime('%s', 'now') AS INTEGER)) "
          "ON CONFLICT (folder) DO UPDATE SET seen_at = excluded.seen_at WHERE seen_at < excluded.seen_at - 86400",
          folder_);
}

Result<std::vector<std::string>> Database::other_folders() {
  return guarded(*connection_, [&](SQLite::Database& sqlite) {
    std::vector<std::string> folders;
    auto row = prepared(sqlite, "SELECT folder FROM config_folder WHERE folder <> ? ORDER BY folder", folder_);
    while (row.executeStep()) folders.push_back(row.getColumn(0).getString());
    return folders;
  });
}

Result<> Database::put_remaining(const std::vector<RemainingItem>& items) {
  return guarded(*connection_, [&](SQLite::Database& sqlite) {
    for (const auto& item : items) {
      SQLite::Statement statement(sqlite,
                                  "INSERT OR REPLACE INTO remaining (config_folder, workspace, role, reference, "
                                  "account, store, place, fingerprint, revoked_at) "
                                  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
      statement.bind(1, folder_);
      statement.bind(2, item.scope.workspace_name());
      statement.bind(3, item.scope.role_name());
      statement.bind(4, item.reference);
      statement.bind(5, item.account);
      statement.bind(6, std::string(word_of(item.store)));
      statement.bind(7, item.place);
      if (item.fingerprint) {
        statement.bind(8, item.fingerprint->str());
      } else {
        statement.bind(8);
      }
      statement.bind(9, seconds(item.revoked_at));
      statement.exec();
    }
  });
}

Result<std::vector<RemainingItem>> Database::remaining() {
  return guarded(*connection_, [&](SQLite::Database& sqlite) {
    return all(prepared(sqlite,
                        "SELECT workspace, role, reference, account, store, place, fingerprint, revoked_at "
                        "FROM remaining WHERE config_folder IN (?, '') ORDER BY revoked_at, rowid",
                        folder_),
               remaining_from);
  });
}

Result<> Database::erase_remaining(const std::string& reference, const std::string& account) {
  return guarded(*connection_, [&](SQLite::Database& sqlite) {
    execute(sqlite, "DELETE FROM remaining WHERE reference = ? AND account = ?", reference, account);
  });
}

Result<> Database::put_discarded(const DiscardedToken& token) {
  return guarded(*connection_, [&](SQLite::Database& sqlite) {
    SQLite::Statement statement(sqlite,
                                "INSERT OR IGNORE INTO discarded (fingerprint, kind, workspace, role, expires_on, "
                                "at, config_folder) VALUES (?, ?, ?, ?, ?, ?, ?)");
    statement.bind(1, token.fingerprint.str());
    statement.bind(2, word_or_empty(token.kind));
    statement.bind(3, token.scope.workspace_name());
    statement.bind(4, token.scope.role_name());
    bind_or_null(statement, 5, days(token.expires_on));
    statement.bind(6, seconds(token.at));
    statement.bind(7, folder_);
    statement.exec();
  });
}

Result<std::vector<DiscardedToken>> Database::discarded() {
  return guarded(*connection_, [&](SQLite::Database& sqlite) {
    auto tokens = all(prepared(sqlite,
                               "SELECT fingerprint, kind, workspace, role, expires_on, at, config_folder "
                               "FROM discarded ORDER BY at, rowid"),
                      discarded_from);
    execute(sqlite, "UPDATE discarded SET listed = 1 WHERE listed = 0");
    for (auto& token : tokens) {
      if (token.config_folder == folder_) token.config_folder.clear();
    }
    return tokens;
  });
}

Result<> Database::forget_discarded() {
  return guarded(*connection_,
                 [&](SQLite::Database& sqlite) { execute(sqlite, "DELETE FROM discarded WHERE listed = 1"); });
}

}  // namespace jackin::state
