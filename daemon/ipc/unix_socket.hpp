#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <optional>

#include "common/result.hpp"
#include "daemon/platform/files.hpp"

namespace jackin::ipc {

/// A Unix stream socket that listens, and its file. The file is removed at the end if it still is this one's, and never
/// when the socket was made by somebody else.
class ListeningSocket {
 public:
  /// Makes the socket, 0600, in a folder that is this user's alone (made when missing). A stale file in its place is
  /// replaced: call this only while the daemon lock is held. Errors: invalid_argument (the path is too long for a
  /// socket), permission_denied (the folder or what stands in the place is not ours; a link), io_failed.
  static Result<ListeningSocket> create(const std::filesystem::path& path);

  /// Takes one that already listens: handed over by systemd or launchd. Errors: invalid_argument (not a listening Unix
  /// stream socket).
  static Result<ListeningSocket> adopt(platform::Descriptor listening);

  ListeningSocket(ListeningSocket&&) noexcept = default;
  ListeningSocket& operator=(ListeningSocket&&) = delete;
  ~ListeningSocket();

  int descriptor() const { return descriptor_.get(); }

  /// The next connection that waits; nothing when none does. Not inherited by children, does not block. Errors:
  /// io_failed (no descriptor left).
  Result<std::optional<platform::Descriptor>> accept() const;

 private:
  ListeningSocket(platform::Descriptor descriptor, std::filesystem::path path, dev_t device, ino_t inode);

  platform::Descriptor descriptor_;
  std::filesystem::path path_;  ///< Empty: not ours to remove.
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace jackin::ipc
