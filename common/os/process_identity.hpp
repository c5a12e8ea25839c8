// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace jackin {

/// The identity of a process. `start_time` (clock ticks or microseconds since boot/epoch, opaque) distinguishes
/// processes that had the same pid.
struct ProcessIdentity {
  pid_t pid = 0;
  std::uint64_t start_time = 0;
  std::string command;  ///< The command's name, `printable()`; may be empty.
};

/// Returns the process that has `pid` now; nothing when there is no such process.
std::optional<ProcessIdentity> identify_process(pid_t pid);

/// Returns a text that differs after each boot (random(4), "boot_id"; kern.bootsessionuuid on macOS). A start time
/// identifies a process only together with this text. Empty when the system does not provide it.
std::string boot_id();

}  // namespace jackin
