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

/// Brings the tables from the file's schema to the newest, or to an earlier one as an earlier version would have, in
/// one transaction, and leaves nothing of what it replaced in the file. A file that is there already stays as it is.
/// Throws SQLite::Exception.
void migrate(SQLite::Database& database, int to = newest_schema());

}  // namespace jackin::state
