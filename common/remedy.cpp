// SPDX-License-Identifier: Apache-2.0
#include "common/remedy.hpp"

#include <algorithm>
#include <utility>

#include "common/scope.hpp"

namespace jackin {
namespace {

// In the order of the numbers.
constexpr std::array<std::string_view, all_remedy_actions.size()> action_codes{
    "none",
    "try_again",
    "change_option",
    "drop_option",
    "setup",
    "create_workspace",
    "reuse_token",
    "replace_token",
    "rotate",
    "revoke",
    "delete_token",
    "delete_foreign_token",
    "probe",
    "check",
    "check_offline",
    "acknowledge",
    "list_scopes",
    "show_help",
    "show_version",
    "start_daemon",
    "restart_daemon",
    "show_daemon",
    "show_daemon_log",
    "run_daemon",
    "kill_daemon",
    "show_service",
    "show_service_log",
    "unmask_service",
    "edit_file",
    "set_access",
    "inspect_paths",
    "list_folder",
    "resolve_link",
    "remove_file",
    "move_aside",
    "replace_database",
    "free_space",
    "show_op_item",
    "list_op_items",
    "delete_op_item",
    "list_op_vaults",
    "list_op_accounts",
    "add_op_account",
    "show_op_account",
    "sign_in_to_op",
    "delete_keychain_item",
    "list_keychains",
    "unlock_keychain",
    "find_secret",
    "delete_secret",
    "start_secret_service",
    "install_program",
    "update_program",
    "check_program",
    "locate_program",
    "show_processes",
    "end_processes",
    "kill_processes",
    "set_variable",
    "raise_memory_limit",
    "list_operations",
    "launch_jackin",
};

constexpr std::array<std::string_view, last_request_option + 1> option_codes{
    "none",       "store", "vault",   "item_name", "field", "section",
    "op_account", "reuse", "workdir", "no_verify", "place", "yes",
};

constexpr std::array<std::string_view, last_path_access + 1> access_codes{
    "none",     "private_file", "private_folder", "not_writable_by_others",
    "readable", "writable",     "enterable",      "executable",
};

template <typename Enum, std::size_t count>
std::optional<Enum> with_code(const std::array<std::string_view, count>& codes, std::string_view code) {
  const auto* const found = std::find(codes.begin(), codes.end(), code);
  if (found == codes.end()) return std::nullopt;
  return static_cast<Enum>(found - codes.begin());
}

Remedy made(RemedyAction action) {
  Remedy remedy;
  remedy.action = action;
  return remedy;
}

RemedyScope plain(const Scope& scope) {
  return {scope.workspace_name(), scope.role_name()};
}

}  // namespace

std::string_view to_code(RemedyAction action) {
  return action_codes[static_cast<std::size_t>(action)];
}

std::optional<RemedyAction> remedy_action_from_code(std::string_view code) {
  return with_code<RemedyAction>(action_codes, code);
}

std::string_view to_code(RequestOption option) {
  return option_codes[static_cast<std::size_t>(option)];
}

std::optional<RequestOption> request_option_from_code(std::string_view code) {
  return with_code<RequestOption>(option_codes, code);
}

std::string_view to_code(PathAccess access) {
  return access_codes[static_cast<std::size_t>(access)];
}

std::optional<PathAccess> path_access_from_code(std::string_view code) {
  return with_code<PathAccess>(access_codes, code);
}

Remedy Remedy::noting(std::string text) && {
  note = std::move(text);
  return std::move(*this);
}

Remedy Remedy::and_restart() && {
  then_restart = true;
  return std::move(*this);
}

Remedy Remedy::only_note(std::string note) {
  return made(RemedyAction::none).noting(std::move(note));
}

Remedy Remedy::try_again(std::string note) {
  return made(RemedyAction::try_again).noting(std::move(note));
}

Remedy Remedy::change_option(RequestOption option, std::vector<std::string> values) {
  Remedy remedy = made(RemedyAction::change_option);
  remedy.option = option;
  remedy.values = std::move(values);
  return remedy;
}

Remedy Remedy::drop_option(RequestOption option) {
  Remedy remedy = made(RemedyAction::drop_option);
  remedy.option = option;
  return remedy;
}

Remedy Remedy::of(RemedyAction action, const Scope& scope) {
  Remedy remedy = made(action);
  remedy.scope = plain(scope);
  return remedy;
}

Remedy Remedy::of(RemedyAction action) {
  return made(action);
}

Remedy Remedy::rotate_into(const Scope& scope, SourceKind store) {
  Remedy remedy = rotate(scope);
  remedy.store = store;
  return remedy;
}

Remedy Remedy::replace_token(std::string reference) {
  Remedy remedy = made(RemedyAction::replace_token);
  remedy.reference = std::move(reference);
  return remedy;
}

Remedy Remedy::edit_file(std::string path, std::uint32_t line) {
  Remedy remedy = of_path(RemedyAction::edit_file, std::move(path));
  remedy.line = line;
  return remedy;
}

Remedy Remedy::set_access(std::string path, PathAccess access) {
  Remedy remedy = of_path(RemedyAction::set_access, std::move(path));
  remedy.access = access;
  return remedy;
}

Remedy Remedy::inspect(std::vector<std::string> paths) {
  Remedy remedy = made(RemedyAction::inspect_paths);
  remedy.paths = std::move(paths);
  return remedy;
}

Remedy Remedy::of_path(RemedyAction action, std::string path) {
  Remedy remedy = made(action);
  remedy.paths.push_back(std::move(path));
  return remedy;
}

Remedy Remedy::show_op_item(std::string item, std::string vault, std::string account) {
  Remedy remedy = made(RemedyAction::show_op_item);
  remedy.item = std::move(item);
  remedy.vault = std::move(vault);
  remedy.account = std::move(account);
  return remedy;
}

Remedy Remedy::list_op_items(std::string vault, std::string tag, std::string account) {
  Remedy remedy = made(RemedyAction::list_op_items);
  remedy.vault = std::move(vault);
  remedy.tag = std::move(tag);
  remedy.account = std::move(account);
  return remedy;
}

Remedy Remedy::delete_op_item(std::string item, std::string vault, std::string account) {
  Remedy remedy = show_op_item(std::move(item), std::move(vault), std::move(account));
  remedy.action = RemedyAction::delete_op_item;
  return remedy;
}

Remedy Remedy::of_op_account(RemedyAction action, std::string_view account) {
  Remedy remedy = made(action);
  remedy.account = account;
  return remedy;
}

Remedy Remedy::of_secret(RemedyAction action, std::string service, std::string account) {
  Remedy remedy = made(action);
  remedy.service = std::move(service);
  remedy.account = std::move(account);
  return remedy;
}

Remedy Remedy::show_help(std::vector<std::string> command) {
  Remedy remedy = made(RemedyAction::show_help);
  remedy.values = std::move(command);
  return remedy;
}

Remedy Remedy::of_name(RemedyAction action, std::string name) {
  Remedy remedy = made(action);
  remedy.name = std::move(name);
  return remedy;
}

Remedy Remedy::set_variable(std::string name, std::string value) {
  Remedy remedy = of_name(RemedyAction::set_variable, std::move(name));
  remedy.value = std::move(value);
  return remedy;
}

Remedy Remedy::of_processes(RemedyAction action, std::vector<std::int64_t> pids) {
  Remedy remedy = made(action);
  remedy.pids = std::move(pids);
  return remedy;
}

bool repeats_request(const Remedy& remedy) {
  return remedy.action == RemedyAction::try_again || remedy.action == RemedyAction::change_option ||
         remedy.action == RemedyAction::drop_option;
}

bool needs_scope(RemedyAction action) {
  return action >= RemedyAction::setup && action <= RemedyAction::probe;
}

Remedy for_scope(Remedy remedy, const Scope& scope) {
  if (needs_scope(remedy.action) && !remedy.scope) remedy.scope = plain(scope);
  return remedy;
}

Remedy or_check(Remedy remedy) {
  if (!repeats_request(remedy)) return remedy;
  return Remedy::check().noting(std::move(remedy.note));
}

Remedy or_check(Remedy remedy, const Scope& scope) {
  if (!repeats_request(remedy)) return remedy;
  return Remedy::check(scope).noting(std::move(remedy.note));
}

}  // namespace jackin
