#include "common/scope.hpp"

#include <algorithm>

#include "common/untrusted_text.hpp"

namespace jackin {
namespace {

bool is_workspace_name(std::string_view name) {
  if (name.empty() || name == "." || name == "..") return false;
  return std::none_of(name.begin(), name.end(), [](char c) {
    return c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
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

}  // namespace

Result<Scope> Scope::workspace(std::string_view name) {
  if (name.find("sk-ant-") != name.npos) {
    return failure(
        Reason::invalid_argument,
        "that is a Claude credential where a workspace's name belongs; it is in your shell's history now",
        "jackinctl status  # shows the names of the workspaces; withdraw the credential at claude.ai, Settings, "
        "Claude Code");
  }
  if (!is_workspace_name(name)) {
    return failure(Reason::invalid_argument,
                   "'" + printable(name) +
                       "' cannot be the name of a workspace: it is empty, '.', '..', or has a '/', "
                       "a '\\' or a control character");
  }
  Scope scope;
  scope.workspace_ = name;
  return scope;
}

Result<Scope> Scope::role(std::string_view workspace_name, std::string_view role) {
  TRY(Scope scope, workspace(workspace_name));
  if (!is_role_selector(role)) {
    return failure(Reason::invalid_argument, "'" + printable(role) +
                                                 "' cannot be a role: lower-case letters, digits and '-', with at most "
                                                 "one 'namespace/' before it");
  }
  scope.role_ = role;
  return scope;
}

Result<Scope> Scope::parse(std::string_view text) {
  if (text == "global") return global();
  // A workspace's name may hold a colon, a role's cannot: the last one divides, when what follows is a role.
  const auto colon = text.rfind(':');
  if (colon != std::string_view::npos && is_role_selector(text.substr(colon + 1))) {
    return role(text.substr(0, colon), text.substr(colon + 1));
  }
  return workspace(text);
}

std::string Scope::str() const {
  if (is_global()) return "global";
  return has_role() ? workspace_ + ":" + role_ : workspace_;
}

std::string Scope::arguments() const {
  if (is_global()) return "--global";
  std::string text = shell_quoted(workspace_);
  if (workspace_.starts_with('-')) text = "-- " + text;
  if (has_role()) text = "--role " + role_ + " " + text;
  return has_role() && !workspace_.starts_with('-') ? shell_quoted(workspace_) + " --role " + role_ : text;
}

std::string shell_quoted(std::string_view word) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./:=@%+,").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return std::string(word);
  std::string text = "'";
  for (const char c : word) {
    if (c == '\'') {
      text += "'\\''";
    } else {
      text += c;
    }
  }
  return text + "'";
}

}  // namespace jackin
