// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace jackin::faults {

/// Registers the tests that move an earlier version's database. At each point they kill the process, or make the disk
/// full. They run with and without an existing database at the new place.
void add_moved_state();

}  // namespace jackin::faults
