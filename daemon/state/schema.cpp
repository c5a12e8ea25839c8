// SPDX-License-Identifier: Apache-2.0
#include "daemon/state/schema.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>

#include <sqlite3.h>

#include <array>
#include <string>

#include "common/recorded_reference.hpp"

namespace jackin::state {
namespace {

// Each migration is applied once, in order; a released one never changes. A scope is two columns, both empty for the
// global one. Moments are seconds since 1970, UTC; dates are days since then.
constexpr std::array migrations{
    R"(
CREATE TABLE operation (
  id         TEXT PRIMARY KEY,
  kind       TEXT NOT NULL,
  workspace  TEXT NOT NULL,
  role       TEXT NOT NULL,
  step       TEXT NOT NULL,
  detail     TEXT NOT NULL,
  outcome    TEXT NOT NULL,
  begun_at   INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE step (
  operation TEXT NOT NULL REFERENCES operation (id),
  number    INTEGER NOT NULL,
  step      TEXT NOT NULL,
  detail    TEXT NOT NULL,
  at        INTEGER NOT NULL,
  PRIMARY KEY (operation, number)
) STRICT;

CREATE TABLE token (
  workspace        TEXT NOT NULL,
  role             TEXT NOT NULL,
  reference        TEXT NOT NULL,
  fingerprint      TEXT NOT NULL,
  expires_on       INTEGER,
  expiry_estimated INTEGER NOT NULL,
  minted_by_us     INTEGER NOT NULL,
  organization     TEXT NOT NULL,
  recorded_at      INTEGER NOT NULL,
  PRIMARY KEY (workspace, role)
) STRICT;

CREATE TABLE health (
  workspace   TEXT NOT NULL,
  role        TEXT NOT NULL,
  slot_key    TEXT NOT NULL,
  source      TEXT NOT NULL,
  upstream    TEXT NOT NULL,
  detail      TEXT NOT NULL,
  fingerprint TEXT,
  checked_at  INTEGER NOT NULL,
  upstream_at INTEGER,
  PRIMARY KEY (workspace, role)
) STRICT;

CREATE TABLE handout (
  workspace   TEXT NOT NULL,
  role        TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  pid         INTEGER NOT NULL,
  start_time  INTEGER NOT NULL,
  command     TEXT NOT NULL,
  at          INTEGER NOT NULL
) STRICT;
CREATE INDEX handout_at ON handout (at);
)",
    // A store's expiry date of an item, and the history of a slot's health, keyed by its content.
    R"(
ALTER TABLE health ADD COLUMN expires_on INTEGER;

CREATE TABLE history (
  slot_key TEXT NOT NULL,
  verdict  TEXT NOT NULL,
  summary  TEXT NOT NULL,
  at       INTEGER NOT NULL
) STRICT;
CREATE INDEX history_slot ON history (slot_key, at);
)",
    R"(
CREATE TABLE told (
  number      INTEGER PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  event       TEXT NOT NULL,
  at          INTEGER NOT NULL,
  UNIQUE (fingerprint, event)
) STRICT;
)",
    // Stored tokens that a revocation removed from the configuration and left in their store.
    R"(
CREATE TABLE remaining (
  workspace   TEXT NOT NULL,
  role        TEXT NOT NULL,
  reference   TEXT NOT NULL,
  account     TEXT NOT NULL,
  store       TEXT NOT NULL,
  place       TEXT NOT NULL,
  fingerprint TEXT,
  revoked_at  INTEGER NOT NULL,
  PRIMARY KEY (reference, account, workspace, role)
) STRICT;
)",
    // References of commands contained their arguments, which may include credentials. `recorded` is
    // `recorded_reference`.
    R"(
UPDATE token SET reference = recorded(reference);
UPDATE operation SET detail = json_set(detail, '$.reference', recorded(json_extract(detail, '$.reference')))
  WHERE json_valid(detail) AND json_extract(detail, '$.reference') LIKE 'command:%';
UPDATE operation SET detail = json_set(detail, '$.old_reference', recorded(json_extract(detail, '$.old_reference')))
  WHERE json_valid(detail) AND json_extract(detail, '$.old_reference') LIKE 'command:%';
UPDATE step SET detail = json_set(detail, '$.reference', recorded(json_extract(detail, '$.reference')))
  WHERE json_valid(detail) AND json_extract(detail, '$.reference') LIKE 'command:%';
UPDATE step SET detail = json_set(detail, '$.old_reference', recorded(json_extract(detail, '$.old_reference')))
  WHERE json_valid(detail) AND json_extract(detail, '$.old_reference') LIKE 'command:%';
)",
    // One state folder can serve several configuration folders, which can have scopes of the same name. The folder of
    // earlier records is unknown (''). The journal names folders that were in use.
    R"(
CREATE TABLE config_folder (
  folder  TEXT PRIMARY KEY,
  seen_at INTEGER NOT NULL
) STRICT;
INSERT INTO config_folder
  SELECT json_extract(detail, '$.config_folder'), max(changed_at) FROM operation
  WHERE json_valid(detail) AND json_type(detail, '$.config_folder') = 'text' GROUP BY 1;

