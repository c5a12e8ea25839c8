// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "daemon/async/pool.hpp"
#include "daemon/async/task.hpp"
#include "daemon/state/database.hpp"

namespace jackin::health {

/// The tokens that were handed to processes which still run: each process once per token, the oldest first. Omits
/// ledger entries whose process has ended or whose pid now belongs to another process. Errors: those of the database.
Task<std::vector<state::HandoutRecord>> still_handed_out(async::Pool& pool, state::Database& database);

}  // namespace jackin::health
