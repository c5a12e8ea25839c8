#pragma once

#include <sys/types.h>

#include <asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>

#include "daemon/platform/clock.hpp"
#include "daemon/platform/files.hpp"
#include "daemon/platform/session_events.hpp"

namespace jackin::platform {

/// What Linux's session events come from.
struct LogindSources {
  std::string system_bus;                   ///< A D-Bus address.
  uid_t user = 0;                           ///< Whose sessions count.
  Descriptor clock_jumps;                   ///< `wall_clock_jumps`; may be none.
  std::function<Clock::Duration()> asleep;  ///< `time_asleep`
};

/// Session events from logind (org.freedesktop.login1(5)) and, of a resume, from the kernel. A bus that is lost is
/// looked for again three times within some ten minutes; one that is not there is not.
std::unique_ptr<SessionEvents> logind_events(asio::any_io_executor executor, Clock& clock, LogindSources sources);

}  // namespace jackin::platform
