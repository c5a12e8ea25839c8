// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/os/descriptor.hpp"
#include "common/result.hpp"
#include "daemon/async/clock.hpp"

namespace jackin::async {

/// Time since boot, suspend included: CLOCK_BOOTTIME on Linux, continuous time on macOS.
Clock::Duration time_since_boot();

/// Returns a descriptor that becomes readable when `time_since_boot()` reaches `when`, including during suspend.
/// Errors: io_failed (no descriptor left).
Result<os::Descriptor> alarm_at(Clock::Duration when);

}  // namespace jackin::async
