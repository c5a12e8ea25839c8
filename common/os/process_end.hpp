// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>

namespace jackin {

/// Waits for the exit of a process that is not a child of this one, by pidfd or kqueue. Created before the process
/// receives its signal, it never waits for another process with the same pid.
class ProcessEnd {
 public:
  explicit ProcessEnd(pid_t pid);
  ProcessEnd(const ProcessEnd&) = delete;
  ProcessEnd& operator=(const ProcessEnd&) = delete;
  ~ProcessEnd();

  /// Waits until the process has ended, at most `limit`. Returns whether it has ended; true for a process that was gone
  /// already.
  bool wait(std::chrono::milliseconds limit);

 private:
  int watch_ = -1;
};

}  // namespace jackin
