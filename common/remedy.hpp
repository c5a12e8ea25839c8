// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/source_kind.hpp"

namespace jackin {

class Scope;

/// What the user can do about a failure. Behind each action: the fields of `Remedy` that it uses besides `note`. The
/// numbers are those of jackin.v1.RemedyAction. Actions may be added; numbers and codes are never changed.
enum class RemedyAction {
  none = 0,  ///< Only the note.

  // The request that failed.
  try_again = 1,      ///< Repeat it, when or as the note says.
  change_option = 2,  ///< option, values: repeat it with another value of the option. One value is exact, several are
                      ///< for display, and none leaves it to the user. scope: the request used it as the default, and
                      ///< the repetition names it.
  drop_option = 3,    ///< option: repeat it without the option.

  // The token of a scope.
  setup = 4,                  ///< scope
  create_workspace = 5,       ///< scope: set up a workspace that has no file yet.
  reuse_token = 6,            ///< scope, reference; account, workdir: configure the token that is stored there.
  replace_token = 7,          ///< scope; reference, account: revoke, then set up again, with the token stored there.
  rotate = 8,                 ///< scope; store, vault: where to; config_folder.
  revoke = 9,                 ///< scope
  delete_token = 10,          ///< scope: revoke, and delete the stored token.
  delete_foreign_token = 11,  ///< scope: the same for a token that jackind did not store.
  probe = 12,                 ///< scope

  // Information from jackind.
  check = 13,          ///< The full check. scope: of this scope only; config_folder.
  check_offline = 14,  ///< The same without the network.
  acknowledge = 15,    ///< Stop listing the discarded tokens.
  list_scopes = 16,
  show_help = 17,     ///< values: the words of a client's command.
  show_version = 18,  ///< The version of jackin's programs.

  // The daemon.
  start_daemon = 19,
  restart_daemon = 20,
  show_daemon = 21,  ///< Show the daemon's state and operations.
  show_daemon_log = 22,
  run_daemon = 23,        ///< In the foreground.
  kill_daemon = 24,       ///< pids: kill it, then start another.
  show_service = 25,      ///< name: the state of this service.
  show_service_log = 26,  ///< name
  unmask_service = 27,    ///< name

  // Files.
  edit_file = 28,         ///< paths: one; line. A relative path is in the folder of the configuration.
  set_access = 29,        ///< paths: one; access.
  inspect_paths = 30,     ///< paths: show their type, owner and mode.
  list_folder = 31,       ///< paths: one; also shows invisible characters in names.
  resolve_link = 32,      ///< paths: one; show the target of the link.
  remove_file = 33,       ///< paths: one
  move_aside = 34,        ///< paths: one
  replace_database = 35,  ///< paths: one; move it aside while the daemon does not run.
  free_space = 36,        ///< paths: one; on its file system.

  // 1Password. All: account, if several are known.
  show_op_item = 37,    ///< item, vault
  list_op_items = 38,   ///< vault, tag: both may be empty.
  delete_op_item = 39,  ///< item, vault
  list_op_vaults = 40,
  list_op_accounts = 41,
  add_op_account = 42,
  show_op_account = 43,  ///< Whether the account is signed in.
  sign_in_to_op = 44,

  // The operating system's store.
  delete_keychain_item = 45,  ///< service, account
  list_keychains = 46,
  unlock_keychain = 47,
  find_secret = 48,    ///< service, account: in the Secret Service.
  delete_secret = 49,  ///< service, account: in the Secret Service.
  start_secret_service = 50,

  // Programs, processes and the system.
  install_program = 51,     ///< name
  update_program = 52,      ///< name
  check_program = 53,       ///< name: whether it runs, and its version.
  locate_program = 54,      ///< name: on PATH.
  show_processes = 55,      ///< pids; all processes when empty.
  end_processes = 56,       ///< pids
  kill_processes = 57,      ///< pids
  set_variable = 58,        ///< name; value: empty for a secret, which the user types.
  raise_memory_limit = 59,  ///< The limit of locked memory; then restart the daemon.

  // More information from jackind.
  list_operations = 60,  ///< Those that run, and those that ended in the last 24 hours.

  // Launches.
  launch_jackin = 61,  ///< scope: start jackin with the scope's token.
};

/// Every action, in the order of its number.
constexpr auto all_remedy_actions = [] {
  std::array<RemedyAction, 62> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<RemedyAction>(i);
  return all;
}();

/// The stable spelling of an action, e.g. "edit_file".
std::string_view to_code(RemedyAction action);
/// The action with that spelling; nothing for one that this version does not know.
std::optional<RemedyAction> remedy_action_from_code(std::string_view code);

/// A part of a request for a token that the user chooses. The numbers are those of jackin.v1.RemedyOption.
enum class RequestOption {
  none = 0,
  store = 1,
  vault = 2,
  item_name = 3,
  field = 4,
  section = 5,
  op_account = 6,
  reuse = 7,
  workdir = 8,  ///< Of a workspace to create.
  no_verify = 9,
  place = 10,  ///< All of store, vault, item_name, field, section and op_account.
  yes = 11,    ///< Continue without confirmation.
};
constexpr int last_request_option = 11;

std::string_view to_code(RequestOption option);
std::optional<RequestOption> request_option_from_code(std::string_view code);

/// What `set_access` does to a path. The numbers are those of jackin.v1.RemedyAccess.
enum class PathAccess {
  none = 0,
  private_file = 1,
  private_folder = 2,
  not_writable_by_others = 3,
  readable = 4,  ///< For its owner, as are the next three.
  writable = 5,
  enterable = 6,  ///< A folder, to write in.
  executable = 7,
};
constexpr int last_path_access = 7;

std::string_view to_code(PathAccess access);
std::optional<PathAccess> path_access_from_code(std::string_view code);

/// A scope in plain strings: `Scope` itself needs Error, which has a remedy. Without a workspace: global.
struct RemedyScope {
  std::string workspace;
  std::string role;

