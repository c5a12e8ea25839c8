// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>

#include "common/os/descriptor.hpp"
#include "daemon/async/clock.hpp"
#include "daemon/desktop/session_events.hpp"

namespace jackin::desktop {

/// The sources of session events on Linux.
struct LogindSources {
  std::string system_bus;                   ///< A D-Bus address.
  uid_t user = 0;                           ///< The user whose sessions count.
  os::Descriptor clock_jumps;               ///< `wall_clock_jumps`; may be none.
  std::function<Clock::Duration()> asleep;  ///< `time_asleep`
};

/// Session events from logind (org.freedesktop.login1(5)) and, for a resume, from the kernel. It reconnects to a lost
/// bus up to three times within about ten minutes. It does not retry a bus that never existed.
std::unique_ptr<SessionEvents> logind_events(asio::any_io_executor executor, Clock& clock, LogindSources sources);

}  // namespace jackin::desktop
