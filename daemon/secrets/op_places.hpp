// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "daemon/secrets/credential_source.hpp"
#include "daemon/secrets/op_cli.hpp"
#include "daemon/secrets/op_reference.hpp"

namespace jackin::secrets {

/// Finds the objects in 1Password that a user named. Names are compared without regard to case, as in 1Password; an ID
/// takes precedence over a name. Daemon's thread only; `op` must outlive it. Errors in addition to those of OpCli:
/// invalid_argument (nothing of that name, or several; the remedy lists the existing names).
class OpPlaces {
 public:
  explicit OpPlaces(OpCli& op) : op_(op) {}

  /// The ID of the account called `wanted` (ID, user's ID, address, shorthand or e-mail address). When `wanted` is
  /// empty: the account that OP_ACCOUNT names, or the only one. Empty for a service account, which has only its own.
  Task<std::string> account(const OpCaller& caller, const std::string& wanted);

  /// The vault called `wanted`. When that is empty: the only one, or the user's own, which 1Password calls Personal,
  /// Private or Employee. source_unreachable in place of invalid_argument when a source names a vault that is not
  /// listed.
  Task<OpVault> vault(const OpCaller& caller, const std::string& wanted);

  /// The source with IDs in place of names, a path for display, and the account's ID. `setup --reuse` writes this form.
  Task<OpSource> with_ids(const OpCaller& caller, const OpSource& named);

  /// The item of a reference, by ID.
  struct Item {
    std::string vault_id;
    std::string item_id;
  };
  /// Errors: invalid_argument (no reference, or several items of that name), source_gone (certain: the vault is there
  /// and the item is not), source_unreachable.
  Task<Item> item(const OpCaller& caller, const OpSource& source);

  /// Whether the vault with that ID or name is listed. Only then is an item that is not found certainly gone: an item
  /// in a vault without access gives the same error.
  Task<bool> sees_vault(const OpCaller& caller, const std::string& vault);

  /// The item at `place`; nothing when it is certainly gone. source_unreachable when its vault is not listed.
  Task<std::optional<OpItem>> item_if_there(const OpCaller& caller, const Item& place);

 private:
  OpCli& op_;
};

/// Whether it is the user's own vault, which 1Password calls Personal, Private or Employee.
bool is_own_vault(const OpVault& vault);

/// Whether a reference may name that item: by IDs or names, in either part.
bool may_name(const OpReference& reference, const OpItem& item);

/// "wendy@example.com at my.1password.com", for display; not yet printable.
std::string account_name(const OpAccount& account);

/// The error for an account without vaults.
Error sees_no_vault(OpUse use);

/// The reference to a field by IDs; by labels where an ID has characters that a reference cannot contain.
/// invalid_argument when neither form is possible.
Result<std::string> op_reference_to(const OpItem& item, std::size_t field);

/// "Personal/Claude/credential", for display; printable.
std::string op_path(const OpItem& item, std::size_t field);

}  // namespace jackin::secrets
