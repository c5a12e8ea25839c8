// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <variant>

#include "common/os/daemon_record.hpp"
#include "common/os/descriptor.hpp"
#include "common/paths.hpp"
#include "common/result.hpp"

namespace jackin::ipc {

/// Another daemon has the lock, and listens.
struct DaemonRunsAlready {
  DaemonRecord record;  ///< pid 0 when its record cannot be read.
};

/// One daemon per state folder: a flock(2) on `Paths::daemon_lock()`, held as long as the daemon lives, with a record
/// of who holds it. A second lock beside it is held only while a daemon starts, so that whoever finds the first one
/// taken knows that its holder listens already. Blocking; for main, before there are threads.
class DaemonLock {
 public:
  /// Takes the lock for the daemon that `record` describes, or tells who has it. Waits, at most `limit`, for another
  /// daemon that is just starting or ending. Errors: timed_out (one has been starting or ending for so long),
  /// permission_denied, io_failed, disk_full.
  static Result<std::variant<DaemonLock, DaemonRunsAlready>> take(
      const Paths& paths, DaemonRecord record, std::chrono::seconds limit = std::chrono::seconds(60));

  /// Also takes the lock of earlier versions, in jackin's folder, if a jackind ever was there: none of theirs shall
  /// work on the same tokens, and their clients find this daemon by it. One that holds it is told to end (SIGTERM) and
  /// waited for, at most `limit`. False when there is none, and when a jackind of this version, with another state
  /// folder, has it: then what lies there is that one's. Errors: timed_out, permission_denied, io_failed.
  Result<bool> take_earlier(const Paths& paths, std::chrono::seconds limit = std::chrono::seconds(60));

  /// This daemon listens on `socket`: clients and others that start learn so.
  void listening(const std::filesystem::path& socket);
  /// This daemon ends: others that start wait for the lock.
  void stopping();

  /// Whether the file that is locked is still the one at its path; when it is gone or was replaced, the one there now
  /// is taken, with the folder made anew if the home folder is there. False when another daemon has that one: then this
  /// one must end. Errors: permission_denied, io_failed, disk_full.
  Result<bool> keep();

  const DaemonRecord& record() const { return record_; }

 private:
  DaemonLock(const Paths& paths, os::Descriptor starting, os::Descriptor lock, DaemonRecord record);

  std::filesystem::path path_;
  std::filesystem::path home_;
  os::Descriptor starting_;
  os::Descriptor lock_;
  os::Descriptor earlier_;  ///< Not open when there is none.
  DaemonRecord record_;
};

}  // namespace jackin::ipc
