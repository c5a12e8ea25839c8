#pragma once

#include <string>
#include <vector>

#include "tests/integration/faults/cell.hpp"

namespace jackin::faults {

/// Starts the daemon again in `home`, lets it recover, and says what is not as it was promised: one sentence each;
/// nothing when all is well.
///
/// - The configuration is wholly as before or wholly as after, but for what others edited, which is there.
/// - Every token that is wired is there, and the API accepts it.
/// - Nothing that jackind made is left that no slot uses, unless doctor names it with what mends it.
/// - Nothing of anybody else's has changed.
/// - No token is anywhere but in its store.
/// - What the person was told is true.
std::vector<std::string> judge(const Recording& recording, Home& home, const Blow& blow, const Ending& ending);

}  // namespace jackin::faults
