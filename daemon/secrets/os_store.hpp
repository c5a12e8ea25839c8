// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "daemon/secrets/os_calls.hpp"
#include "daemon/secrets/os_items.hpp"
#include "daemon/secrets/resolver.hpp"
#include "daemon/secrets/store.hpp"

namespace jackin::secrets {

/// Tokens in the operating system's own store: Secret Service or Keychain, whichever `items` is.
///
/// Each operation makes an item of its own, of the service `jackin` and the account `<scope>-<operation id>`, marked as
/// jackind's; the request's `item_name`, in which `{ws}` stands for the workspace, becomes its label. A vault, field,
/// section or account is invalid_argument. The value of an item that jackind did not make is replaced in place, and
/// `put_back` undoes that as long as the daemon lives. `is_ours` is true for an item that is certain to be gone: there
/// is nothing to protect.
///
/// With `attended` the system may ask a user to unlock it, for 5 minutes at most: in `plan` already, so that nobody
/// consents to a token that then cannot be kept. Without, nobody is asked, and what is locked is source_unreachable.
/// `items` and `calls` must outlive it.
std::unique_ptr<Store> os_store(OsItems& items, OsCalls& calls, bool attended);

/// Reads items of the operating system's store, by service and account. `items` and `calls` must outlive it.
std::unique_ptr<SourceResolver> os_resolver(OsItems& items, OsCalls& calls);

}  // namespace jackin::secrets
