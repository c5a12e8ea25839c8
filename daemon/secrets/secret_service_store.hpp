// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "daemon/secrets/os_items.hpp"

namespace jackin::secrets {

/// The Secret Service (GNOME Keyring, KeePassXC, KWallet) on the client's session bus, or on the daemon's when the
/// client has none: DBUS_SESSION_BUS_ADDRESS, else `$XDG_RUNTIME_DIR/bus`. Addresses of another kind than `unix:` are
/// passed over: a token does not leave the machine, and no program is started for one.
///
/// New items go into the default keyring; none is made. An item has the attributes `application=jackin`, `service`,
/// `account`, `scope` and `operation`; `application=jackin` makes it jackind's. Names are found in every keyring. An
/// item is certain to be gone when there is a default keyring, nothing is locked, and the search finds none.
///
/// When nobody is there, the service is not started and nothing that is locked is asked to open. When somebody is, the
/// service asks, until the user has answered or dismissed it, or the call is interrupted.
std::unique_ptr<OsItems> secret_service(Environment daemon);

}  // namespace jackin::secrets
