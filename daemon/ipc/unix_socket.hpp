// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <utility>

#include "common/os/descriptor.hpp"
#include "common/result.hpp"

namespace jackin::ipc {

/// A Unix stream socket that listens, and its file. The file is removed at the end if it still is this one's, and never
/// when the socket was made by somebody else.
class ListeningSocket {
 public:
  /// Makes the socket, 0600, in a folder that is this user's alone (made when missing, but never `home`). A stale file
  /// in its place is replaced: call this only while the daemon lock is held. Errors: invalid_argument (the path is too
  /// long for a socket), permission_denied (the folder or what stands in the place is not ours; a link), io_failed.
  static Result<ListeningSocket> create(const std::filesystem::path& path, const std::filesystem::path& home = {});

  /// Takes one that already listens: handed over by systemd or launchd. Errors: invalid_argument (not a listening Unix
  /// stream socket).
  static Result<ListeningSocket> adopt(os::Descriptor listening);

  ListeningSocket(ListeningSocket&&) noexcept = default;
  ListeningSocket& operator=(ListeningSocket&&) = delete;
  ~ListeningSocket();

  int descriptor() const { return descriptor_.get(); }
  /// Where it listens: what getsockname(2) says. Empty for one without a file.
  const std::filesystem::path& path() const { return path_; }
  /// Whether its file is still there: without it no client can connect. True for one without a file.
  bool is_in_place() const;

  /// The next connection that waits; nothing when none does. Not inherited by children, does not block. Errors:
  /// io_failed (no descriptor left).
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
  bool is_ours_ = false;  ///< To remove.
};

}  // namespace jackin::ipc
