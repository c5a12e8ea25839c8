// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "common/result.hpp"

namespace jackin::state {

/// Moves the database of an earlier version from `from` to `to`, whose folder is made: a whole copy beside `to`,
/// synced, then renamed, which is the commit, then the old files are removed. True when it was moved; false when there
/// is nothing at `from`, or something at `to` already. Interrupted before the rename it begins again; after it, the old
/// file stays and is looked at no more. For main, with both locks held. Blocking. Errors: those of Database::open.
Result<bool> move_database(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace jackin::state
