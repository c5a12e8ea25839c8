// SPDX-License-Identifier: Apache-2.0
#include "daemon/desktop/service_manager.hpp"

namespace jackin {

// launchd takes a process that runs for one that is ready, and has no watchdog.
std::unique_ptr<ServiceManager> system_service_manager(const Environment&) {
  return no_service_manager();
}

}  // namespace jackin
