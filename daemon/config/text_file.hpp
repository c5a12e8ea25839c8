// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "common/error.hpp"
#include "common/os/ownership.hpp"
#include "common/paths.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace jackin::config {

/// Identifies one state of a file at a path (links followed).
struct FileStamp {
  bool exists = false;
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  std::int64_t modified = 0;  ///< Nanoseconds.
  std::int64_t changed = 0;   ///< Nanoseconds; of the inode.
  mode_t mode = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;

  /// Whether users other than the owner may read the file.
  bool readable_by_others() const { return exists && (mode & 077) != 0; }
};

/// A file's text and its state when it was read.
struct TextFile {
  Secret text;  ///< May hold a token.
  FileStamp stamp;
  os::Ownership ownership;  ///< The ownership of the file that was read.
  /// Whether the stamp alone detects any later change. False when the file changed just before the read: a later change
  /// could then have the same times. The kernel's file times have a resolution of some milliseconds.
  bool settled = false;
};

/// The name of a configuration file in messages: "config.toml", "workspaces/my-app.toml".
std::string name_of(const std::filesystem::path& file, const Paths& paths);

/// The error message for the workspace `name`, whose `file` does not exist.
std::string no_workspace(const std::string& name, const std::filesystem::path& file, const Paths& paths);

/// The error timed_out: `what` cannot be read since the path `at` is on a file system that does not answer.
Error does_not_answer(std::string_view what, const std::filesystem::path& at);

/// The present state of `file`; `exists` is false when it does not exist (`is_there`). config_unreadable when the
/// system call fails. `paths` is for the name in the message. Blocking: one system call when the file exists.
Result<FileStamp> stamp_of(const std::string& file, const Paths& paths);

/// Reads all of `file`: a regular file of at most 4 MiB, links followed. A file that does not exist (`is_there`) is no
/// error: the text is empty and `stamp.exists` is false. config_unreadable otherwise, including a link without a
/// target. Blocking.
Result<TextFile> read_text_file(const std::filesystem::path& file, const std::string& name);

/// Why another user could have written a configuration file as it was read (`as_read`). It checks the file itself, the
/// configuration folder, the file's folder, and the folders of a link's target. The daemon does not accept a command,
/// or a server that receives a token, from such a file. Blocking: may query the group database.
std::optional<os::Danger> danger_to(const std::filesystem::path& file, const os::Ownership& as_read,
                                    const Paths& paths);

/// The source_denied error with `what` ("the command in workspaces/my-app.toml is not run"), the reason and the remedy.
Error refused(const std::string& what, const os::Danger& danger);

}  // namespace jackin::config
