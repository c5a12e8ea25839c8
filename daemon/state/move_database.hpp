// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "common/result.hpp"

namespace jackin::state {

/// Moves the database of an earlier version from `from` to `to`, whose folder it creates. It writes a complete copy
/// beside `to`, syncs it, renames it (the commit), and removes the old files. Returns true when it was moved; false
/// when there is nothing at `from`, or something at `to` already. If interrupted before the rename it starts again;
/// after it, the old file remains and is ignored. For main, with both locks held. Blocking. Errors: those of
/// Database::open.
Result<bool> move_database(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace jackin::state
