// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/paths.hpp"
#include "common/presence.hpp"
#include "common/result.hpp"
#include "common/scope.hpp"
#include "daemon/config/effective_auth.hpp"

namespace jackin::config {

/// A scope that the files have, and what keeps it from being read.
struct ScopeEntry {
  Scope scope;
  std::optional<Error> error;
};

/// A scope that the files have, and what a launch of it would use.
struct ScopeAuth {
  Scope scope;
  Result<EffectiveAuth> auth;
};

/// Jackin's configuration as it is on the disk now: config.toml and workspaces/*.toml. Reads; `writer.hpp` writes.
///
/// What was parsed is kept, without any text of the files, and used again as long as the file is the same (device,
/// inode, size, times): an unchanged question costs two stat calls. A file that is replaced, edited, created or deleted
/// is seen at the next call. Calls block for the reading of small local files. Not thread-safe: one thread at a time.
class Configuration {
 public:
  explicit Configuration(Paths paths);
  ~Configuration();
  Configuration(const Configuration&) = delete;
  Configuration& operator=(const Configuration&) = delete;

  /// The global scope, then every workspace by name, each followed by its roles by name. A file that cannot be read, as
  /// a link whose target is away, is told in its entry's `error` and hides no other. config_unreadable when the folder
  /// itself cannot be read.
  Result<std::vector<ScopeEntry>> scopes();

  /// The same in pieces, for `each_workspace` (config/walk.hpp): every workspace's name, in order; and the entries of
  /// one workspace, or of the global scope for an empty name. The first may run on another thread.
  Result<std::vector<std::string>> workspaces() const;
  /// The same names, and those of files that have no entry since no scope can have their name.
  Result<WorkspaceFiles> workspace_files() const;
  std::vector<ScopeEntry> scopes_of(const std::string& workspace);
  /// The entries of `scopes_of`, each with its `effective`: two stat calls for all of them.
  std::vector<ScopeAuth> auths_of(const std::string& workspace);
  /// How often config.toml was found to be another file than before, by size, times or inode.
  std::size_t global_changes() const { return global_changes_; }

  /// What a launch of `scope` would use; a file as source in its one spelling (`one_spelling`), however it is written.
  /// Errors: unknown_workspace (with the nearest names), config_unreadable,
  /// config_invalid with file, line and column. A broken config.toml is an error only where it is needed; else it is
  /// one of the oddities.
  Result<EffectiveAuth> effective(const Scope& scope);

  /// What stands at exactly this scope's own layer, wherever a launch would look. The global layer of a missing
  /// config.toml is empty. Errors as above.
  Result<LayerAuth> layer(const Scope& scope);

  /// Whether the scope's role stands in the workspace's file or in config.toml; true for a scope without a role, and
  /// where a file cannot be read.
  bool knows_role(const Scope& scope);

  /// The file that a scope's own layer is in, whether it exists or not.
  std::filesystem::path file_of(const Scope& scope) const;

  /// What two sources have in common when they mean the same, and what is recorded of them (`recorded_reference`):
  /// their `secrets::reference_of`, a file in its one spelling, of a command a digest. A layer's source has the
  /// spelling of its file, so compare sources by it.
  std::string reference_of(secrets::CredentialSource source) const;

  const Paths& paths() const { return paths_; }

 private:
  struct File;
  struct Cache;

  Result<std::shared_ptr<const File>> load(const std::string& file);
  Result<std::shared_ptr<const File>> load_workspace(const std::string& name);
  Error unknown_workspace(const std::string& name);
  std::vector<ScopeEntry> entries_of(const Scope& workspace, const Result<std::shared_ptr<const File>>& file) const;
  Result<EffectiveAuth> effective(const Scope& scope, const std::shared_ptr<const File>& workspace,
                                  const Result<std::shared_ptr<const File>>& global);

  Paths paths_;
  std::string global_file_;  // made once: a probe has no time for putting paths together
  std::string workspaces_prefix_;
  std::size_t global_changes_ = 0;
  std::unique_ptr<Cache> cache_;
};

/// The file of a scope's own layer below `paths`.
std::filesystem::path file_of(const Scope& scope, const Paths& paths);

}  // namespace jackin::config
