// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/paths.hpp"
#include "common/result.hpp"
#include "daemon/config/document.hpp"
#include "daemon/config/effective_auth.hpp"
#include "daemon/config/external_slots.hpp"
#include "daemon/config/jackin_schema.hpp"
#include "daemon/config/text_file.hpp"
#include "daemon/secrets/credential_source.hpp"

namespace jackin::config {

/// A place in a file that names a stored secret although no launch reads a token there (`LayerAuth`). A value.
/// Examples: a role's `[env]` in config.toml, another variable in an `[env]`, an argument of a command, a misspelt key.
struct Mention {
  Place place;
  std::optional<secrets::CredentialSource> source;  ///< Nothing: a token's key with a value of no known form.
  std::string workspace{};  ///< config.toml's `[workspaces.X]` has it where a launch of X reads; X has no file.
};

/// The contents of config.toml, of one workspace file or of jackind-slots.toml, without its text. Immutable once it is
/// shared.
struct ParsedFile {
  std::filesystem::path path;
  FileStamp stamp;                       ///< `exists` is false for a missing file.
  bool settled = false;                  ///< As `TextFile::settled`.
  std::optional<Error> error{};          ///< Why the file as a whole is not valid.
  std::optional<std::string> workdir{};  ///< As written; nothing when there is none, or it is no string.
  tl::expected<LayerAuth, Error> top{};
  std::map<std::string, tl::expected<LayerAuth, Error>, std::less<>> roles{};
  std::map<std::string, tl::expected<LayerAuth, Error>, std::less<>> role_env{};  ///< config.toml's.
  std::vector<Mention> mentions{};
  bool is_jackins = false;  ///< jackin has written the file: `version`, or in config.toml `[roles.agent-smith]`.
  /// config.toml's `[workspaces]`, which jackin moves into files of their own. A workspace with a file ignores them.
  std::map<std::string, std::shared_ptr<const ParsedFile>, std::less<>> workspaces{};
  std::vector<Refusal> refusals{};
  ExternalSlots external_slots{};  ///< jackind-slots.toml's.
};

using ReadFile = Result<std::shared_ptr<const ParsedFile>>;

/// The present contents of `file`, which is config.toml, a workspace file or jackind-slots.toml below `paths`. Returns
/// `known`, which may be null, when the file has not changed since: that takes one stat call. Errors:
/// config_unreadable; a file that is not valid is no error. Blocking; any thread.
ReadFile read_parsed_file(const std::string& file, const Paths& paths, std::shared_ptr<const ParsedFile> known);

/// The mentions in a file, in the order of its keys. A deletion counts each one as a use: what jackind does not read,
/// another program may. Contains no literal: only names of stored secrets. `is_global`: the file is config.toml, where
/// the tables below `[roles]` are no layers.
std::vector<Mention> mentions(Node root, bool is_global);

}  // namespace jackin::config
