// SPDX-License-Identifier: Apache-2.0
#include "daemon/state/database.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "common/os/call_within.hpp"
#include "common/untrusted_text.hpp"
#include "common/words.hpp"
#include "daemon/state/connection.hpp"
#include "daemon/state/journal_detail.hpp"
#include "daemon/state/schema.hpp"
#include "daemon/state/statements.hpp"

namespace jackin::state {
namespace {

std::optional<OperationRecord> operation_from(SQLite::Statement& row) {
  const auto scope = scope_from(row, 2);
  if (!scope) return std::nullopt;
  return OperationRecord{row.getColumn(0).getString(),
                         value_in<OperationKind>(row, 1),
                         *scope,
                         value_in<Step>(row, 4),
                         row.getColumn(5).getString(),
                         value_in<Outcome>(row, 6),
                         moment(row.getColumn(7).getInt64()),
                         moment(row.getColumn(8).getInt64())};
}

std::optional<TokenRecord> token_from(SQLite::Statement& row) {
  const auto scope = scope_from(row, 0);
  const auto fingerprint = Fingerprint::parse(row.getColumn(3).getString());
  if (!scope || !fingerprint || !is_date(row, 4) || !are_moments(row, {8})) return std::nullopt;
  TokenRecord record;
  record.scope = *scope;
  record.reference = row.getColumn(2).getString();
  record.fingerprint = *fingerprint;
  if (!row.isColumnNull(4)) record.expires_on = Date(std::chrono::days(row.getColumn(4).getInt64()));
  record.expiry_estimated = row.getColumn(5).getInt() != 0;
  record.minted_by_us = row.getColumn(6).getInt() != 0;
  record.organization = row.getColumn(7).getString();
  record.recorded_at = moment(row.getColumn(8).getInt64());
  return record;
}

std::optional<HealthRecord> health_from(SQLite::Statement& row) {
  const auto scope = scope_from(row, 0);
  const auto source = value_in<SourceState>(row, 3);
  if (!scope || !source || !are_moments(row, {7, 8}) || !is_date(row, 9)) return std::nullopt;
  HealthRecord record;
  record.scope = *scope;
  record.slot_key = row.getColumn(2).getString();
  record.source = *source;
  record.upstream = value_in<ApiAnswer>(row, 4);
  record.detail = row.getColumn(5).getString();
  if (!row.isColumnNull(6)) record.fingerprint = Fingerprint::parse(row.getColumn(6).getString());
  record.checked_at = moment(row.getColumn(7).getInt64());
  if (!row.isColumnNull(8)) record.upstream_at = moment(row.getColumn(8).getInt64());
  if (!row.isColumnNull(9)) record.expires_on = Date(std::chrono::days(row.getColumn(9).getInt64()));
  return record;
}

std::optional<HandoutRecord> handout_from(SQLite::Statement& row) {
  const auto scope = scope_from(row, 0);
  const auto fingerprint = Fingerprint::parse(row.getColumn(2).getString());
  if (!scope || !fingerprint) return std::nullopt;
  return HandoutRecord{*scope,
                       *fingerprint,
                       row.getColumn(3).getInt(),
                       static_cast<std::uint64_t>(row.getColumn(4).getInt64()),
                       row.getColumn(5).getString(),
                       moment(row.getColumn(6).getInt64()),
                       row.getColumn(7).getInt() != 0};
}

std::optional<NotifiedRecord> notified_from(SQLite::Statement& row) {
  const auto fingerprint = Fingerprint::parse(row.getColumn(0).getString());
  const auto event = value_in<TokenNews>(row, 1);
  if (!fingerprint || !event) return std::nullopt;
  return NotifiedRecord{*fingerprint, *event, moment(row.getColumn(2).getInt64())};
}

void add_step(SQLite::Database& sqlite, const std::string& id, const std::string& step, const std::string& detail,
              Moment at) {
  execute(sqlite,
          "INSERT INTO step (operation, number, step, detail, at) "
          "SELECT ?1, 1 + count(*), ?2, ?3, ?4 FROM step WHERE operation = ?1",
          id, step, detail, seconds(at));
}

Result<> existing(Result<int> changed_rows, const std::string& id) {
  if (!changed_rows) return failure(std::move(changed_rows).error());
  if (*changed_rows == 0) return failure(Reason::internal, "no operation " + printable(id) + " is in the journal");
  return {};
}

}  // namespace

std::string name_of(std::optional<OperationKind> kind) {
  return kind ? std::string(word_of(*kind)) : "operation";
}

Database::Database(std::unique_ptr<Connection> connection, std::string folder)
    : connection_(std::move(connection)), folder_(std::move(folder)) {}
Database::~Database() {
  static_cast<void>(write_pending_handouts());
}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& path,
                                                 const std::filesystem::path& config_dir,
                                                 const std::filesystem::path& home, std::chrono::milliseconds limit) {
  // The folder can be on a mount that does not answer.
  auto resolve = [config_dir] {
    std::error_code error;
    auto resolved = std::filesystem::weakly_canonical(config_dir, error);
    return error ? std::filesystem::path() : resolved;
  };
  const auto resolved = os::call_within(limit, std::move(resolve)).value_or(std::filesystem::path());
  const bool is_resolved = !resolved.empty();
  errno = 0;
  try {
    TRY(auto connection, connect(path, home));
    auto& sqlite = *connection->sqlite;
    if (schema_of(sqlite) > newest_schema()) {
      return failure(Reason::unsupported,
                     "the state database " + in_quotes(path) + " was written by a newer jackind (schema " +
                         std::to_string(schema_of(sqlite)) + ", this one knows " + std::to_string(newest_schema()) +
                         ")",
                     Remedy::try_again("with that version installed again, or with another JACKIND_STATE_DIR"));
    }
    if (sqlite.execAndGet("PRAGMA quick_check(1)").getString() != "ok") return failure(damaged(path));
    set_durable(sqlite);
    migrate(sqlite);
    // This table has names that were the resolved ones, and names from the journal of earlier versions (`migrate`),
    // which can be unresolved ones. `adopt` removes a name that resolves to another.
    const bool is_known =
        prepared(sqlite, "SELECT 1 FROM config_folder WHERE folder = ?", config_dir.string()).executeStep();
    if (!is_resolved && !is_known) {
      return failure(Reason::config_unreadable,
                     "the configuration folder " + in_quotes(config_dir) +
                         " does not answer or cannot be resolved, and jackind has not worked with it by this name",
                     Remedy::try_again("when it answers"));
    }
    std::string folder = (is_resolved ? resolved : config_dir).string();
    auto database = std::unique_ptr<Database>(new Database(std::move(connection), std::move(folder)));
    // This fails on a full disk; the first record of this folder then enters the folder.
    static_cast<void>(guarded(*database->connection_, [&](SQLite::Database& opened) {
      database->adopt(opened, config_dir.string());
      database->enter_folder(opened);
    }));
    return database;
  } catch (const SQLite::Exception& exception) {
    return failure(error_of(exception, path, errno));
  }
}