  friend bool operator==(const RemedyScope&, const RemedyScope&) = default;
};

/// What to do about a failure: an action with its arguments, and a note. The functions below construct it. It is data:
/// each client renders it in its own form (`command_line` for a shell). Code that does not know the scope leaves it
/// out, and its caller adds it (`for_scope`). A value.
struct Remedy {
  RemedyAction action = RemedyAction::none;
  /// When the action helps, what to check, or an alternative, without a full stop; may be empty. It is a clause with a
  /// verb, or it continues the sentence "try this command": "when the store answers", "in a terminal".
  std::string note{};

  std::optional<RemedyScope> scope{};
  std::string config_folder{};        ///< The configuration to work with; empty: the daemon's.
  std::string workdir{};              ///< The folder of a workspace that is to be created.
  std::string reference{};            ///< A source, as `secrets::reference_of` spells it.
  std::optional<SourceKind> store{};  ///< One of `store_kinds`.
  std::string vault{};
  std::string item{};
  std::string tag{};
  std::string service{};
  std::string account{};  ///< In 1Password, or of an item in the operating system's store.
  std::vector<std::string> paths{};
  std::uint32_t line = 0;  ///< From 1; 0: unknown.
  PathAccess access = PathAccess::none;
  RequestOption option = RequestOption::none;
  std::vector<std::string> values{};
  std::string name{};
  std::string value{};
  std::vector<std::int64_t> pids{};
  bool then_restart = false;  ///< Restart the daemon afterwards.

  bool empty() const { return action == RemedyAction::none && note.empty(); }

  /// The same with this note.
  Remedy noting(std::string text) &&;
  /// The same, followed by a restart of the daemon.
  Remedy and_restart() &&;

  static Remedy only_note(std::string note);
  static Remedy try_again(std::string note = {});
  static Remedy change_option(RequestOption option, std::vector<std::string> values = {});
  static Remedy drop_option(RequestOption option);

  /// One of the actions that use only the scope, for `scope`.
  static Remedy of(RemedyAction action, const Scope& scope);
  /// One of the actions that use no field, or only a scope that the caller adds.
  static Remedy of(RemedyAction action);
  static Remedy setup(const Scope& scope) { return of(RemedyAction::setup, scope); }
  static Remedy rotate(const Scope& scope) { return of(RemedyAction::rotate, scope); }
  static Remedy rotate_into(const Scope& scope, SourceKind store);
  static Remedy check(const Scope& scope) { return of(RemedyAction::check, scope); }
  static Remedy check() { return of(RemedyAction::check); }
  static Remedy restart_daemon() { return of(RemedyAction::restart_daemon); }
  static Remedy show_daemon() { return of(RemedyAction::show_daemon); }
  /// For the scope that the caller adds.
  static Remedy replace_token(std::string reference);

  static Remedy edit_file(std::string path, std::uint32_t line = 0);
  static Remedy set_access(std::string path, PathAccess access);
  static Remedy inspect(std::vector<std::string> paths);
  /// One of the other actions on one path.
  static Remedy of_path(RemedyAction action, std::string path);

  static Remedy show_op_item(std::string item, std::string vault, std::string account = {});
  static Remedy list_op_items(std::string vault = {}, std::string tag = {}, std::string account = {});
  static Remedy delete_op_item(std::string item, std::string vault, std::string account = {});
  /// One of the actions on an account of 1Password, which may be empty.
  static Remedy of_op_account(RemedyAction action, std::string_view account);
  /// One of the actions on an item of the operating system's store.
  static Remedy of_secret(RemedyAction action, std::string service, std::string account);

  /// The help of the client's command with these words.
  static Remedy show_help(std::vector<std::string> command);

  /// One of the actions on a program or a service.
  static Remedy of_name(RemedyAction action, std::string name);
  static Remedy set_variable(std::string name, std::string value);
  /// One of the actions on processes.
  static Remedy of_processes(RemedyAction action, std::vector<std::int64_t> pids);

  friend bool operator==(const Remedy&, const Remedy&) = default;
};

/// Whether the remedy repeats the request, as it was or changed.
bool repeats_request(const Remedy& remedy);

/// Whether the action is about the token of one scope (`Remedy::scope`).
bool needs_scope(RemedyAction action);

/// `remedy` for `scope`, unless it has a scope or needs none.
Remedy for_scope(Remedy remedy, const Scope& scope);

/// `remedy`, or the full check if `remedy` repeats the request. For remedies that are shown after the request has
/// ended: neither the daemon nor the client can repeat it then.
Remedy or_check(Remedy remedy);
/// The same, but with the check of `scope`.
Remedy or_check(Remedy remedy, const Scope& scope);

}  // namespace jackin
