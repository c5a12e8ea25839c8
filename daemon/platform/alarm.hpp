#pragma once

#include "common/result.hpp"
#include "daemon/platform/clock.hpp"
#include "daemon/platform/files.hpp"

namespace jackin::platform {

/// Time since boot, suspend included: CLOCK_BOOTTIME on Linux, continuous time on macOS.
Clock::Duration time_since_boot();

/// A descriptor that becomes readable when `time_since_boot()` reaches `when`, also when that was during suspend.
/// Errors: io_failed (no descriptor left).
Result<Descriptor> alarm_at(Clock::Duration when);

}  // namespace jackin::platform
