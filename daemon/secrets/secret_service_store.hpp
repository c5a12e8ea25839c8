// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "daemon/secrets/os_items.hpp"

namespace jackin::secrets {

/// The Secret Service (GNOME Keyring, KeePassXC, KWallet) on the client's session bus, or on the daemon's when the
/// client has none: DBUS_SESSION_BUS_ADDRESS, else `$XDG_RUNTIME_DIR/bus`. It skips addresses of other kinds than
/// `unix:`: a token does not leave the machine, and no address starts a program.
///
/// The store puts new items into the default keyring. It never creates a keyring. An item has the attributes
/// `application=jackin`, `service`, `account`, `scope` and `operation`; `application=jackin` marks it as jackind's.
/// Names are searched in every keyring. An item is certainly gone when there is a default keyring, nothing is locked,
/// and the search finds none.
///
/// Unattended calls do not start the service and unlock nothing. In attended calls the service prompts, until the user
/// has answered or dismissed the prompt, or the call is interrupted.
std::unique_ptr<OsItems> secret_service(Environment daemon);

}  // namespace jackin::secrets
