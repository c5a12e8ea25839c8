// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string_view>
#include <utility>

#include "common/os/descriptor.hpp"
#include "common/result.hpp"

namespace jackin::os {

/// A log of three files of at most 1 MiB: jackind.log, jackind.1.log and jackind.2.log, 0600 in a folder 0700. A
/// jackind.log that is gone from its path, or is another file, is begun anew by the next write. Not thread-safe.
/// Blocking, for a few system calls on local files.
class LogFile {
 public:
  static constexpr std::size_t most_bytes = 1024 * 1024;

  /// Makes what is missing of the folder, but never `home`. Files that are there already lose wider permissions.
  /// Errors: permission_denied (also when jackind.log is a link, no regular file, or another user's), io_failed,
  /// disk_full.
  static Result<LogFile> open(std::filesystem::path folder, std::filesystem::path home);

  /// Appends a line. What the disk refuses is lost: a full disk must not end the daemon.
  void write(std::string_view line);

  /// Begins the file anew if it is gone or replaced, without waiting for the next line.
  void keep_in_place();

  /// How often the file was begun anew because it was gone or replaced.
  int times_begun_anew() const { return times_begun_anew_; }

 private:
  LogFile(std::filesystem::path folder, std::filesystem::path home)
      : folder_(std::move(folder)), home_(std::move(home)) {}
  std::filesystem::path name_of(int number) const;
  Result<> begin();
  bool is_in_place() const;
  void rotate();

  std::filesystem::path folder_;
  std::filesystem::path home_;
  Descriptor file_;
  bool is_rotated_ = false;  ///< Renamed, and the next file could not be begun.
  int times_begun_anew_ = 0;
};

}  // namespace jackin::os
