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

/// A log of three files of at most 1 MiB: jackind.log, jackind.1.log and jackind.2.log, 0600 in a folder 0700. When
/// jackind.log was removed or replaced, the next write creates it again. Not thread-safe. Blocking, for a few system
/// calls on local files.
class LogFile {
 public:
  static constexpr std::size_t most_bytes = 1024 * 1024;

  /// Creates missing folders, but never `home`. Removes wider permissions from existing files. Errors:
  /// permission_denied (also when jackind.log is a link, not a regular file, or another user's), io_failed, disk_full.
  static Result<LogFile> open(std::filesystem::path folder, std::filesystem::path home);

  /// Appends a line. A line that cannot be written is lost: a full disk must not end the daemon.
  void write(std::string_view line);

  /// Creates the file again if it was removed or replaced, without waiting for the next line.
  void keep_in_place();

  /// How often the file was created again because it was removed or replaced.
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
  bool is_rotated_ = false;  ///< The file was renamed, and the next file could not be created.
  int times_begun_anew_ = 0;
};

}  // namespace jackin::os
