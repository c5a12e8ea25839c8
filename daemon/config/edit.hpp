// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/secret.hpp"
#include "daemon/config/auth_keys.hpp"
#include "daemon/config/document.hpp"

namespace jackin::config {

/// Which layer of a file: its top level, or a role's table in it.
struct LayerInFile {
  std::string role;         ///< Empty: the top level.
  std::string workspace{};  ///< In config.toml: the layer is in `[workspaces.X]`, which jackin moves into its own file.

  /// The table as a header spells it, e.g. `claude` or `roles."team/reviewer".claude`.
  std::string table(std::string_view last) const;
};

/// Reads the layer's keys in a document. `name` is the file's name in errors. Errors: config_invalid.
Result<AuthKeys> keys_of_layer(const Document& document, const LayerInFile& layer, std::string_view name);

/// The text of a file with `wanted` in place of the layer's own auth keys. The edit is in place: every unrelated byte
/// stays. The result is parsed again, and must contain `wanted` and otherwise the same data. `name` is the file's name
/// in errors. Errors: config_invalid when the text is not TOML or a key on the path has an invalid form; unsupported,
/// invalid_argument when `wanted` cannot be written; internal when the check of the result fails. Pure; the returned
/// text may hold a token.
Result<Secret> edited(std::string_view text, std::string_view name, const LayerInFile& layer, const AuthKeys& wanted);

/// The minimal workspace file that jackin accepts: a folder, mounted at its own path.
Result<Secret> new_workspace_text(std::string_view folder);

}  // namespace jackin::config
