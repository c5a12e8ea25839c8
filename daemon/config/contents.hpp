// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/paths.hpp"
#include "common/presence.hpp"
#include "common/result.hpp"
#include "common/scope.hpp"
#include "daemon/config/effective_auth.hpp"
#include "daemon/config/parsed_file.hpp"

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

/// What config.toml and workspaces/*.toml contain. The derived class provides the files: `ConfigurationOnDisk` reads
/// them at each query, `Configuration` beforehand. The errors of a file that cannot be read are errors of its scopes.
/// Not thread-safe: one thread at a time.
class Contents {
 public:
  explicit Contents(Paths paths);
  virtual ~Contents();
  Contents(const Contents&) = delete;
  Contents& operator=(const Contents&) = delete;

  /// The global scope, then every workspace by name, each followed by its roles by name. Those in config.toml are last.
  /// An unreadable file, such as a link without a target, has an `error` in its entry and hides no other file.
  /// config_unreadable when the folder itself cannot be read.
  Result<std::vector<ScopeEntry>> scopes();

  /// The same in parts, for `each_workspace`: the entries of one workspace, or of the global scope for an empty name.
  std::vector<ScopeEntry> scopes_of(const std::string& workspace);
  /// The entries of `scopes_of`, each with its `effective`.
  std::vector<ScopeAuth> auths_of(const std::string& workspace);
  /// The workspaces in `[workspaces]` of config.toml, except those with a file.
  std::vector<std::string> workspaces_only_in_config(const std::vector<std::string>& with_file);
  /// The workspaces that have a file, and those of files that have no entry because their name is not a valid scope.
  /// Errors: config_unreadable; timed_out, of `Configuration`.
  virtual Result<WorkspaceFiles> workspace_files() const = 0;

  /// The configuration that a launch of `scope` would use; a path of a file source has its canonical spelling
  /// (`one_spelling`). Errors: unknown_workspace (with similar names), config_unreadable, config_invalid with
  /// file, line and column; timed_out, of `Configuration`. A broken config.toml is an error only where it is needed;
  /// otherwise the answer lists it in `oddities`. It is needed for a workspace without a file, which it may contain.
  Result<EffectiveAuth> effective(const Scope& scope);

  /// The contents of exactly this scope's own layer, independent of where a launch would read. The global layer of a
  /// missing config.toml is empty. Errors as above.
  Result<LayerAuth> layer(const Scope& scope);

  /// The external source of a variable, if jackind-slots.toml has it. Errors: those of that file.
  Result<std::optional<secrets::CredentialSource>> external_source(const std::string& variable);

  /// The mentions in the file of a workspace, or in config.toml for an empty name. Errors: as `layer`, for the file as
  /// a whole.
  Result<std::vector<Mention>> mentions_in(const std::string& workspace);

  /// The `workdir` in the file of a workspace, with the home folder in place of `~`. Nothing when the file has none or
  /// cannot be read, and for a relative path.
  std::optional<std::filesystem::path> workdir_of(const std::string& workspace);

  /// Whether jackin has written the file of a workspace, or config.toml for an empty name: it has a `version`, or the
  /// role that jackin adds. Errors: as `mentions_in`.
  Result<bool> is_jackins(const std::string& workspace);

  /// Why jackin refuses the file of a workspace, or config.toml for an empty name; each with the position. Empty for a
  /// file that cannot be read.
  std::vector<Error> refusals_in(const std::string& workspace);

  /// Whether the workspace's file or config.toml contains the scope's role. True for a scope without a role, and when a
  /// file cannot be read.
  bool knows_role(const Scope& scope);

  const Paths& paths() const { return paths_; }

 protected:
  /// The file at `path`. An error when it cannot be read.
  virtual ReadFile file_at(const std::string& path) = 0;
  /// Called when `path` does not exist, so that the derived class need not keep it.
  virtual void forget_file(const std::string& path) = 0;
  /// The number of files that the derived class keeps.
  virtual std::size_t count_files() const = 0;

  const std::string& global_file() const { return global_file_; }
  const std::string& slots_file() const { return slots_file_; }
  std::string path_of(const std::string& workspace) const;

 private:
  struct Answer {
    std::shared_ptr<const ParsedFile> workspace;
    std::shared_ptr<const ParsedFile> global;
    std::shared_ptr<const ParsedFile> slots;
    EffectiveAuth auth;
  };

  ReadFile load_workspace(const std::string& name);
  ReadFile load_slots();
  Result<LayerAuth> layer_in_file(const Scope& scope);
  Error unknown_workspace(const std::string& name);
  std::vector<ScopeEntry> entries_of(const Scope& workspace, const ReadFile& file) const;
  Result<EffectiveAuth> effective(const Scope& scope, const std::shared_ptr<const ParsedFile>& workspace,
                                  const ReadFile& global);

  Paths paths_;
  std::string global_file_;  // built once: a probe has no time to build paths
  std::string slots_file_;
  std::string workspaces_prefix_;
  std::map<Scope, Answer> answers_;
};

/// The configuration on the disk, read at each query: for work on another thread, and for tests. The parsed contents
/// are cached while a file is unchanged (device, inode, size, times), so a query of unchanged files costs two stat
/// calls. The next query detects a file that was replaced, edited, created or deleted. Blocking. Not thread-safe: one
/// thread at a time.
class ConfigurationOnDisk final : public Contents {
 public:
  using Contents::Contents;

  Result<WorkspaceFiles> workspace_files() const override;

 private:
  ReadFile file_at(const std::string& path) override;
  void forget_file(const std::string& path) override;
  std::size_t count_files() const override { return files_.size(); }

  std::map<std::string, std::shared_ptr<const ParsedFile>> files_;
};

/// The workspaces with a file in `paths.workspaces_dir()`. Errors: config_unreadable. Blocking; any thread.
Result<WorkspaceFiles> list_workspace_files(const Paths& paths);

/// The file of a scope's own layer below `paths`, whether it exists or not.
std::filesystem::path file_of(const Scope& scope, const Paths& paths);

/// The recorded identity of a source (`recorded_reference`), equal for equal sources: `secrets::reference_of`, with the
/// canonical spelling of a file and a digest of a command. A layer's source has the spelling of its file, so use this
/// to compare sources.
std::string reference_of(secrets::CredentialSource source, const Paths& paths);

}  // namespace jackin::config
