// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace jackin::os {

/// Sets the soft limit of core files to 0, for a process whose memory may hold a code or a token. The hard limit stays,
/// so that a program that it starts can raise its own limit. Returns false when the system refuses.
bool forbid_core_dumps();

}  // namespace jackin::os
