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

/// Ensures one daemon per state folder: a flock(2) on `Paths::daemon_lock()`, held as long as the daemon runs, with a
/// record of its holder. A daemon also holds a second lock while it starts. A process that finds the first lock taken
/// therefore knows that its holder already listens. Blocking; for main, before there are threads.
class DaemonLock {
 public:
  /// Takes the lock for the daemon that `record` describes, or returns its holder. Waits at most `limit` for another
  /// daemon that is starting or ending. Errors: timed_out (one has been starting or ending for so long),
  /// permission_denied, io_failed, disk_full.
  static Result<std::variant<DaemonLock, DaemonRunsAlready>> take(
      const Paths& paths, DaemonRecord record, std::chrono::seconds limit = std::chrono::seconds(60));

  /// Also takes the lock of earlier versions, in jackin's folder, if a jackind was ever there. This keeps earlier
  /// versions from working on the same tokens, and their clients find this daemon through it. A daemon of an earlier
  /// version that holds it gets SIGTERM; this waits at most `limit` for its end. False when there is no such lock.
  /// Also false when a jackind of this version with another state folder holds it: that one owns the folder's content.
  /// Errors: timed_out, permission_denied, io_failed.
  Result<bool> take_earlier(const Paths& paths, std::chrono::seconds limit = std::chrono::seconds(60));

  /// Records that this daemon listens on `socket`, for clients and for daemons that start.
  void listening(const std::filesystem::path& socket);
  /// Records that this daemon ends, so that a daemon that starts waits for the lock.
  void stopping();

  /// Checks that the locked file is still the one at its path. If it was deleted or replaced, takes the lock on the
  /// file there now, and creates the folder if the home folder exists. False when another daemon holds that lock: then
  /// this daemon must end. Errors: permission_denied, io_failed, disk_full.
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
