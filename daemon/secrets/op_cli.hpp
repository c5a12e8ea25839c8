// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/environment.hpp"
#include "common/secret.hpp"
#include "common/version.hpp"
#include "daemon/async/clock.hpp"
#include "daemon/async/keyed_mutex.hpp"
#include "daemon/async/task.hpp"
#include "daemon/process/program_runner.hpp"
#include "daemon/secrets/op_fault.hpp"
#include "daemon/secrets/op_types.hpp"

namespace jackin::secrets {

/// The caller of `op`.
struct OpCaller {
  Environment client;    ///< The asking client's environment; the daemon's own without a client.
  std::string account;   ///< The account, in any form that `--account` accepts; empty: unknown.
  bool attended = true;  ///< The 1Password app may prompt the user.
  OpUse use = OpUse::store;
  TokensAtHand tokens = {};  ///< The tokens that the call writes or expects; messages that quote op leave them out.

  /// Whether a service account is used: op never prompts, and `account` has no effect.
  bool is_service_account() const { return client.has("OP_SERVICE_ACCOUNT_TOKEN"); }
};

/// The variables of `client` that op gets: HOME, PATH, XDG_*, LANG and op's own variables. OP_CONNECT_* is removed,
/// since it would silently select another server. With a service account's token the variables of a user's account are
/// removed too, and op does not contact the app.
Environment given_to_op(const Environment& client);

/// The variables of `client` that decide which account op uses, and with which credentials.
Environment deciding_for_op(const Environment& client);

/// Drives the 1Password CLI, `op` 2.x: one method per command. Secrets are passed on pipes, never in argv, never in a
/// file. Items and vaults are named by ID, and the account is always named when known. One call per account runs at a
/// time. A call ends after 30 seconds, or after 5 minutes when the app may prompt a user; then the process group is
/// killed. In unattended calls without a service account, `op whoami`, which never prompts, runs first.
///
/// Errors of every method, each with a remedy: program_missing (no op on the PATH), unsupported (it is too old),
/// cancelled, program_failed (it could not be started, or its output cannot be read), and those of `op_error`:
/// source_unreachable or store_unavailable (not signed in, locked, not approved, rate limit, offline, too slow),
/// source_gone (no such item or field; not confirmed), source_invalid or invalid_argument (ambiguous), source_denied,
/// store_failed. Daemon's thread only; `programs` and `clock` must outlive it. Arguments that are references must exist
/// until the Task has ended.
class OpCli {
 public:
  OpCli(ProgramRunner& programs, Clock& clock);

  static constexpr std::chrono::seconds unattended_limit{30};
  static constexpr std::chrono::seconds attended_limit{300};
  /// The oldest op that accepts a template from a pipe as the daemon passes it.
  static constexpr DottedVersion oldest{{2, 23, 0}};

  /// The op on the client's PATH. Errors: program_missing, timed_out, cancelled.
  Task<FoundProgram> program(const Environment& client);
  /// `op --version`; cached while the program remains the same file. unsupported when it is older than `oldest`.
  Task<DottedVersion> version(const OpCaller& caller);
  /// `op whoami`: never prompts. source_unreachable or store_unavailable when no account is signed in. Does not detect
  /// a revoked service account.
  Task<OpIdentity> whoami(const OpCaller& caller);
  /// `op account list`: needs no sign-in.
  Task<std::vector<OpAccount>> accounts(const OpCaller& caller);
  /// `op vault list`, bypassing the cache, which answers even while the app is locked.
  Task<std::vector<OpVault>> vaults(const OpCaller& caller);
  /// `op item list` of one vault, bypassing the cache; with a `tag`, only items that have it.
  Task<std::vector<OpItem>> items(const OpCaller& caller, const std::string& vault_id, const std::string& tag = {});
  /// `op item get` without keeping any value, bypassing the cache.
  Task<OpItem> item(const OpCaller& caller, const std::string& vault_id, const std::string& item_id);
  /// `op item get` with all its values, to be passed to `edit` later. unsupported when op conceals a value.
  Task<OpDocument> document(const OpCaller& caller, const std::string& vault_id, const std::string& item_id);
  /// The same as a single call, for an item and a vault by ID or by name; `fresh` bypasses the cache. Values may be
  /// concealed, since `--reveal` is passed only once op is known to support it. op rejects names here that begin with a
  /// dash.
  Task<OpDocument> quick_check(const OpCaller& caller, const std::string& vault, const std::string& item, bool fresh);
  /// `op item create` with the template on stdin. Never repeated: the caller looks for a duplicate first. busy when
  /// there was a conflict.
  Task<OpItem> create(const OpCaller& caller, const std::string& vault_id, const Secret& item_template);
  /// `op item edit` with the whole document on stdin. Not repeated: a conflict (busy) means another edit, which the
  /// document does not contain.
  Task<OpItem> edit(const OpCaller& caller, const std::string& vault_id, const std::string& item_id,
                    const Secret& document);
  /// `op item delete`. Retries twice after a conflict. source_gone when there is no such item.
  Task<> remove(const OpCaller& caller, const std::string& vault_id, const std::string& item_id);
  /// `op read --no-newline`; `fresh` bypasses the cache. Returns the unchanged value, which may be empty.
  Task<Secret> read(const OpCaller& caller, const std::string& reference, bool fresh);

 private:
  struct Command {
    std::vector<std::string> arguments;
    std::string doing;              // "read the token from 1Password"
    const Secret* input = nullptr;  // for stdin
    std::size_t output_limit = std::size_t{64} * 1024;
    bool needs_account = true;
    bool reports_conflict = false;  // reports it as busy
    int tries = 1;                  // in total, when op reports a conflict
  };

  Task<Secret> run(const OpCaller& caller, Command command);
  Task<Secret> run_once(const OpCaller& caller, const Command& command, const std::filesystem::path& program,
                        OpFault& fault);
  std::string mutex_key(const OpCaller& caller) const;
  // Names of accounts are valid in one configuration of op only.
  static std::string account_key(const OpCaller& caller, std::string_view name);
  // The program on the caller's PATH, with its version if that was read before and the file is unchanged.
  struct KnownVersion {
    FoundProgram program;
    std::optional<DottedVersion> version;
  };
  asio::awaitable<std::optional<KnownVersion>> program_of(const OpCaller& caller);

  ProgramRunner& programs_;
  Clock& clock_;
  async::KeyedMutex mutex_;
  std::optional<KnownVersion> version_;
  std::map<std::string, std::string, std::less<>> account_ids_;  // by account_key of every other name that op accepts
};

}  // namespace jackin::secrets
