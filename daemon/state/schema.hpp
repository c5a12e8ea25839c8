// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace SQLite {
class Database;
}

namespace jackin::state {

/// The newest schema that this version knows: the number of its migrations. Kept in the file's `user_version`.
int newest_schema();

/// The file's schema; 0 for an empty file.
int schema_of(SQLite::Database& database);

/// Migrates the tables from the file's schema to the newest, or to an earlier one as an earlier version would have, in
/// one transaction. Leaves nothing of the replaced data in the file. A file whose schema is `to` or newer stays
/// unchanged. Throws SQLite::Exception.
void migrate(SQLite::Database& database, int to = newest_schema());

}  // namespace jackin::state
