// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/error.hpp"
#include "common/outside_text.hpp"

namespace jackin::secrets {

/// The kind of op's error. op documents neither exit codes nor messages, so it is derived from the text on stderr.
enum class OpFault {
  rate_limited,
  not_signed_in,
  not_approved,     ///< The prompt was dismissed, or timed out without an answer: op's message is the same for both.
  app_locked,       ///< The 1Password app is locked.
  app_unreachable,  ///< The 1Password app is not running, or does not answer op.
  service_account,  ///< The service account's token is malformed, revoked or not authorized.
  denied,           ///< Signed in, and not allowed to do this.
  no_account,       ///< No account is configured, or none of that name.
  which_account,    ///< Several accounts, and none was named.
  ambiguous,        ///< Several items, vaults or fields of that name.
  no_vault,         ///< No such vault, or a vault that this account cannot access: op reports both in the same way.
  no_item,          ///< No such item, or one in a vault that may not be seen.
  no_field,
  bad_reference,
  offline,
  conflict,  ///< The server was busy with the same item (409); trying again helps.
  too_old,   ///< This op does not know the command or the flag.
  other,
};

/// Reads `errors`, op's stderr. Ignores quoted text, titles and references, since an item may have any name.
OpFault classify_op_errors(const OutsideText& errors);

/// The purpose of a call to 1Password: an Error's reason depends on it.
enum class OpUse {
  source,  ///< A token is read: source_unreachable, source_gone, source_denied, source_invalid.
  store,   ///< A token is kept: store_unavailable, store_failed, invalid_argument.
};

/// The fault as an Error with a remedy. `doing` describes the request, without "cannot" ("read the token from
/// 1Password"). Remedies name `account`, which may be empty. Only a fault of unknown kind keeps op's message, without
/// quoted text. A conflict is busy. A fault that proves an object's absence is source_gone for both uses; the caller
/// has to confirm a missing item. `tokens` are those of op's call.
Error op_error(OpFault fault, OpUse use, std::string_view doing, std::string_view account, const OutsideText& errors,
               const TokensAtHand& tokens);
/// A fault without a message from op.
inline Error op_error(OpFault fault, OpUse use, std::string_view doing, std::string_view account) {
  return op_error(fault, use, doing, account, OutsideText(), {});
}

}  // namespace jackin::secrets
