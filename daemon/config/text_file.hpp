// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "common/os/ownership.hpp"
#include "common/paths.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace jackin::config {

/// What tells one state of a file from another, by its path (links followed).
struct FileStamp {
  bool exists = false;
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  std::int64_t modified = 0;  ///< Nanoseconds.
  std::int64_t changed = 0;   ///< Nanoseconds; of the inode.
  mode_t mode = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;

  /// Whether somebody other than the owner may read the file.
  bool readable_by_others() const { return exists && (mode & 077) != 0; }
};

/// A file's text and the state it was in.
struct TextFile {
  Secret text;  ///< May hold a token.
  FileStamp stamp;
  os::Ownership ownership;  ///< Of the file that was read.
  /// Whether the stamp alone tells any later change. False when the file changed so shortly before it was read that
  /// another change could bear the same times: the kernel's file times are some milliseconds coarse.
  bool settled = false;
};

/// How a configuration file is called in messages: "config.toml", "workspaces/my-app.toml".
std::string name_of(const std::filesystem::path& file, const Paths& paths);

/// What an error says of the workspace `name`, whose `file` does not exist.
std::string no_workspace(const std::string& name, const std::filesystem::path& file, const Paths& paths);

/// The state of `file` now; `exists` is false when there is none (`is_there`). config_unreadable when the system does
/// not say. `paths` is for the name in the message. Blocking, but one system call where the file is there.
Result<FileStamp> stamp_of(const std::string& file, const Paths& paths);

/// Reads all of `file`: a regular file of at most 4 MiB, links followed. A file that is not there (`is_there`) is no
/// error: the text is empty and `stamp.exists` false. config_unreadable otherwise, also for a link whose target is
/// away. Blocking.
Result<TextFile> read_text_file(const std::filesystem::path& file, const std::string& name);

}  // namespace jackin::config
