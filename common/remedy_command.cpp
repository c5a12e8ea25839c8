// SPDX-License-Identifier: Apache-2.0
#include "common/remedy_command.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "common/scope.hpp"
#include "common/shell_quoted.hpp"
#include "common/untrusted_text.hpp"
#include "common/words.hpp"

namespace jackin {
namespace {

// A path has at most 4096 bytes, and a byte that is not UTF-8 is shown as four characters.
constexpr std::size_t word_limit = std::size_t{4} * 4096;

std::string quoted_word(std::string_view word) {
  return shell_quoted(printable(word, word_limit));
}

// The shell expands a tilde only outside quotes.
std::string quoted_path(std::string_view path) {
  if (path.starts_with("~/")) return "~/" + quoted_word(path.substr(2));
  return quoted_word(path);
}

// A relative path is in the folder of the configuration.
std::string quoted_file(std::string_view path) {
  if (path.starts_with('/') || path.starts_with("~/")) return quoted_path(path);
  return "\"${JACKIN_CONFIG_DIR:-$HOME/.config/jackin}\"/" + quoted_word(path);
}

std::string path_of(const Remedy& remedy) {
  return remedy.paths.empty() ? std::string(".") : quoted_path(remedy.paths.front());
}

std::string scope_of(const Remedy& remedy) {
  // The caller that knows the scope should have added it.
  if (!remedy.scope) return "SCOPE";
  return scope_arguments(remedy.scope->workspace, remedy.scope->role);
}

std::string with_option(std::string command, std::string_view option, const std::string& value) {
  if (value.empty()) return command;
  return command + " " + std::string(option) + " " + quoted_word(value);
}

// `jackinctl COMMAND SCOPE OPTIONS`; the options come first when a `--` divides them from the scope.
std::string about_scope(std::string_view command, const Remedy& remedy, const std::string& options = {}) {
  const std::string scope = scope_of(remedy);
  const std::string start = "jackinctl " + std::string(command);
  const bool has_divider = remedy.scope && remedy.scope->workspace.starts_with('-');
  return has_divider ? start + options + " " + scope : start + " " + scope + options;
}

std::string setup_options(const Remedy& remedy) {
  std::string options;
  if (!remedy.workdir.empty()) options = with_option(" --create", "--workdir", remedy.workdir);
  options = with_option(std::move(options), "--reuse", remedy.reference);
  return with_option(std::move(options), "--op-account", remedy.account);
}

std::string place_options(const Remedy& remedy) {
  const std::string store(remedy.store ? word_of(*remedy.store) : std::string_view());
  return with_option(with_option({}, "--store", store), "--vault", remedy.vault);
}

// The same command of jackinctl for another configuration. The daemon of the state folder ends first: it works with the
// configuration that it was started for.
std::string in_folder(const Remedy& remedy, const std::string& command) {
  if (remedy.config_folder.empty()) return command;
  return "jackinctl daemon stop && JACKIN_CONFIG_DIR=" + quoted_word(remedy.config_folder) + " " + command;
}

std::string check_of(const Remedy& remedy, const std::string& options = {}) {
  return in_folder(remedy, remedy.scope ? about_scope("doctor", remedy, options) : "jackinctl doctor" + options);
}

std::string of_op(std::string_view command, const Remedy& remedy) {
  return with_option("op " + std::string(command), "--account", remedy.account);
}

std::string of_op_item(std::string_view command, const Remedy& remedy) {
  const std::string named = "op item " + std::string(command) + " " + quoted_word(remedy.item);
  return with_option(with_option(named, "--vault", remedy.vault), "--account", remedy.account);
}

std::string of_op_items(const Remedy& remedy) {
  const std::string listed = with_option("op item list", "--vault", remedy.vault);
  return with_option(with_option(listed, "--tags", remedy.tag), "--account", remedy.account);
}

// Arguments of secret-tool.
std::string of_secret(std::string_view command, const Remedy& remedy) {
  return "secret-tool " + std::string(command) + " service " + quoted_word(remedy.service) + " account " +
         quoted_word(remedy.account);
}

std::string with_pids(std::string command, const Remedy& remedy) {
  for (const auto pid : remedy.pids) command += " " + std::to_string(pid);
  return command;
}

std::string mode_of(PathAccess access) {
  switch (access) {
    case PathAccess::none:
      break;
    case PathAccess::private_file:
      return "600";
    case PathAccess::private_folder:
      return "700";
    case PathAccess::not_writable_by_others:
      return "go-w";
    case PathAccess::readable:
      return "u+r";
    case PathAccess::writable:
      return "u+w";
    case PathAccess::enterable:
      return "u+wx";
    case PathAccess::executable:
      return "u+x";
  }
  return "u+rw";
}

std::string edits(const Remedy& remedy) {
  std::string command = "${EDITOR:-vi} ";
  if (remedy.line > 0) command += "+" + std::to_string(remedy.line) + " ";
  return command + (remedy.paths.empty() ? std::string(".") : quoted_file(remedy.paths.front()));
}

std::string replaces_database(const Remedy& remedy) {
  const std::string path = path_of(remedy);
  return "jackinctl daemon stop; mv " + path + " " + path + ".damaged; jackinctl daemon start";
}

std::string sets_variable(const Remedy& remedy) {
  const std::string name = quoted_word(remedy.name);
  // The command reads a secret, so that no shell history keeps it.
  if (remedy.value.empty()) return "read -rs " + name + " && export " + name;
  if (remedy.name == "PATH") return "export PATH=\"$PATH\":" + quoted_word(remedy.value);
  return "export " + name + "=" + quoted_word(remedy.value);
}

std::string installs(const Remedy& remedy) {
  if (remedy.name == "claude") return "npm install -g @anthropic-ai/claude-code";
  if (remedy.name == "jackind") return "./dev build release && build/release/bin/jackinctl daemon restart";
  return "command -v " + quoted_word(remedy.name);
}

std::string spelled(RequestOption option) {
  switch (option) {
    case RequestOption::none:
      break;
    case RequestOption::store:
      return "--store";
    case RequestOption::vault:
      return "--vault";
    case RequestOption::item_name:
      return "--item-name";
    case RequestOption::field:
      return "--field";
    case RequestOption::section:
      return "--section";
    case RequestOption::op_account:
      return "--op-account";
    case RequestOption::reuse:
      return "--reuse";
    case RequestOption::workdir:
      return "--create --workdir";
    case RequestOption::no_verify:
      return "--no-verify";
    case RequestOption::place:
      return "--store";
    case RequestOption::yes:
      return "--yes";
  }
  return "--help";
}

// Whether the typed command takes the option as it is: another option may exclude it.
bool takes(const TypedCommand& typed, RequestOption option) {
  if (option == RequestOption::yes) return !typed.empty();
  const bool is_exact = option == RequestOption::store || option == RequestOption::vault ||
                        option == RequestOption::item_name || option == RequestOption::field ||
                        option == RequestOption::section || option == RequestOption::op_account;
  const auto has = [&](std::string_view word) {
    return std::any_of(typed.begin(), typed.end(), [&](const std::string& one) {
      return one == word || (one.starts_with(word) && one[word.size()] == '=');
    });
  };
  return is_exact && (has("setup") || has("rotate")) && !has("--reuse") && !has("--plain");
}

// The typed command with `value` as the option's only value.
TypedCommand with_value(const TypedCommand& typed, RequestOption option, const std::string& value) {
  const std::string word = spelled(option);
  TypedCommand changed;
  for (std::size_t i = 0; i < typed.size(); ++i) {
    if (typed[i] == word) {
      ++i;
    } else if (!typed[i].starts_with(word + "=")) {
      changed.push_back(typed[i]);
    }
  }
  const auto divider = std::find(changed.begin(), changed.end(), "--");
  const auto behind = changed.insert(divider, word);
  if (!value.empty()) changed.insert(behind + 1, value);
  return changed;
}

// The typed command without a role. The command names no workspace, so nothing is behind `--`.
TypedCommand without_role(const TypedCommand& typed) {
  TypedCommand changed;
  for (std::size_t i = 0; i < typed.size() && typed[i] != "--"; ++i) {
    if (typed[i] == "--role") {
      ++i;
    } else if (!typed[i].starts_with("--role=")) {
      changed.push_back(typed[i]);
    }
  }
  return changed;
}

std::string in_comment(const std::string& value) {
  const std::string text = printable(value, word_limit);
  return text.find(' ') == text.npos ? text : "\"" + text + "\"";
}

// The change of a request in words: "with --vault, one of: Personal, Work".
std::string change_in_words(const Remedy& remedy) {
  const std::string option = spelled(remedy.option);
  if (remedy.action == RemedyAction::drop_option) {
    return remedy.option == RequestOption::place ? "without those options, or with another --store"
                                                 : "without " + option;
  }
  if (remedy.values.size() == 1) return "with " + option + " " + in_comment(remedy.values.front());
  if (remedy.values.empty()) {
    return remedy.option == RequestOption::yes ? "with " + option : "with another " + option;
  }
  std::string words = "with " + option + ", one of: ";
  for (std::size_t i = 0; i < remedy.values.size(); ++i) {
    words += (i > 0 ? ", " : "") + printable(remedy.values[i], word_limit);
  }
  return words;
}

// A command and the comment behind it.
struct Line {
  std::string command;
  std::string comment;
};

void add_words(std::string& comment, const std::string& words) {
  if (words.empty()) return;
  comment += (comment.empty() ? "" : ", ") + words;
}

Line repeated(const Remedy& remedy, const TypedCommand& typed) {
  if (remedy.action == RemedyAction::try_again) return {shell_line(typed), {}};
  const bool is_flag = remedy.option == RequestOption::yes && remedy.values.empty();
  const bool is_exact = remedy.action == RemedyAction::change_option && (remedy.values.size() == 1 || is_flag);
  if (is_exact && takes(typed, remedy.option)) {
    const std::string value = is_flag ? std::string() : printable(remedy.values.front(), word_limit);
    if (!remedy.scope) return {shell_line(with_value(typed, remedy.option, value)), {}};
    const TypedCommand changed = with_value(without_role(typed), remedy.option, value);
    return {shell_line(changed) + " " + scope_of(remedy), {}};
  }
  return {shell_line(typed), change_in_words(remedy)};
}

// jackin takes the role before the workspace, and without either the workspace of the current folder.
std::string launches_jackin(const Remedy& remedy) {
  const std::string command = "jackin-hook exec " + scope_of(remedy) + " -- jackin load";
  if (!remedy.scope || remedy.scope->role.empty()) return command;
  return command + " " + remedy.scope->role + " " + quoted_word(remedy.scope->workspace);
}

// NOLINTNEXTLINE(readability-function-size): one case for each action.
std::string command_of(const Remedy& remedy) {
  switch (remedy.action) {
    case RemedyAction::none:
    case RemedyAction::try_again:
    case RemedyAction::change_option:
    case RemedyAction::drop_option:
      break;
    case RemedyAction::setup:
      return about_scope("setup", remedy);
    case RemedyAction::create_workspace:
      return about_scope("setup", remedy, " --create");
    case RemedyAction::reuse_token:
      return about_scope("setup", remedy, setup_options(remedy));
    case RemedyAction::replace_token:
      return about_scope("revoke", remedy) + " && " + about_scope("setup", remedy, setup_options(remedy));
    case RemedyAction::rotate:
      return in_folder(remedy, about_scope("rotate", remedy, place_options(remedy)));
    case RemedyAction::revoke:
      return about_scope("revoke", remedy);
    case RemedyAction::delete_token:
      return about_scope("revoke", remedy, " --delete-item");
    case RemedyAction::delete_foreign_token:
      return about_scope("revoke", remedy, " --delete-item --force");
    case RemedyAction::probe:
      return about_scope("probe", remedy);
    case RemedyAction::check:
      return check_of(remedy);
    case RemedyAction::check_offline:
      return check_of(remedy, " --offline");
    case RemedyAction::acknowledge:
      return "jackinctl doctor --acknowledge";
    case RemedyAction::list_scopes:
      return "jackinctl status";
    case RemedyAction::list_operations:
      return "jackinctl operations";
    case RemedyAction::launch_jackin:
      return launches_jackin(remedy);
    case RemedyAction::show_help:
      return shell_line(remedy.values) + " --help";
    case RemedyAction::show_version:
      return "jackinctl --version";
    case RemedyAction::start_daemon:
      return "jackinctl daemon start";
    case RemedyAction::restart_daemon:
      return "jackinctl daemon restart";
    case RemedyAction::show_daemon:
      return "jackinctl daemon status";
    case RemedyAction::show_daemon_log:
      return "jackinctl daemon logs";
    case RemedyAction::run_daemon:
      return "jackinctl daemon run";
    case RemedyAction::kill_daemon:
      return with_pids("kill -9", remedy) + " && jackinctl daemon start";
    case RemedyAction::show_service:
      // launchd names a service by its domain too.
      return remedy.name.find('/') == remedy.name.npos ? "systemctl --user status " + quoted_word(remedy.name)
                                                       : "launchctl print " + quoted_word(remedy.name);
    case RemedyAction::show_service_log:
      return "journalctl --user --unit=" + quoted_word(remedy.name);
    case RemedyAction::unmask_service:
      return "systemctl --user unmask " + quoted_word(remedy.name);
    case RemedyAction::edit_file:
      return edits(remedy);
    case RemedyAction::set_access:
      return "chmod " + mode_of(remedy.access) + " " + path_of(remedy);
    case RemedyAction::inspect_paths: {
      std::string command = "ls -ld";
      for (const std::string& path : remedy.paths) command += " " + quoted_path(path);
      return command;
    }
    case RemedyAction::list_folder:
      return "ls -b " + path_of(remedy);
    case RemedyAction::resolve_link:
      return "readlink -f " + path_of(remedy);
    case RemedyAction::remove_file:
      return "rm " + path_of(remedy);
    case RemedyAction::move_aside:
      return "mv " + path_of(remedy) + " " + path_of(remedy) + ".old";
    case RemedyAction::replace_database:
      return replaces_database(remedy);
    case RemedyAction::free_space:
      return "df -h " + path_of(remedy);
    case RemedyAction::show_op_item:
      return of_op_item("get", remedy);
    case RemedyAction::list_op_items:
      return of_op_items(remedy);
    case RemedyAction::delete_op_item:
      return of_op_item("delete", remedy);
    case RemedyAction::list_op_vaults:
      return of_op("vault list", remedy);
    case RemedyAction::list_op_accounts:
      return "op account list";
    case RemedyAction::add_op_account:
      return "op account add";
    case RemedyAction::show_op_account:
      return of_op("whoami", remedy);
    case RemedyAction::sign_in_to_op:
      return of_op("signin", remedy);
    case RemedyAction::delete_keychain_item:
      return "security delete-generic-password -s " + quoted_word(remedy.service) + " -a " +
             quoted_word(remedy.account);
    case RemedyAction::list_keychains:
      return "security list-keychains";
    case RemedyAction::unlock_keychain:
      return "security unlock-keychain";
    case RemedyAction::find_secret:
      return of_secret("search --all", remedy);
    case RemedyAction::delete_secret:
      return of_secret("clear", remedy);
    case RemedyAction::start_secret_service:
      return "gnome-keyring-daemon --start --components=secrets";
    case RemedyAction::install_program:
      return installs(remedy);
    case RemedyAction::update_program:
      return quoted_word(remedy.name) + " update";
    case RemedyAction::check_program:
      return quoted_word(remedy.name) + " --version";
    case RemedyAction::locate_program:
      return "command -v " + quoted_word(remedy.name);
    case RemedyAction::show_processes:
      return remedy.pids.empty() ? "ps -A" : with_pids("ps -p", remedy);
    case RemedyAction::end_processes:
      return with_pids("kill", remedy);
    case RemedyAction::kill_processes:
      return with_pids("kill -9", remedy);
    case RemedyAction::set_variable:
      return sets_variable(remedy);
    case RemedyAction::raise_memory_limit:
      return "ulimit -l 8192";
  }
  return {};
}

// Makes a comment harmless as the arguments of the command: for an interactive zsh `#` begins no comment unless
// INTERACTIVE_COMMENTS is set (zshoptions(1)). Notes contain names from outside, such as those of vaults.
std::string without_shell_syntax(std::string_view comment) {
  std::string harmless;
  char before = ' ';
  for (const char c : comment) {
    // Behind a word, a parenthesis begins a glob qualifier, which can run code (zshexpn(1)).
    const bool is_qualifier = c == '(' && before != ' ';
    if (c == '>') {
      harmless += "\u203a";
    } else if (c == '<') {
      harmless += "\u2039";
    } else if (c == ';') {
      harmless += ',';
    } else {
      harmless += is_qualifier || std::string_view("$`|&!\\").find(c) != std::string_view::npos ? '_' : c;
    }
    before = c;
  }
  return harmless;
}

}  // namespace

std::string shell_line(const TypedCommand& command) {
  std::string line;
  for (const std::string& word : command) line += (line.empty() ? "" : " ") + quoted_word(word);
  return line;
}

std::string command_line(const Remedy& remedy, const TypedCommand& typed) {
  Line line = repeats_request(remedy) ? repeated(remedy, typed) : Line{command_of(remedy), {}};
  if (remedy.then_restart && !line.command.empty()) line.command += " && jackinctl daemon restart";
  add_words(line.comment, printable(remedy.note, word_limit));
  if (line.comment.empty()) return line.command;
  return (line.command.empty() ? "# " : line.command + "  # ") + without_shell_syntax(line.comment);
}

}  // namespace jackin
