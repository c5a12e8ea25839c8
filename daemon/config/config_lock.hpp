// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "common/os/descriptor.hpp"
#include "common/paths.hpp"
#include "common/result.hpp"

namespace jackin::config {

/// How long jackin itself waits for its lock.
inline constexpr std::chrono::milliseconds lock_wait{5000};

/// jackin's own lock on its configuration: flock(2) on `config.lock` in the configuration folder, which contains the
/// holder's pid. Held from `acquire` until the object is destroyed; hold it only while writing. Movable.
class ConfigLock {
 public:
  /// Takes the lock, waiting at most `patience`. Creates the configuration folder (0700) and the file (0600) if they
  /// are missing. Sets the mode of a file of this user that other users can open to 0600. Blocking: never on the
  /// daemon's thread. Errors: config_locked, naming the holder's pid and command; permission_denied, disk_full,
  /// io_failed.
  static Result<ConfigLock> acquire(const Paths& paths, std::chrono::milliseconds lock_limit = lock_wait);

  ConfigLock(ConfigLock&&) noexcept = default;
  ConfigLock& operator=(ConfigLock&&) noexcept = default;
  ~ConfigLock();

 private:
  explicit ConfigLock(os::Descriptor fd) : fd_(std::move(fd)) {}

  os::Descriptor fd_;
};

}  // namespace jackin::config
