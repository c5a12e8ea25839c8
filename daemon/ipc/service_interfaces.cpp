// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/service_interfaces.hpp"

namespace jackin::ipc {

DaemonInterface::~DaemonInterface() = default;
TokensInterface::~TokensInterface() = default;
HealthInterface::~HealthInterface() = default;
LaunchInterface::~LaunchInterface() = default;
StoresInterface::~StoresInterface() = default;

}  // namespace jackin::ipc
