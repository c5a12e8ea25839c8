// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tests/integration/faults/fault_run.hpp"

namespace jackin::faults {

/// Starts the daemon again in `home`, lets it recover, and says what is not as it was promised: one sentence each;
/// nothing when all is well.
///
/// - The configuration is wholly as before or wholly as after, but for what others edited, which is there.
/// - Every token that is wired is there, and the API accepts it.
/// - Nothing that jackind made is left that no slot uses, unless doctor names it with what mends it.
/// - Nothing of anybody else's has changed.
/// - No token is anywhere but in its store.
/// - What the user was told is true.
std::vector<std::string> check_outcome(const Recording& recording, Home& home, const Fault& fault,
                                       const Outcome& outcome);

}  // namespace jackin::faults
