// SPDX-License-Identifier: Apache-2.0
#include "client/service/service_installer.hpp"

#include <utility>

namespace jackin::client {

std::unique_ptr<ServiceInstaller> service_installer(Environment environment) {
#ifdef __APPLE__
  return launch_agent_installer(std::move(environment));
#else
  return unit_installer(std::move(environment));
#endif
}

}  // namespace jackin::client
