// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace jackin::faults {

/// Registers the tests that kill the move of an earlier version's database at each of its points, or let it find the
/// disk full there: with a database at its place already, and without.
void add_moved_state();

}  // namespace jackin::faults
