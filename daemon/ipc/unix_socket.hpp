// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <utility>

#include "common/os/descriptor.hpp"
#include "common/result.hpp"

namespace jackin::ipc {

/// A listening Unix stream socket and its file. The destructor removes the file if it is still this socket's. It never
/// removes the file of a socket that another process created.
class ListeningSocket {
 public:
  /// Makes the socket, 0600, in a folder that is this user's alone (made when missing, but never `home`). A stale file
  /// in its place is replaced: call this only while the daemon lock is held. Errors: invalid_argument (the path is too
  /// long for a socket), permission_denied (the folder or the existing file is not this user's, or is a link),
  /// io_failed.
  static Result<ListeningSocket> create(const std::filesystem::path& path, const std::filesystem::path& home = {});

  /// Takes a socket that already listens, from systemd or launchd. Errors: invalid_argument (not a listening Unix
  /// stream socket).
  static Result<ListeningSocket> adopt(os::Descriptor listening);

  ListeningSocket(ListeningSocket&&) noexcept = default;
  ListeningSocket& operator=(ListeningSocket&&) = delete;
  ~ListeningSocket();

  int descriptor() const { return descriptor_.get(); }
  /// The path of the socket, as getsockname(2) returns it. Empty for a socket without a file.
  const std::filesystem::path& path() const { return path_; }
  /// Whether its file still exists: without it no client can connect. True for a socket without a file.
  bool is_in_place() const;

  /// Accepts the next waiting connection; nothing when none waits. Its descriptor is non-blocking and is not inherited
  /// by child processes. Errors: io_failed (no descriptor left).
  Result<std::optional<os::Descriptor>> accept() const;

 private:
  ListeningSocket(os::Descriptor descriptor, std::filesystem::path path, const struct stat& file, bool is_ours)
      : descriptor_(std::move(descriptor)),
        path_(std::move(path)),
        device_(file.st_dev),
        inode_(file.st_ino),
        is_ours_(is_ours) {}

  os::Descriptor descriptor_;
  std::filesystem::path path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  bool is_ours_ = false;  ///< The destructor removes the file.
};

}  // namespace jackin::ipc
