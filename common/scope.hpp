// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace jackin {

/// Where a token is configured: for one workspace, for one role in one workspace, or for all (`--global`). A value;
/// safe to copy and to share.
class Scope {
 public:
  static Scope global() { return {}; }

  /// A workspace's scope. invalid_argument for a name that jackin refuses: empty, `.`, `..`, or with `/`, `\` or a
  /// control character; and for one with a character that does not show, which would look like another's. Bytes that
  /// are no UTF-8 are taken as they are.
  static Result<Scope> workspace(std::string_view name);

  /// A role's scope in a workspace. invalid_argument for a role that is not `[a-z0-9-]+` with at most one `namespace/`.
  static Result<Scope> role(std::string_view workspace, std::string_view role);

  /// The scope that `str()` spells; also accepts "global".
  static Result<Scope> parse(std::string_view text);

  bool is_global() const noexcept { return workspace_.empty(); }
  bool has_role() const noexcept { return !role_.empty(); }
  const std::string& workspace_name() const noexcept { return workspace_; }
  const std::string& role_name() const noexcept { return role_; }

  /// "my-app", "my-app:role" or "global"; always UTF-8: other bytes are shown as `\xHH`, which no name holds.
  std::string str() const;

  /// The scope as arguments on a command line, quoted for a shell: `my-app --role r`, `--global`. Our programs take
  /// `\xHH` in a name for the byte.
  std::string arguments() const;

  friend bool operator==(const Scope&, const Scope&) = default;
  friend auto operator<=>(const Scope&, const Scope&) = default;  // NOLINT(modernize-use-nullptr)

 private:
  std::string workspace_;
  std::string role_;
};

/// `word` as one word of a POSIX shell: as it is when that is safe, else in single quotes.
std::string shell_quoted(std::string_view word);

}  // namespace jackin