// Earlier versions recorded a folder that did not answer under its unresolved name. Of two records of one scope the
// later one stays, or the one under the resolved name if they have the same moment.
void Database::adopt(SQLite::Database& sqlite, const std::string& spelling) {
  if (spelling == folder_) return;
  const auto delete_earlier = [&](const std::string& table, const std::string& column) {
    const std::string sql = "DELETE FROM " + table + " WHERE config_folder = ?1 AND EXISTS (SELECT 1 FROM " + table +
                            " AS other WHERE other.config_folder = ?2 AND other.workspace = " + table +
                            ".workspace AND other.role = " + table + ".role AND other." + column + " > " + table + "." +
                            column + ")";
    execute(sqlite, sql.c_str(), folder_, spelling);
  };
  delete_earlier("token", "recorded_at");
  delete_earlier("health", "checked_at");
  for (const std::string table : {"token", "health", "handout", "remaining", "discarded"}) {
    execute(sqlite, ("UPDATE OR IGNORE " + table + " SET config_folder = ? WHERE config_folder = ?").c_str(), folder_,
            spelling);
    // The rest are records that the resolved name has too.
    execute(sqlite, ("DELETE FROM " + table + " WHERE config_folder = ?").c_str(), spelling);
  }
  execute(sqlite, "DELETE FROM config_folder WHERE folder = ?", spelling);
}

Result<> Database::keep_in_place() {
  return guarded(*connection_, [](SQLite::Database&) {});
}

int Database::times_put_back() const {
  return connection_->times_put_back;
}

Result<> Database::begin_operation(const OperationRecord& operation) {
  return guarded(*connection_, [&](SQLite::Database& sqlite) {
    enter_folder(sqlite);
    execute(sqlite,
            "INSERT INTO operation (id, kind, workspace, role, step, detail, outcome, begun_at, changed_at) "
            "VALUES (?, ?, ?, ?, ?, ?, '', ?, ?)",
            operation.id, word_or_empty(operation.kind), operation.scope.workspace_name(), operation.scope.role_name(),
            word_or_empty(operation.step), operation.detail, seconds(operation.begun_at), seconds(operation.begun_at));
    add_step(sqlite, operation.id, word_or_empty(operation.step), operation.detail, operation.begun_at);
  });
}

