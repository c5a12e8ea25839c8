// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>

namespace jackin::client {

/// A process that is not ours to reap, held by what the system offers to wait for its end (pidfd, kqueue): taken before
/// the process is told to end, it never waits for another one with the same pid.
class ProcessEnd {
 public:
  explicit ProcessEnd(pid_t pid);
  ProcessEnd(const ProcessEnd&) = delete;
  ProcessEnd& operator=(const ProcessEnd&) = delete;
  ~ProcessEnd();

  /// Waits until the process has ended, at most `limit`; whether it has. A process that was gone already has ended.
  bool wait(std::chrono::milliseconds limit);

 private:
  int watch_ = -1;
};

}  // namespace jackin::client
