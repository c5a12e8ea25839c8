// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/cli/command_context.hpp"
#include "client/terminal/json.hpp"

namespace jackin::client {

/// `jackinctl daemon install` and `uninstall`: with the service manager of this system (`ServiceInstaller`), and asked
/// afterwards whether the daemon answers. The exit code.
int install_service(Format format, const CommandContext& cli);
int uninstall_service(Format format, const CommandContext& cli);

}  // namespace jackin::client