Result<> Database::enter_step(const std::string& id, Step entered, const std::string& detail, Moment at) {
  const std::string step(word_of(entered));
  return existing(guarded(*connection_,
                          [&](SQLite::Database& sqlite) {
                            const int changed = prepared(sqlite,
                                                         "UPDATE operation SET step = ?2, detail = ?3, changed_at = ?4 "
                                                         "WHERE id = ?1",
                                                         id, step, detail, seconds(at))
                                                    .exec();
                            if (changed != 0) add_step(sqlite, id, step, detail, at);
                            return changed;
                          }),
                  id);
}

Result<> Database::end_operation(const std::string& id, Outcome ended, Moment at) {
  const std::string outcome(word_of(ended));
  return existing(guarded(*connection_,
                          [&](SQLite::Database& sqlite) {
                            return prepared(sqlite, "UPDATE operation SET outcome = ?2, changed_at = ?3 WHERE id = ?1",
                                            id, outcome, seconds(at))
                                .exec();
                          }),
                  id);
}

Result<std::vector<OperationRecord>> Database::unfinished_operations() {
  return guarded(*connection_, [&](SQLite::Database& sqlite) {
    return all(prepared(sqlite,
                        "SELECT id, kind, workspace, role, step, detail, outcome, begun_at, changed_at FROM operation "
                        "WHERE outcome IN ('', 'stuck', 'kept') ORDER BY begun_at, rowid"),
               operation_from);
  });
}

Result<std::vector<std::pair<Step, std::string>>> Database::steps_of(const std::string& id) {
  return guarded(*connection_, [&](SQLite::Database& sqlite) {
    std::vector<std::pair<Step, std::string>> steps;
    auto row = prepared(sqlite, "SELECT step, detail FROM step WHERE operation = ? ORDER BY number", id);
    while (row.executeStep()) {
      if (const auto step = value_in<Step>(row, 0)) steps.emplace_back(*step, row.getColumn(1).getString());
    }
    return steps;
  });
}

