// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "daemon/secrets/op_cli.hpp"
#include "daemon/secrets/resolver.hpp"
#include "daemon/secrets/store.hpp"

namespace jackin::secrets {

/// Tokens in 1Password.
///
/// A place that names no existing item becomes a new item: an API credential called `item_name` ("Claude"). The token
/// goes into the built-in field `credential`, or into a concealed field called `field`, in a section called `section`
/// if that is given. The item has the first and last day of validity, notes on its origin, and the tags `jackin`,
/// `workspace=<name>` and `operation=<operation id>`. Titles need not be unique: an item of the same name stays
/// unchanged.
///
/// When `item_name` is the ID of an item in the vault, the token goes into that item. It goes into the concealed field
/// `field` (ID or label; "credential" when empty). If that field is missing, it is created in the section `section`,
/// which is created too when missing. The whole item is passed back to op with that one change; it gets no tag of
/// jackind and is never deleted. invalid_argument: an item that op cannot write back without loss (a login, which may
/// have a passkey, or an item of a custom category), an archived item, or a field that is not concealed.
///
/// `is_ours` is true for items that have the tags `jackin` and `operation=…`. It is also true for an item that is
/// certainly gone, which needs no protection; `remove` then returns false. `is_jackins` is true for items with the tags
/// `jackin` and `workspace=W` of the scope's workspace. `find_by_operation` deletes duplicates that
/// the same operation created, except one. For a place in an existing item it returns the field when it has a value,
/// with the overwritten value if that is still known. The caller compares the fingerprint to learn whether the value is
/// the operation's.
///
/// With `attended` the 1Password app may prompt the user, for 5 minutes at most. Without it, as for recovery when the
/// daemon starts, the app does not prompt. `op` and `clock` must outlive it.
std::unique_ptr<Store> op_store(OpCli& op, Clock& clock, bool attended = true);

/// 1Password, read with `op read`. May prompt the user, unless `daemon`, the daemon's own environment, has a service
/// account's token. Returns source_gone only after it has found the vault in the list and a second read, bypassing the
/// cache, has confirmed it. A vault without access gives the same error as a missing item. `op` must outlive it.
std::unique_ptr<SourceResolver> op_resolver(Environment daemon, OpCli& op);

}  // namespace jackin::secrets
