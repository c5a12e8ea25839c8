// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "common/result.hpp"

namespace jackin::state {

/// What `move_database` did.
enum class Moved {
  nothing,  ///< There is no old database, or it was moved before.
  whole,    ///< The old database is the new one now.
  merged,   ///< The old records were added to the new database.
};

/// Moves the database of an earlier version from `from` to `to`, whose folder it creates. It writes a complete copy
/// beside `to`, syncs it, renames it (the commit), and removes the old files. If interrupted before the rename it
/// starts again; after it, the old file remains and is ignored.
///
/// If the old database was unavailable at an earlier start (`mark_unavailable`), `to` exists already. Then the old
/// records are added in one transaction: a record of `to` about the same scope, token or operation stays. If
/// interrupted it starts again. For main, with both locks held. Blocking. Errors: those of Database::open, and of
/// `is_there`.
Result<Moved> move_database(const std::filesystem::path& from, const std::filesystem::path& to);

/// Records, beside `to`, that the old database is unavailable now, and why. Does nothing when `to` exists: then an
/// earlier start has read the old database or recorded this. Blocking. Errors: those of `os::write_private_file`.
Result<> mark_unavailable(const std::filesystem::path& to, const Error& why);

/// The reason that `mark_unavailable` recorded, until `move_database` can open the old database or finds that it no
/// longer exists. Blocking.
std::optional<std::string> unavailable_reason(const std::filesystem::path& to);

}  // namespace jackin::state
