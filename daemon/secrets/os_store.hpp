// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "daemon/secrets/os_calls.hpp"
#include "daemon/secrets/os_items.hpp"
#include "daemon/secrets/resolver.hpp"
#include "daemon/secrets/store.hpp"

namespace jackin::secrets {

/// Tokens in the operating system's own store: Secret Service or Keychain, depending on `items`.
///
/// Each operation creates its own item, with the service `jackin` and the account `<scope>-<operation id>`, marked as
/// jackind's. The request's `item_name`, in which `{ws}` stands for the workspace, becomes its label. A vault, field,
/// section or account is invalid_argument. The value of an item that jackind did not create is replaced in place, and
/// `put_back` undoes that as long as the daemon runs. `is_ours` is true for an item that is certainly gone, which needs
/// no protection.
///
/// With `attended` the system may prompt the user to unlock it, for 5 minutes at most. `plan` already does so, so that
/// the user does not consent to a token that cannot be stored. Without it the system does not prompt, and a locked
/// store is source_unreachable. `items` and `calls` must outlive it.
std::unique_ptr<Store> os_store(OsItems& items, OsCalls& calls, bool attended);

/// Reads items of the operating system's store, by service and account. `items` and `calls` must outlive it.
std::unique_ptr<SourceResolver> os_resolver(OsItems& items, OsCalls& calls);

}  // namespace jackin::secrets
