// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "daemon/secrets/os_items.hpp"

namespace jackin::secrets {

/// The user's Keychain on macOS, through Security.framework: generic passwords, named by service and account, in the
/// file-based keychains. The other kind requires an entitlement that an unsigned program cannot have (Apple, TN3137).
/// Items are found in every keychain of the user's search list; new ones go into the default one. An item of jackind
/// has the generic attribute `jackin:<operation id>`, a label and a comment for display.
///
/// Unattended calls switch the Keychain's dialogs off. That switch belongs to the process, so calls exclude each other.
/// An unattended call fails after half a second when an attended call waits for its dialog. In attended calls the
/// system shows a dialog when needed. The dialog stays until the user answers it, even after the call has ended; it
/// cannot be withdrawn.
///
/// The sources are the same for the real framework and for the tests' fake (tests/fakes/security_framework).
std::unique_ptr<OsItems> keychain();

}  // namespace jackin::secrets
