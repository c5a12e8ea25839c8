// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "daemon/secrets/op_cli.hpp"
#include "daemon/secrets/store.hpp"

namespace jackin::secrets {

/// Tokens in 1Password.
///
/// A place that names no existing item becomes an item of its own: an API credential called `item_name` ("Claude"), the
/// token in the built-in field `credential`, or in a concealed field called `field`, in a section called `section` if
/// that is said; with the days from which and until which it is valid, notes on where it comes from, and the tags
/// `jackin`, `workspace=<name>` and `operation=<operation id>`. Titles need not be unique: an item of the same name
/// stays as it is.
///
/// When `item_name` is the ID of an item in the vault, the token goes into that item: into its concealed field `field`
/// (ID or label; "credential" when empty), or into a new one of that label in the section `section`, which is made when
/// it is not there. The whole item is given back to op, changed in that one place; it gets no tag of ours and is never
/// deleted. Items that op cannot give back without loss (logins, which may have a passkey, and items of custom
/// categories), archived ones, and fields that are not concealed are invalid_argument.
///
/// `is_ours` is true for items that have the tags `jackin` and `operation=…`, and for one that is certain to be gone:
/// there is nothing to protect, and `remove` then says false. `find_by_operation` deletes twins, items that the same
/// operation made twice, but for one; for a place in an existing item it gives the field when it has a value, with what
/// was overwritten if that is still known; whether the value is the operation's, its fingerprint tells.
///
/// With `attended` a user may be asked by the 1Password app, for 5 minutes at most; without, as for recovery when the
/// daemon starts, nobody is asked. `op` and `clock` must outlive it.
std::unique_ptr<Store> op_store(OpCli& op, Clock& clock, bool attended = true);

}  // namespace jackin::secrets
