// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Security/Security.h>

#include "common/error.hpp"
#include "common/remedy.hpp"

namespace jackin::secrets {

/// For a locked keychain.
Remedy unlock_keychain();

/// Converts the Keychain's status to an error: source_unreachable, source_denied, store_failed, disk_full; each with a
/// remedy. `attended` when the call could show a dialog, `writes` when it was to change an item.
Error error_of_keychain(OSStatus status, bool attended, bool writes);

}  // namespace jackin::secrets
