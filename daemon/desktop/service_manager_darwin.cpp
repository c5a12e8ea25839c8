// SPDX-License-Identifier: Apache-2.0
#include "daemon/desktop/service_manager.hpp"

namespace jackin {

// launchd treats a running process as ready and has no watchdog.
std::unique_ptr<ServiceManager> system_service_manager(const Environment&) {
  return no_service_manager();
}

}  // namespace jackin