Result<> Database::put_token(const TokenRecord& record) {
  return guarded(*connection_, [&](SQLite::Database& sqlite) {
    enter_folder(sqlite);
    execute(sqlite, "DELETE FROM token WHERE config_folder = '' AND workspace = ? AND role = ? AND reference = ?",
            record.scope.workspace_name(), record.scope.role_name(), record.reference);
    SQLite::Statement statement(sqlite,
                                "INSERT OR REPLACE INTO token (config_folder, workspace, role, reference, fingerprint, "
                                "expires_on, expiry_estimated, minted_by_us, organization, recorded_at) "
                                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    statement.bind(1, folder_);
    statement.bind(2, record.scope.workspace_name());
    statement.bind(3, record.scope.role_name());
    statement.bind(4, record.reference);
    statement.bind(5, record.fingerprint.str());
    bind_or_null(statement, 6, days(record.expires_on));
    statement.bind(7, record.expiry_estimated ? 1 : 0);
    statement.bind(8, record.minted_by_us ? 1 : 0);
    statement.bind(9, record.organization);
    statement.bind(10, seconds(record.recorded_at));
    statement.exec();
  });
}

Result<std::vector<TokenRecord>> Database::tokens() {
  return guarded(*connection_, [&](SQLite::Database& sqlite) {
    return all(prepared(sqlite,
                        "SELECT workspace, role, reference, fingerprint, expires_on, expiry_estimated, minted_by_us, "
                        "organization, recorded_at FROM token AS one "
                        "WHERE config_folder = ?1 OR (config_folder = '' AND NOT EXISTS (SELECT 1 FROM token AS own "
                        "WHERE own.config_folder = ?1 AND own.workspace = one.workspace AND own.role = one.role)) "
                        "ORDER BY workspace, role",
                        folder_),
               token_from);
  });
}

Result<> Database::erase_token(const Scope& scope) {
  return guarded(*connection_, [&](SQLite::Database& sqlite) {
    execute(sqlite, "DELETE FROM token WHERE config_folder IN (?, '') AND workspace = ? AND role = ?", folder_,
            scope.workspace_name(), scope.role_name());
  });
}

Result<> Database::put_health(const HealthRecord& record) {
  return guarded(*connection_, [&](SQLite::Database& sqlite) {
    enter_folder(sqlite);
    execute(sqlite, "DELETE FROM health WHERE config_folder = '' AND workspace = ? AND role = ? AND slot_key = ?",
            record.scope.workspace_name(), record.scope.role_name(), record.slot_key);
    SQLite::Statement statement(sqlite,
                                "INSERT OR REPLACE INTO health (config_folder, workspace, role, slot_key, source, "
                                "upstream, detail, fingerprint, checked_at, upstream_at, expires_on) "
                                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    statement.bind(1, folder_);
    statement.bind(2, record.scope.workspace_name());
    statement.bind(3, record.scope.role_name());
    statement.bind(4, record.slot_key);
    statement.bind(5, std::string(word_of(record.source)));
    statement.bind(6, word_or_empty(record.upstream));
    statement.bind(7, record.detail);
    if (record.fingerprint) {
      statement.bind(8, record.fingerprint->str());
    } else {
      statement.bind(8);
    }
    statement.bind(9, seconds(record.checked_at));
    bind_or_null(statement, 10,
                 record.upstream_at ? std::optional<std::int64_t>(seconds(*record.upstream_at)) : std::nullopt);
    bind_or_null(statement, 11, days(record.expires_on));
    statement.exec();
  });
}

Result<std::vector<HealthRecord>> Database::health() {
  return guarded(*connection_, [&](SQLite::Database& sqlite) {
    return all(prepared(sqlite,
                        "SELECT workspace, role, slot_key, source, upstream, detail, fingerprint, checked_at, "
                        "upstream_at, expires_on FROM health AS one "
                        "WHERE config_folder = ?1 OR (config_folder = '' AND NOT EXISTS (SELECT 1 FROM health AS own "
                        "WHERE own.config_folder = ?1 AND own.workspace = one.workspace AND own.role = one.role)) "
                        "ORDER BY workspace, role",
                        folder_),
               health_from);
  });
}

Result<> Database::erase_health(const Scope& scope) {
  return guarded(*connection_, [&](SQLite::Database& sqlite) {
    execute(sqlite, "DELETE FROM health WHERE config_folder IN (?, '') AND workspace = ? AND role = ?", folder_,
            scope.workspace_name(), scope.role_name());
  });
}

Result<> Database::add_history(const HistoryRecord& record) {
  return guarded(*connection_, [&](SQLite::Database& sqlite) {
    execute(sqlite, "INSERT INTO history (slot_key, verdict, summary, at) VALUES (?, ?, ?, ?)", record.slot_key,
            std::string(word_of(record.verdict)), record.summary, seconds(record.at));
    execute(sqlite,
            "DELETE FROM history WHERE slot_key = ?1 AND rowid NOT IN "
            "(SELECT rowid FROM history WHERE slot_key = ?1 ORDER BY rowid DESC LIMIT 50)",
            record.slot_key);
    execute(sqlite, "DELETE FROM history WHERE rowid <= (SELECT max(rowid) FROM history) - 5000");
  });
}

Result<std::vector<HistoryRecord>> Database::history(const std::string& slot_key) {
  return guarded(*connection_, [&](SQLite::Database& sqlite) {
    std::vector<HistoryRecord> records;
    auto row =
        prepared(sqlite, "SELECT verdict, summary, at FROM history WHERE slot_key = ? ORDER BY rowid DESC", slot_key);
    while (row.executeStep()) {
      const auto verdict = value_in<Verdict>(row, 0);
      if (!verdict) continue;
      records.push_back({slot_key, *verdict, row.getColumn(1).getString(), moment(row.getColumn(2).getInt64())});
    }
    return records;
  });
}

Result<> Database::write_pending_handouts() {
  const std::scoped_lock writing(writing_mutex_);
  const auto records = kept_handouts();
  if (records.empty()) return {};
  auto written = guarded(*connection_, [&](SQLite::Database& sqlite) {
    for (const auto& record : records) {
      execute(sqlite,
              "INSERT INTO handout (config_folder, workspace, role, fingerprint, pid, start_time, command, at) "
              "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
              folder_, record.scope.workspace_name(), record.scope.role_name(), record.fingerprint.str(), record.pid,
              static_cast<std::int64_t>(record.start_time), record.command, seconds(record.at));
    }
  });
  if (!written) return written;
  const std::scoped_lock lock(kept_mutex_);
  pending_handouts_.erase(pending_handouts_.begin(), pending_handouts_.begin() + std::ssize(records));
  return {};
}

void Database::keep_handout(const HandoutRecord& record) {
  const std::scoped_lock lock(kept_mutex_);
  pending_handouts_.push_back(record);
}

std::vector<HandoutRecord> Database::kept_handouts() {
  const std::scoped_lock lock(kept_mutex_);
  return pending_handouts_;
}

Result<> Database::add_handout(const HandoutRecord& record) {
  keep_handout(record);
  return write_pending_handouts();
}

Result<std::vector<HandoutRecord>> Database::handouts() {
  const std::scoped_lock writing(writing_mutex_);
  auto read = guarded(*connection_, [&](SQLite::Database& sqlite) {
    return all(prepared(sqlite,
                        "SELECT workspace, role, fingerprint, pid, start_time, command, at, "
                        "config_folder NOT IN (?, '') FROM handout ORDER BY at, rowid",
                        folder_),
               handout_from);
  });
  const auto kept = kept_handouts();
  if (!read && kept.empty()) return read;
  std::vector<HandoutRecord> records = read ? *std::move(read) : std::vector<HandoutRecord>();
  records.insert(records.end(), kept.begin(), kept.end());
  return records;
}

Result<> Database::relocate(const RelocatedSource& moved) {
  return guarded(*connection_, [&](SQLite::Database& sqlite) {
    for (const Scope& scope : moved.scopes) {
      execute(sqlite,
              "UPDATE token SET reference = ? WHERE config_folder IN (?, '') AND reference = ? AND workspace = ? AND "
              "role = ?",
              moved.reference, folder_, moved.old_reference, scope.workspace_name(), scope.role_name());
    }
    for (const std::string& old_key : moved.old_slot_keys) {
      for (const Scope& scope : moved.scopes) {
        execute(sqlite,
                "UPDATE health SET slot_key = ? WHERE config_folder IN (?, '') AND slot_key = ? AND workspace = ? AND "
                "role = ?",
                moved.slot_key, folder_, old_key, scope.workspace_name(), scope.role_name());
      }
      execute(sqlite, "UPDATE history SET slot_key = ? WHERE slot_key = ?", moved.slot_key, old_key);
    }
    execute(sqlite, "UPDATE OR REPLACE remaining SET reference = ? WHERE reference = ?", moved.reference,
            moved.old_reference);
    std::vector<std::pair<std::string, std::string>> details;
    auto row = prepared(sqlite, "SELECT id, detail FROM operation WHERE outcome IN ('', 'stuck', 'kept') AND id <> ?",
                        moved.operation);
    while (row.executeStep()) details.emplace_back(row.getColumn(0).getString(), row.getColumn(1).getString());
    for (const auto& [id, text] : details) {
      auto detail = journal_detail_from(text);
      if (!detail) continue;
      bool names_it = false;
      for (std::string* const reference : {&detail->reference, &detail->old_reference}) {
        if (*reference != moved.old_reference) continue;
        *reference = moved.reference;
        names_it = true;
      }
      if (detail->place_key == moved.old_place_key) {
        detail->place_key = moved.place_key;
        names_it = true;
      }
      if (names_it) execute(sqlite, "UPDATE operation SET detail = ? WHERE id = ?", to_json(*detail), id);
    }
  });
}

Result<> Database::forget_before(Moment limit) {
  return guarded(*connection_, [&](SQLite::Database& sqlite) {
    execute(sqlite,
            "DELETE FROM step WHERE operation IN "
            "(SELECT id FROM operation WHERE outcome NOT IN ('', 'stuck', 'kept') AND changed_at < ?)",
            seconds(limit));
    execute(sqlite, "DELETE FROM operation WHERE outcome NOT IN ('', 'stuck', 'kept') AND changed_at < ?",
            seconds(limit));
    execute(sqlite, "DELETE FROM handout WHERE at < ?", seconds(limit));
    execute(sqlite, "DELETE FROM remaining WHERE revoked_at < ?", seconds(limit));
    execute(sqlite, "DELETE FROM discarded WHERE at < ?", seconds(limit));
    execute(sqlite, "DELETE FROM config_folder WHERE seen_at < ? AND folder <> ?", seconds(limit), folder_);
  });
}

Result<> Database::mark_notified(const std::vector<NotifiedRecord>& records) {
  return guarded(*connection_, [&](SQLite::Database& sqlite) {
    for (const auto& record : records) {
      execute(sqlite, "INSERT OR IGNORE INTO told (fingerprint, event, at) VALUES (?, ?, ?)", record.fingerprint.str(),
              std::string(word_of(record.event)), seconds(record.at));
    }
    execute(sqlite, "DELETE FROM told WHERE number <= (SELECT max(number) FROM told) - ?", notified_limit);
  });
}

Result<std::vector<NotifiedRecord>> Database::notified() {
  return guarded(*connection_, [&](SQLite::Database& sqlite) {
    return all(prepared(sqlite, "SELECT fingerprint, event, at FROM told ORDER BY number"), notified_from);
  });
}

}  // namespace jackin::state
