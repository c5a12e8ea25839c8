// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace jackin::faults {

/// Registers the test that kills the move of an earlier version's database at each of its points.
void add_moved_state();

}  // namespace jackin::faults
