// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace jackin::test {

/// Changes to an unprivileged user when this process runs as root.
void drop_privileges();

/// Gives a folder and its content to the user of `drop_privileges`.
void give_away(const std::string& path);

/// A process that holds jackin's lock until it is released.
class LockHolder {
 public:
  /// Returns when the lock is held. With `write_pid` its pid is written into the file.
  explicit LockHolder(const std::string& lock, bool write_pid = true);
  ~LockHolder();
  LockHolder(const LockHolder&) = delete;
  LockHolder& operator=(const LockHolder&) = delete;

  int pid() const { return pid_; }
  /// Ends the process, which releases the lock.
  void release();

 private:
  int pid_ = -1;
  int keep_ = -1;
};

}  // namespace jackin::test
