// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "daemon/secrets/credential_source.hpp"
#include "daemon/secrets/op_cli.hpp"

namespace jackin::secrets {

/// Finds in 1Password what a user named. Names are compared as 1Password does, in any case; an ID always wins over a
/// name. Daemon's thread only; `op` must outlive it. Errors beside those of OpCli: invalid_argument (nothing of that
/// name, or several; the remedy names what there is).
class OpPlaces {
 public:
  explicit OpPlaces(OpCli& op) : op_(op) {}

  /// The ID of the account called `wanted` (ID, user's ID, address, shorthand or e-mail address); of the one that
  /// OP_ACCOUNT names, or of the only one, when `wanted` is empty. Empty for a service account, which has but its own.
  Task<std::string> account(const OpCaller& caller, const std::string& wanted);

  /// The vault called `wanted`. When that is empty: the only one, or the user's own, which 1Password calls Personal,
  /// Private or Employee. source_unreachable in place of invalid_argument when a source names one that is not seen.
  Task<OpVault> vault(const OpCaller& caller, const std::string& wanted);

  /// The source with IDs in place of names, with a path for people and the account's ID: what `--reuse` keeps.
  Task<OpSource> with_ids(const OpCaller& caller, const OpSource& named);

  /// Where the item of a reference is, by ID.
  struct Item {
    std::string vault_id;
    std::string item_id;
  };
  /// Errors: invalid_argument (no reference, or several items of that name), source_gone (certain: the vault is there
  /// and the item is not), source_unreachable.
  Task<Item> item(const OpCaller& caller, const OpSource& source);

  /// Whether the vault with that ID or name is listed: only then is an item that is not found really gone, for one that
  /// may not be seen looks the same.
  Task<bool> sees_vault(const OpCaller& caller, const std::string& vault);

 private:
  OpCli& op_;
};

/// Whether it is the user's own vault, which 1Password calls Personal, Private or Employee.
bool is_own_vault(const OpVault& vault);

/// "wendy@example.com at my.1password.com", for people; not yet printable.
std::string account_name(const OpAccount& account);

/// Why nothing can be done in an account without vaults.
Error sees_no_vault(OpUse use);

/// The reference to a field by IDs; by labels where an ID has characters that no reference can have. invalid_argument
/// when it can be spelled in neither way.
Result<std::string> op_reference_to(const OpItem& item, std::size_t field);

/// "Personal/Claude/credential", for people; printable.
std::string op_path(const OpItem& item, std::size_t field);

}  // namespace jackin::secrets
