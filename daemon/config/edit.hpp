// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/secret.hpp"
#include "daemon/config/auth_keys.hpp"

namespace jackin::config {

/// Which layer of a file: its top level, or a role's table in it.
struct LayerInFile {
  std::string role;  ///< Empty: the top level.

  /// The table as a header spells it, e.g. `claude` or `roles."team/reviewer".claude`.
  std::string table(std::string_view last) const;
};

/// The text of a file with `wanted` in place of the layer's own auth keys, made in place: every byte that has nothing
/// to do with them is kept. The result is parsed again and must say what was wanted, with all the rest equal. `name` is
/// the file's in errors. Errors: config_invalid when the text is not TOML or a key on the way has a form that it cannot
/// have; unsupported, invalid_argument when `wanted` cannot be written; internal when the edit did not come out right.
/// Pure; the text that comes back may hold a token.
Result<Secret> edited(std::string_view text, std::string_view name, const LayerInFile& layer, const AuthKeys& wanted);

/// A workspace file as jackin needs it at least: a folder, mounted where it is.
Result<Secret> new_workspace_text(std::string_view folder);

}  // namespace jackin::config
