// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/contents.hpp"
#include "daemon/config/file_reader.hpp"

namespace jackin::config {

/// jackin's present configuration, for the event loop. Each query first reads the scope's files on another thread
/// (`FileReader`). So no file delays an answer about another one, and a query sees every earlier edit. Parsed contents
/// are cached while a file is unchanged. Read only; `writer.hpp` writes.
///
/// A file that does not answer causes the error timed_out, which names the path. The file's contents are unknown then.
/// The waits are short and cannot be cancelled. Daemon's thread. `clock` must outlive it; destroy it before the
/// io_context.
class Configuration {
 public:
  /// The longest wait of a probe for one file.
  static constexpr std::chrono::milliseconds quick{250};
  /// The longest wait of an operation or a launch for one file: neither can continue without it.
  static constexpr std::chrono::seconds patient{5};

  Configuration(const Paths& paths, Clock& clock) : Configuration(paths, clock, FileCalls::of_system(paths)) {}
  Configuration(const Paths& paths, Clock& clock, FileCalls calls);
  ~Configuration();
  Configuration(const Configuration&) = delete;
  Configuration& operator=(const Configuration&) = delete;

  /// Sets the function to call when a file that did not answer has answered.
  void on_answering_again(std::function<void()> changed);

  /// The queries of `Contents`, for the current files.
  Task<EffectiveAuth> effective(Scope scope, Clock::Duration limit = quick);
  Task<LayerAuth> layer(Scope scope);
  Task<WorkspaceFiles> workspace_files();

  /// Reads config.toml, jackind-slots.toml and the files of these workspaces. Then `last_read` has their state: until
  /// the next suspension of the caller, at least.
  asio::awaitable<void> read(std::vector<std::string> workspaces, Clock::Duration limit = quick);
  /// The contents of the last read. Contains only files that `read` or a query has read; any other file counts as
  /// missing.
  Contents& last_read();
  /// How often a read found config.toml or jackind-slots.toml with a different size, time or inode than before.
  std::size_t global_changes() const;

  /// `danger_to` (text_file.hpp) on another thread. Errors: timed_out.
  Task<std::optional<os::Danger>> danger_to(std::filesystem::path file, os::Ownership as_read);

  std::filesystem::path file_of(const Scope& scope) const { return config::file_of(scope, paths()); }
  std::string reference_of(secrets::CredentialSource source) const {
    return config::reference_of(std::move(source), paths());
  }
  const Paths& paths() const;

 private:
  class LastRead;

  // Reads the files of `scope`. If there is none, it also lists the workspaces, because the error names similar ones.
  asio::awaitable<void> read_files_of(const Scope& scope, Clock::Duration limit);

  std::unique_ptr<LastRead> last_read_;
  std::function<void()> changed_;
  FileReader reader_;
};

/// Reads the files, then calls `visit` with the empty name, which means config.toml, and with each workspace's name in
/// order. The workspaces that are only in config.toml are last. `configuration.last_read` has the contents. It runs in
/// turns of the event loop (`async::Slices`), so that the daemon answers probes between two visits.
///
/// The names are those at the start. A visit finds its workspace's state, roles included, as it was shortly before, so
/// no workspace mixes two states. A workspace that was deleted since is visited and is missing. A workspace that was
/// added since is skipped. For a file that does not answer, `last_read` has the error. config.toml may change
/// between two visits: `global_changes` detects it. Errors: config_unreadable and timed_out, before any visit;
/// cancelled.
Task<> each_workspace(Configuration& configuration, std::function<void(const std::string& workspace)> visit);

}  // namespace jackin::config
