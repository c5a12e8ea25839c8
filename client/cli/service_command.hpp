#pragma once

#include "client/cli/surroundings.hpp"
#include "client/view/json.hpp"

namespace jackin::client {

/// `jackinctl daemon install` and `uninstall`: with the service manager of this system (`ServiceInstaller`), and asked
/// afterwards whether the daemon answers. The exit code.
int install_service(Format format, const Surroundings& around);
int uninstall_service(Format format, const Surroundings& around);

}  // namespace jackin::client
