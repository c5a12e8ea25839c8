// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "daemon/config/document.hpp"
#include "daemon/secrets/credential_source.hpp"

namespace jackin::config {

/// A value that names a stored secret and is in no scope's own layer (`LayerAuth`): a role's `[env]` in config.toml,
/// another variable in an `[env]`, an argument of a command, a misspelt key. A value.
struct Mention {
  Place place;
  std::optional<secrets::CredentialSource> source;  ///< Nothing: a token's key with a value of no known form.
};

/// The mentions in a file, in the order of its keys. A deletion counts each one as a use: what jackind does not read,
/// another program may. Contains no literal: only names of stored secrets. `is_global`: the file is config.toml, where
/// the tables below `[roles]` are no layers.
std::vector<Mention> mentions(Node root, bool is_global);

}  // namespace jackin::config
