// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/handed_out.hpp"

#include <algorithm>
#include <utility>

#include "daemon/process/program_runner.hpp"

namespace jackin::health {
namespace {

bool runs_still(const state::HandoutRecord& handout) {
  const auto process = identify_process(handout.pid);
  return process && process->start_time == handout.start_time;
}

bool is_same(const state::HandoutRecord& one, const state::HandoutRecord& other) {
  return one.pid == other.pid && one.start_time == other.start_time && one.fingerprint == other.fingerprint;
}

}  // namespace

Task<std::vector<state::HandoutRecord>> still_handed_out(async::Pool& pool, state::Database& database) {
  // The pool's thread also reads the process table.
  auto work = [&database]() -> Result<std::vector<state::HandoutRecord>> {
    TRY(const auto handouts, database.handouts());
    std::vector<state::HandoutRecord> running;
    for (const auto& handout : handouts) {
      const bool known = std::any_of(running.begin(), running.end(),
                                     [&](const state::HandoutRecord& other) { return is_same(handout, other); });
      if (!known && runs_still(handout)) running.push_back(handout);
    }
    return running;
  };
  co_return co_await pool.run(std::move(work));
}

}  // namespace jackin::health
