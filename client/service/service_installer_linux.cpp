// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "client/service/service_installer.hpp"

namespace jackin::client {

std::unique_ptr<ServiceInstaller> service_installer(Environment environment) {
  return unit_installer(std::move(environment));
}

}  // namespace jackin::client
