// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/remedy.hpp"

namespace jackin {

/// Why something failed. The code (`to_code`) is stable: it is part of the protocol and of `--format json`, and decides
/// the exit code of a client. Codes may be added, but never renamed.
enum class Reason {
  internal,              ///< A bug in jackin.
  invalid_argument,      ///< The request is not valid in this form.
  needs_confirmation,    ///< A question is necessary but not possible; `--yes` answers it.
  unsupported,           ///< The request is valid, but not possible here.
  busy,                  ///< Another operation holds the scope or the item.
  cancelled,             ///< The user, or the end of the client, stopped it.
  timed_out,             ///< It took longer than its limit.
  unknown_workspace,     ///< No workspace of that name.
  unknown_operation,     ///< No running operation with that id.
  config_unreadable,     ///< A configuration file could not be read.
  config_invalid,        ///< A configuration file is not TOML, or a key of it has the wrong form.
  config_conflict,       ///< Another program changed this scope's own keys in between.
  config_locked,         ///< Another process holds jackin's lock.
  slot_exists,           ///< Setup, but a token is already configured.
  slot_missing,          ///< An operation on a token, but none is configured.
  program_missing,       ///< A program that is needed was not found.
  program_failed,        ///< A program ended with an error or unusable output.
  mint_refused,          ///< claude ended without a token.
  capture_incomplete,    ///< The output contained part of a token, but not a whole one.
  token_malformed,       ///< The text does not have the form of a token.
  token_rejected,        ///< The API says that the token is not valid.
  source_gone,           ///< The credential source certainly no longer exists.
  source_unreachable,    ///< The credential source could not be asked.
  source_denied,         ///< The credential source must not be used: permissions, owner, links.
  source_invalid,        ///< The credential source returned a value that cannot be a secret.
  store_unavailable,     ///< The store is missing or not usable now.
  store_failed,          ///< The store did not perform the request.
  read_back_mismatch,    ///< The store returned another value than the stored one.
  not_ours,              ///< The operation would delete or change something that jackind did not create.
  disk_full,             ///< No space left.
  permission_denied,     ///< The operating system refused.
  io_failed,             ///< Another failure of the operating system.
  upstream_unreachable,  ///< The API could not be asked.
  daemon_unreachable,    ///< No daemon answers.
  limit_reached,         ///< The daemon's limit is used up by other clients or by this one.
  daemon_mismatch,       ///< The daemon has another version, configuration or state folder than the client.
};

/// The stable spelling of `reason`, e.g. "config_invalid".
std::string_view to_code(Reason reason);

/// The reason with that spelling; nothing for a code that this version does not know.
std::optional<Reason> reason_from_code(std::string_view code);

/// A failure, as text for the user. Never contains a secret. Text from a program, a service or the API passes
/// `outside_text()` first, every other text from outside `printable()`. Values are never quoted.
struct Error {
  Reason reason = Reason::internal;
  std::string message;  ///< One sentence, no final full stop, no control characters.
  Remedy remedy{};      ///< What the user can do; empty when nothing is known.
};

/// Makes an Error from `errno_value`, with the message "<what>: <strerror>" and the matching reason: disk_full,
/// permission_denied or io_failed.
Error error_from_errno(std::string_view what, int errno_value);

}  // namespace jackin
