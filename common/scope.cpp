// SPDX-License-Identifier: Apache-2.0
#include "common/scope.hpp"

#include <algorithm>

#include "common/claude.hpp"
#include "common/pasted_credential.hpp"
#include "common/shell_quoted.hpp"
#include "common/text_characters.hpp"
#include "common/untrusted_text.hpp"

namespace jackin {
namespace {

bool is_workspace_name(std::string_view name) {
  if (name.empty() || name == "." || name == "..") return false;
  // A byte that is not UTF-8 counts as a character: a file with such a name can exist and be in use.
  while (!name.empty()) {
    const Character character = first_character(name);
    if (name.front() == '/' || name.front() == '\\') return false;
    if (character.bytes != 0 && is_invisible(character.code)) return false;
    name.remove_prefix(character.bytes == 0 ? 1 : character.bytes);
  }
  return true;
}

bool is_selector_part(std::string_view part) {
  return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

bool is_role_selector(std::string_view role) {
  const auto slash = role.find('/');
  if (slash == std::string_view::npos) return is_selector_part(role);
  return is_selector_part(role.substr(0, slash)) && is_selector_part(role.substr(slash + 1));
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// A walk over all workspaces calls this for each name. The full test takes locked memory, so that it runs only on names
// with the prefix.
bool has_credential(std::string_view name) {
  return name.find(credential_prefix) != name.npos && shows_credential(name);
}

// The position of the colon that divides a workspace from its role, which may be empty; npos without one.
std::size_t divider_in(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) return text.npos;
  const std::string_view role = text.substr(colon + 1);
  return role.empty() || is_role_selector(lower_case(role)) ? colon : text.npos;
}

}  // namespace

Result<Scope> Scope::workspace(std::string_view name) {
  if (has_credential(name)) return failure(pasted_credential("the workspace name"));
  if (!is_workspace_name(name)) {
    return failure(Reason::invalid_argument,
                   "'" + printable(name) +
                       "' cannot be the name of a workspace: it is empty, '.', '..', or has a '/', a '\\', or a "
                       "character that does not show (control, zero-width, direction of text)");
  }
  Scope scope;
  scope.workspace_ = name;
  return scope;
}

Result<Scope> Scope::role(std::string_view workspace_name, std::string_view role) {
  TRY(Scope scope, workspace(workspace_name));
  if (has_credential(role)) return failure(pasted_credential("the role"));
  if (!is_role_selector(role)) {
    return failure(Reason::invalid_argument, "'" + printable(role) +
                                                 "' cannot be a role: lower-case letters, digits and '-', with at most "
                                                 "one 'namespace/' before it");
  }
  scope.role_ = role;
  return scope;
}

Result<Scope> Scope::selected_role(std::string_view workspace_name, std::string_view role_name) {
  return role(workspace_name, lower_case(role_name));
}

Result<Scope> Scope::parse(std::string_view text) {
  if (text == "global") return global();
  // A workspace's name may contain a colon, a role's cannot. The last colon divides, if a valid role follows.
  const auto colon = text.rfind(':');
  if (colon != std::string_view::npos && is_role_selector(text.substr(colon + 1))) {
    return role(unescaped_bytes(text.substr(0, colon)), text.substr(colon + 1));
  }
  return workspace(unescaped_bytes(text));
}

Result<Scope> Scope::typed(std::string_view text) {
  const auto colon = divider_in(text);
  const std::string name = unescaped_bytes(text.substr(0, colon));
  if (colon == text.npos || colon + 1 == text.size()) return workspace(name);
  return selected_role(name, text.substr(colon + 1));
}

std::string typed_name(const std::string& workspace) {
  return divider_in(workspace) == std::string::npos ? workspace : workspace + ":";
}

std::string Scope::str() const {
  if (is_global()) return "global";
  const std::string name = escaped_bytes(workspace_);
  return has_role() ? name + ":" + role_ : name;
}

std::string Scope::arguments() const {
  return scope_arguments(workspace_, role_);
}

std::string scope_arguments(const std::string& workspace, const std::string& role) {
  if (workspace.empty()) return "--global";
  const std::string name = shell_quoted(escaped_bytes(typed_name(workspace)));
  if (!workspace.starts_with('-')) return role.empty() ? name : name + " --role " + role;
  return (role.empty() ? "-- " : "--role " + role + " -- ") + name;
}

}  // namespace jackin
