// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tests/integration/faults/fault_run.hpp"

namespace jackin::faults {

/// Starts the daemon again in `sandbox`, lets it recover, and returns one sentence for each broken promise; nothing
/// when all hold.
///
/// - The configuration is completely as before or completely as after, except for the edits of others, which are kept.
/// - Every token that the configuration names exists, and the API accepts it.
/// - Nothing that jackind made is left without a slot that uses it, unless doctor names it with a remedy.
/// - Nothing of other programs has changed.
/// - A token is only in its store.
/// - The reports to the user are true.
std::vector<std::string> check_outcome(const Recording& recording, Sandbox& sandbox, const Fault& fault,
                                       const Outcome& outcome);

}  // namespace jackin::faults
