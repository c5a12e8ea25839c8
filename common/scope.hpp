// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "common/result.hpp"
#include "common/shell_quoted.hpp"

namespace jackin {

/// Where a token is configured: for one workspace, for one role in one workspace, or for all (`--global`). A value,
/// safe to copy and to share.
class Scope {
 public:
  static Scope global() { return {}; }

  /// The scope of a workspace. Errors: invalid_argument for a name that jackin refuses: empty, `.`, `..`, or with `/`,
  /// `\` or a control character. Also for a name with an invisible character, which would be shown like another name.
  /// Accepts bytes that are not UTF-8.
  static Result<Scope> workspace(std::string_view name);

  /// The scope of a role in a workspace. Errors: invalid_argument for a role that is not `[a-z0-9-]+` with at most one
  /// `namespace/`.
  static Result<Scope> role(std::string_view workspace, std::string_view role);

  /// As `role`, for a role as a user names it: its ASCII letters become lower-case, as in jackin's selectors.
  static Result<Scope> selected_role(std::string_view workspace, std::string_view role);

  /// Parses the result of `str()`; also accepts "global".
  static Result<Scope> parse(std::string_view text);

  /// Reads `WORKSPACE` or `WORKSPACE:ROLE` as a user types it, also with `\xHH` for a byte. The last colon divides, if
  /// a valid role, in letters of any case, or nothing follows it. So `a:b:` is the workspace "a:b", and a name without
  /// a colon is that workspace.
  static Result<Scope> typed(std::string_view text);

  bool is_global() const noexcept { return workspace_.empty(); }
  bool has_role() const noexcept { return !role_.empty(); }
  const std::string& workspace_name() const noexcept { return workspace_; }
  const std::string& role_name() const noexcept { return role_; }

  /// "my-app", "my-app:role" or "global". Always UTF-8: other bytes are shown as `\xHH`, which no name contains.
  std::string str() const;

  /// The scope as arguments on a command line, quoted for a shell: `my-app --role r`, `--global`. jackin's programs
  /// read `\xHH` in a name as that byte. The name is in the form of `typed_name`.
  std::string arguments() const;

  friend bool operator==(const Scope&, const Scope&) = default;
  friend auto operator<=>(const Scope&, const Scope&) = default;  // NOLINT(modernize-use-nullptr)

 private:
  std::string workspace_;
  std::string role_;
};

/// The name of a workspace in the form that `Scope::typed` reads as this workspace: with a colon at its end, if a colon
/// in the name would divide it.
std::string typed_name(const std::string& workspace);

/// `Scope::arguments` of a scope in plain strings; an empty workspace means global.
std::string scope_arguments(const std::string& workspace, const std::string& role);

}  // namespace jackin
