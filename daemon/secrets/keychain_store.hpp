// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "daemon/secrets/os_items.hpp"

namespace jackin::secrets {

/// The user's Keychain on macOS, by Security.framework: generic passwords, named by service and account, in the
/// file-based keychains; the other kind takes an entitlement that a program without a signature cannot have (Apple,
/// TN3137). Items are found in every keychain of the user's search list; new ones go into the default one. An item of
/// jackind's has the generic attribute `jackin:<operation id>`, its label and its comment for people.
///
/// When nobody is there, the Keychain's dialogs are switched off around each call. That switch is the process' own one,
/// so calls exclude each other; one that finds somebody being asked gives up after half a second. When somebody is
/// there, the system asks by itself; its dialog stays until it is answered, whatever becomes of the call: nothing can
/// take it back.
///
/// The sources are the same for the real framework and for the stand-in of the tests (tests/fakes/security_framework).
std::unique_ptr<OsItems> keychain();

}  // namespace jackin::secrets
