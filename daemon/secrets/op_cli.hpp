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

/// For whom `op` is called.
struct OpCaller {
  Environment client;    ///< The asking client's environment; the daemon's own when nobody asks.
  std::string account;   ///< Which account, in any form that `--account` takes; empty: not known.
  bool attended = true;  ///< A user is there, whom the 1Password app may ask.
  OpUse use = OpUse::store;
  TokensAtHand tokens = {};  ///< What the call writes or expects: kept out of what is quoted of op.

  /// Whether a service account answers: nobody is asked, and `account` means nothing.
  bool is_service_account() const { return client.has("OP_SERVICE_ACCOUNT_TOKEN"); }
};

/// What op is given of `client`: HOME, PATH, XDG_*, LANG and its own variables. OP_CONNECT_*, which would silently
/// change whom it asks, is dropped; with a service account's token so is everything of a user's account, and the app
/// is not asked.
Environment given_to_op(const Environment& client);

/// The variables of `client` that decide which account op uses, and with which credentials.
Environment deciding_for_op(const Environment& client);

/// Drives the 1Password CLI, `op` 2.x: one method a command. Secrets travel on pipes, never in argv, never in a file;
/// items and vaults are named by ID, the account always when it is known. For one account one call runs at a time.
/// A call ends after 30 seconds, or after 5 minutes when the app may be asking a user; the group of processes is
/// killed. When nobody is there and no service account is used, `op whoami`, which never asks, goes first.
///
/// Errors of every method, each with a remedy: program_missing (no op on the PATH), unsupported (it is too old),
/// cancelled, program_failed (it could not be started, or gave something that cannot be read), and those of `op_error`:
/// source_unreachable or store_unavailable (not signed in, locked, not approved, rate limit, offline, too slow),
/// source_gone (no such item or field; not confirmed), source_invalid or invalid_argument (ambiguous), source_denied,
/// store_failed. Daemon's thread only; `programs` and `clock` must outlive it. References passed in must live until the
/// Task has ended.
class OpCli {
 public:
  OpCli(ProgramRunner& programs, Clock& clock);

  static constexpr std::chrono::seconds unattended_limit{30};
  static constexpr std::chrono::seconds attended_limit{300};
  /// The oldest op that takes a template from a pipe in the way we give it.
  static constexpr DottedVersion oldest{{2, 23, 0}};

  /// The op on the client's PATH. Errors: program_missing, timed_out, cancelled.
  Task<FoundProgram> program(const Environment& client);
  /// `op --version`; remembered for as long as the program stays the same file. unsupported when it is older than
  /// `oldest`.
  Task<DottedVersion> version(const OpCaller& caller);
  /// `op whoami`: never asks anybody. source_unreachable or store_unavailable when nobody is signed in. A revoked
  /// service account is not noticed.
  Task<OpIdentity> whoami(const OpCaller& caller);
  /// `op account list`: needs no sign-in.
  Task<std::vector<OpAccount>> accounts(const OpCaller& caller);
  /// `op vault list`, past the cache, which answers even while the app is locked.
  Task<std::vector<OpVault>> vaults(const OpCaller& caller);
  /// `op item list` of one vault, past the cache; with a `tag`, only those that have it.
  Task<std::vector<OpItem>> items(const OpCaller& caller, const std::string& vault_id, const std::string& tag = {});
  /// `op item get` without keeping any value, past the cache.
  Task<OpItem> item(const OpCaller& caller, const std::string& vault_id, const std::string& item_id);
  /// `op item get` with everything in it, to be given back by `edit`. unsupported when op conceals a value.
  Task<OpDocument> document(const OpCaller& caller, const std::string& vault_id, const std::string& item_id);
  /// The same in one call and nothing before it, of an item and a vault by ID or by name, with `fresh` past the cache:
  /// values may be concealed, since `--reveal` is given only once op is known to have it. Names that begin with a dash
  /// are none that op takes there.
  Task<OpDocument> quick_check(const OpCaller& caller, const std::string& vault, const std::string& item, bool fresh);
  /// `op item create` with the template on stdin. Not repeated, whatever happens: the caller looks for a twin first.
  /// busy when there was a conflict.
  Task<OpItem> create(const OpCaller& caller, const std::string& vault_id, const Secret& item_template);
  /// `op item edit` with the whole document on stdin. Not repeated: a conflict (busy) is somebody else's edit, which
  /// the document does not hold.
  Task<OpItem> edit(const OpCaller& caller, const std::string& vault_id, const std::string& item_id,
                    const Secret& document);
  /// `op item delete`. A conflict is tried again twice. source_gone when there is no such item.
  Task<> remove(const OpCaller& caller, const std::string& vault_id, const std::string& item_id);
  /// `op read --no-newline`; with `fresh` past the cache. The value as it is, perhaps empty.
  Task<Secret> read(const OpCaller& caller, const std::string& reference, bool fresh);

 private:
  struct Command {
    std::vector<std::string> arguments;
    std::string doing;              // "read the token from 1Password"
    const Secret* input = nullptr;  // for stdin
    std::size_t output_limit = std::size_t{64} * 1024;
    bool needs_account = true;
    bool tells_conflict = false;  // as busy
    int tries = 1;                // in all, when op says that there is a conflict
  };

  Task<Secret> run(const OpCaller& caller, Command command);
  Task<Secret> run_once(const OpCaller& caller, const Command& command, const std::filesystem::path& program,
                        OpFault& fault);
  std::string turn_key(const OpCaller& caller) const;
  // Names of accounts mean something in one configuration of op's only.
  static std::string account_key(const OpCaller& caller, std::string_view name);
  // The program on the caller's PATH, with its version when that was asked before and the file is still the same.
  struct KnownVersion {
    FoundProgram program;
    std::optional<DottedVersion> version;
  };
  asio::awaitable<std::optional<KnownVersion>> program_of(const OpCaller& caller);

  ProgramRunner& programs_;
  Clock& clock_;
  KeyedMutex mutex_;
  std::optional<KnownVersion> version_;
  std::map<std::string, std::string, std::less<>> account_ids_;  // by account_key of every other name that op takes
};

}  // namespace jackin::secrets
