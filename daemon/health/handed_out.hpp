// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "daemon/async/pool.hpp"
#include "daemon/async/task.hpp"
#include "daemon/state/database.hpp"

namespace jackin::health {

/// The tokens that were handed to processes which still run, each process once for a token, the oldest first: the
/// hand-out ledger without those that have ended or whose number another process has now. Errors: those of the
/// database.
Task<std::vector<state::HandoutRecord>> still_handed_out(async::Pool& pool, state::Database& database);

}  // namespace jackin::health
