// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jackin {

/// Why something failed. The code (`to_code`) is stable: it crosses the wire, stands in `--format json` and decides the
/// exit code of a client. Add at will; never rename.
enum class Reason {
  internal,              ///< A bug of ours.
  invalid_argument,      ///< What was asked makes no sense as it stands.
  needs_confirmation,    ///< Would have to ask and cannot; `--yes` answers.
  unsupported,           ///< Understood, but not possible here.
  busy,                  ///< Another operation holds the scope or the item.
  cancelled,             ///< The user, or the client's end, stopped it.
  timed_out,             ///< It took longer than its limit.
  unknown_workspace,     ///< No workspace of that name.
  config_unreadable,     ///< A configuration file could not be read.
  config_invalid,        ///< A configuration file is not TOML, or a key of it has the wrong form.
  config_conflict,       ///< Somebody else changed this scope's own keys meanwhile.
  config_locked,         ///< Another process holds jackin's lock.
  slot_exists,           ///< Setup where a token is already configured.
  slot_missing,          ///< An operation on a token where none is configured.
  program_missing,       ///< A program that is needed was not found.
  program_failed,        ///< A program ended with an error or unusable output.
  mint_refused,          ///< claude ended without a token.
  capture_incomplete,    ///< Something token-like was seen, but not a whole token.
  token_malformed,       ///< Not of a token's shape.
  token_rejected,        ///< The API says that the token is not valid.
  source_gone,           ///< The credential source is certain to be gone.
  source_unreachable,    ///< The credential source could not be asked.
  source_denied,         ///< The credential source must not be used: permissions, owner, links.
  source_invalid,        ///< The credential source gave something that cannot be a secret.
  store_unavailable,     ///< The store is not there or not usable now.
  store_failed,          ///< The store did not do what it was asked.
  read_back_mismatch,    ///< What the store gave back is not what was stored.
  not_ours,              ///< Would delete or change what jackind did not make.
  disk_full,             ///< No space left.
  permission_denied,     ///< The operating system refused.
  io_failed,             ///< Another failure of the operating system.
  upstream_unreachable,  ///< The API could not be asked.
  daemon_unreachable,    ///< No daemon answers.
  limit_reached,         ///< Others, or the client itself, have as many of something as the daemon allows.
  daemon_mismatch,       ///< The daemon has another version, configuration or state folder than the client.
};

/// The stable spelling of `reason`, e.g. "config_invalid".
std::string_view to_code(Reason reason);

/// The reason with that spelling; nothing for one this version does not know.
std::optional<Reason> reason_from_code(std::string_view code);

/// What went wrong, as people read it. Never carries a secret: what a program, a service or the API says passes
/// `outside_text()` first, every other text from outside `printable()`, and no value is ever quoted.
struct Error {
  Reason reason = Reason::internal;
  std::string message;  ///< One sentence, no final full stop, no control characters.
  std::string remedy;   ///< A command that can be pasted, or one short instruction; empty when there is none.
};

/// An Error from `errno_value`, as "<what>: <strerror>", with the reason that fits: disk_full, permission_denied or
/// io_failed.
Error error_from_errno(std::string_view what, int errno_value);

}  // namespace jackin
