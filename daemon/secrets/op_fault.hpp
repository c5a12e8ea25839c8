// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/error.hpp"
#include "common/outside_text.hpp"

namespace jackin::secrets {

/// What `op` complains of. It documents neither exit codes nor messages, so this is read from its words on stderr.
enum class OpFault {
  rate_limited,
  not_signed_in,
  not_approved,     ///< The prompt was dismissed, or nobody answered it: op's words are the same for both.
  app_locked,       ///< The 1Password app is locked.
  app_unreachable,  ///< The 1Password app is not there, or does not talk to op.
  service_account,  ///< The service account's token is malformed, revoked or not authorized.
  denied,           ///< Signed in, and not allowed to do this.
  no_account,       ///< No account is configured, or none of that name.
  which_account,    ///< Several accounts, and none was named.
  ambiguous,        ///< Several items, vaults or fields of that name.
  no_vault,         ///< No such vault, or one that this account may not see: both look the same.
  no_item,          ///< No such item, or one in a vault that may not be seen.
  no_field,
  bad_reference,
  offline,
  conflict,  ///< The server was busy with the same item (409); trying again helps.
  too_old,   ///< This op does not know the command or the flag.
  other,
};

/// Reads `errors`, op's stderr. What op quotes, titles and references, takes no part: an item may be called anything.
OpFault classify_op_errors(const OutsideText& errors);

/// Why 1Password is used: an Error's reason depends on it.
enum class OpUse {
  source,  ///< A token is read: source_unreachable, source_gone, source_denied, source_invalid.
  store,   ///< A token is kept: store_unavailable, store_failed, invalid_argument.
};

/// The fault as an Error with a remedy. `doing` says what was asked of op, without "cannot" ("read the token from
/// 1Password"); `account`, which may be empty, is named in remedies. Of op's own words only those of a fault of no
/// known kind are kept, without what it quotes. A conflict is busy. Faults that are certain to mean that something is
/// gone are source_gone for both uses; whether a missing item is that certain, the caller has to confirm. `tokens` are
/// those that op was called with.
Error op_error(OpFault fault, OpUse use, std::string_view doing, std::string_view account, const OutsideText& errors,
               const TokensAtHand& tokens);
/// A fault of which op itself has said nothing.
inline Error op_error(OpFault fault, OpUse use, std::string_view doing, std::string_view account) {
  return op_error(fault, use, doing, account, OutsideText(), {});
}

}  // namespace jackin::secrets
