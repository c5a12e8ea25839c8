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

/// A scope in the files, and the error that prevents reading it.
struct ScopeEntry {
  Scope scope;
  std::optional<Error> error;
};

/// A scope in the files, and the configuration that its launch would use.
struct ScopeAuth {
  Scope scope;
  Result<EffectiveAuth> auth;
};

/// jackin's present configuration on the disk: config.toml and workspaces/*.toml. Read only; `writer.hpp` writes.
///
/// The parsed contents are cached, without any text of the files, while the file is unchanged (device, inode, size,
/// times). A query of unchanged files costs two stat calls. The next call detects a file that was replaced, edited,
/// created or deleted. Calls block while they read small local files. Not thread-safe: one thread at a time.
class Configuration {
 public:
  explicit Configuration(Paths paths);
  ~Configuration();
  Configuration(const Configuration&) = delete;
  Configuration& operator=(const Configuration&) = delete;

  /// The global scope, then every workspace by name, each followed by its roles by name. An unreadable file, such as a
  /// link without a target, has an `error` in its entry and hides no other file. config_unreadable when the folder
  /// itself cannot be read.
  Result<std::vector<ScopeEntry>> scopes();

  /// The same in parts, for `each_workspace` (config/walk.hpp): the names of all workspaces, in order, and the entries
  /// of one workspace, or of the global scope for an empty name. The first may run on another thread.
  Result<std::vector<std::string>> workspaces() const;
  /// The same names, and those of files that have no entry because their name is not a valid scope.
  Result<WorkspaceFiles> workspace_files() const;
  std::vector<ScopeEntry> scopes_of(const std::string& workspace);
  /// The entries of `scopes_of`, each with its `effective`: two stat calls in total.
  std::vector<ScopeAuth> auths_of(const std::string& workspace);
  /// How often config.toml had a different size, time or inode than before.
  std::size_t global_changes() const { return global_changes_; }

  /// The configuration that a launch of `scope` would use; a file source has its canonical spelling (`one_spelling`),
  /// however it is written. Errors: unknown_workspace (with similar names), config_unreadable, config_invalid with
  /// file, line and column. A broken config.toml is an error only where it is needed; otherwise it is one of the
  /// oddities.
  Result<EffectiveAuth> effective(const Scope& scope);

  /// The contents of exactly this scope's own layer, independent of where a launch would read. The global layer of a
  /// missing config.toml is empty. Errors as above.
  Result<LayerAuth> layer(const Scope& scope);

  /// Whether the workspace's file or config.toml contains the scope's role. True for a scope without a role, and when a
  /// file cannot be read.
  bool knows_role(const Scope& scope);

  /// The file of a scope's own layer, whether it exists or not.
  std::filesystem::path file_of(const Scope& scope) const;

  /// The recorded identity of a source (`recorded_reference`), equal for equal sources: `secrets::reference_of`, with
  /// the canonical spelling of a file and a digest of a command. A layer's source has the spelling of its file, so use
  /// this to compare sources.
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
  std::string global_file_;  // built once: a probe has no time to build paths
  std::string workspaces_prefix_;
  std::size_t global_changes_ = 0;
  std::unique_ptr<Cache> cache_;
};

/// The file of a scope's own layer below `paths`.
std::filesystem::path file_of(const Scope& scope, const Paths& paths);

}  // namespace jackin::config
