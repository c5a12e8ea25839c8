// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/os/ownership.hpp"
#include "common/paths.hpp"
#include "common/presence.hpp"
#include "common/result.hpp"
#include "daemon/async/clock.hpp"
#include "daemon/async/task.hpp"
#include "daemon/async/timed_calls.hpp"
#include "daemon/config/parsed_file.hpp"

namespace jackin::config {

/// The blocking calls of a read, which tests replace. Called on other threads, possibly after FileReader is destroyed.
struct FileCalls {
  /// The target of the link at a path, as written; nothing when the path is no link.
  std::function<std::optional<std::string>(const std::string& path)> target_of;
  std::function<ReadFile(const std::string& path, const Paths&, std::shared_ptr<const ParsedFile> known)> read;
  std::function<Result<WorkspaceFiles>(const Paths&)> list;
  std::function<std::string(const std::string& path)> mount_of;  ///< `os::separate_mounts`

  static FileCalls of_system(const Paths& paths);
};

/// Reads configuration files on other threads: a file, the target of a link or the folder can be on a mount whose
/// server does not answer. The caller waits for at most `limit` per file. A file that takes longer is an error:
/// timed_out, with the path that does not answer. It occupies a thread until it answers. Later reads of it fail at once
/// when it has not answered for as long as their own limit. Other files are read meanwhile.
///
/// A link is followed step by step, so that the daemon knows which folder does not answer. It then follows no other
/// link into that folder. When several files on one mount hang, it accesses no other file there. When the user replaces
/// the link, the next read follows the new target.
///
/// Daemon's thread. `clock` must outlive it. Destroy it before the io_context; the destructor waits for no thread.
class FileReader {
 public:
  /// `answers_again` is called when a file or folder that did not answer has answered.
  FileReader(const Paths& paths, Clock& clock, std::function<void()> answers_again, FileCalls calls);
  ~FileReader();
  FileReader(const FileReader&) = delete;
  FileReader& operator=(const FileReader&) = delete;

  struct Wanted {
    std::string path;
    std::shared_ptr<const ParsedFile> known;  ///< The contents as last read; may be null.
  };
  struct Seen {
    ReadFile read;
    std::uint64_t order = 0;  ///< A later read has a higher number and no older content.
  };

  /// Reads the files, in order. Every read begins after the call, so it sees what was written before the call. Not
  /// cancellable. Errors of a file: those of `read_parsed_file`; timed_out.
  asio::awaitable<std::vector<Seen>> read(std::vector<Wanted> files, Clock::Duration limit);

  /// Lists the workspaces. Errors: config_unreadable, timed_out.
  Task<WorkspaceFiles> list(Clock::Duration limit);

  /// `danger_to` (text_file.hpp), with the limit of TimedCalls. Errors: timed_out.
  Task<std::optional<os::Danger>> danger_to(std::filesystem::path file, os::Ownership as_read);

 private:
  /// A path at which a thread hangs.
  struct Hang {
    std::string path;
    std::string group;
    Clock::Duration since{};
  };
  struct Progress;
  struct Walk;

  std::string next_key();
  void mark(const std::string& key, const std::string& path, Clock::Duration limit);
  void returned(const std::string& key);
  Walk walk(std::shared_ptr<Progress> progress, Clock::Duration limit) const;

  std::shared_ptr<const Paths> paths_;
  std::shared_ptr<const FileCalls> calls_;
  Clock& clock_;
  std::function<void()> answers_again_;
  std::uint64_t count_ = 0;
  std::map<std::string, Hang> hanging_;  // by the key of the call
  async::TimedCalls threads_;
};

}  // namespace jackin::config
