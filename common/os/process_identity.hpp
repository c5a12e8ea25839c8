// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace jackin {

/// A process as it is known to the system. `start_time` (clock ticks or microseconds since boot/epoch, opaque) tells a
/// pid that was used again.
struct ProcessIdentity {
  pid_t pid = 0;
  std::uint64_t start_time = 0;
  std::string command;  ///< The command's name, `printable()`; may be empty.
};

/// What runs under `pid` now; nothing when there is no such process.
std::optional<ProcessIdentity> identify_process(pid_t pid);

/// A text that differs after each boot (random(4), "boot_id"; kern.bootsessionuuid on macOS). A start time identifies a
/// process only together with it. Empty when the system does not say.
std::string boot_id();

}  // namespace jackin