ALTER TABLE token RENAME TO earlier_token;
CREATE TABLE token (
  config_folder    TEXT NOT NULL,
  workspace        TEXT NOT NULL,
  role             TEXT NOT NULL,
  reference        TEXT NOT NULL,
  fingerprint      TEXT NOT NULL,
  expires_on       INTEGER,
  expiry_estimated INTEGER NOT NULL,
  minted_by_us     INTEGER NOT NULL,
  organization     TEXT NOT NULL,
  recorded_at      INTEGER NOT NULL,
  PRIMARY KEY (config_folder, workspace, role)
) STRICT;
INSERT INTO token
  SELECT '', workspace, role, reference, fingerprint, expires_on, expiry_estimated, minted_by_us, organization,
    recorded_at FROM earlier_token;
DROP TABLE earlier_token;

ALTER TABLE health RENAME TO earlier_health;
CREATE TABLE health (
  config_folder TEXT NOT NULL,
  workspace     TEXT NOT NULL,
  role          TEXT NOT NULL,
  slot_key      TEXT NOT NULL,
  source        TEXT NOT NULL,
  upstream      TEXT NOT NULL,
  detail        TEXT NOT NULL,
  fingerprint   TEXT,
  checked_at    INTEGER NOT NULL,
  upstream_at   INTEGER,
  expires_on    INTEGER,
  PRIMARY KEY (config_folder, workspace, role)
) STRICT;
INSERT INTO health
  SELECT '', workspace, role, slot_key, source, upstream, detail, fingerprint, checked_at, upstream_at, expires_on
    FROM earlier_health;
DROP TABLE earlier_health;

ALTER TABLE handout ADD COLUMN config_folder TEXT NOT NULL DEFAULT '';

ALTER TABLE remaining RENAME TO earlier_remaining;
CREATE TABLE remaining (
  config_folder TEXT NOT NULL,
  workspace     TEXT NOT NULL,
  role          TEXT NOT NULL,
  reference     TEXT NOT NULL,
  account       TEXT NOT NULL,
  store         TEXT NOT NULL,
  place         TEXT NOT NULL,
  fingerprint   TEXT,
  revoked_at    INTEGER NOT NULL,
  PRIMARY KEY (reference, account, config_folder, workspace, role)
) STRICT;
INSERT INTO remaining
  SELECT '', workspace, role, reference, account, store, place, fingerprint, revoked_at FROM earlier_remaining
  ORDER BY rowid;
DROP TABLE earlier_remaining;

CREATE TABLE discarded (
  fingerprint   TEXT PRIMARY KEY,
  kind          TEXT NOT NULL,
  workspace     TEXT NOT NULL,
  role          TEXT NOT NULL,
  expires_on    INTEGER,
  at            INTEGER NOT NULL,
  config_folder TEXT NOT NULL,
  listed        INTEGER NOT NULL DEFAULT 0
) STRICT;
)",
    // Words that earlier versions used in the journal.
    R"(
UPDATE operation SET step = 'write_config' WHERE step = 'wire';
UPDATE step SET step = 'write_config' WHERE step = 'wire';
UPDATE operation SET detail = json_remove(json_set(detail, '$.expiry_known', json('true')), '$.expiry_told')
  WHERE json_valid(detail) AND json_extract(detail, '$.expiry_told') = 1;
UPDATE step SET detail = json_remove(json_set(detail, '$.expiry_known', json('true')), '$.expiry_told')
  WHERE json_valid(detail) AND json_extract(detail, '$.expiry_told') = 1;
)",
};

// SQLite's signature of a function (sqlite.org/appfunc.html).
void recorded(sqlite3_context* context, int, sqlite3_value** values) {
  const auto* const text = reinterpret_cast<const char*>(sqlite3_value_text(values[0]));
  const std::string record = recorded_reference(text == nullptr ? "" : text);
  sqlite3_result_text(context, record.data(), static_cast<int>(record.size()), SQLITE_TRANSIENT);
}

}  // namespace

int newest_schema() {
  return static_cast<int>(migrations.size());
}

int schema_of(SQLite::Database& database) {
  return database.execAndGet("PRAGMA user_version").getInt();
}

void migrate(SQLite::Database& database, int to) {
  const int from = schema_of(database);
  if (from >= to) return;
  database.createFunction("recorded", 1, true, nullptr, &recorded, nullptr, nullptr, nullptr);
  SQLite::Transaction transaction(database);
  for (int i = from; i < to; ++i) database.exec(migrations[static_cast<std::size_t>(i)]);
  database.exec("PRAGMA user_version = " + std::to_string(to));
  transaction.commit();
  // Free pages and the log may still contain rows that were changed or deleted earlier.
  if (from > 0) {
    database.tryExec("VACUUM");
    database.tryExec("PRAGMA wal_checkpoint(TRUNCATE)");
  }
}

}  // namespace jackin::state
