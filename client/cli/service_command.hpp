// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/cli/command_context.hpp"
#include "client/terminal/json.hpp"

namespace jackin::client {

/// `jackinctl daemon install` and `uninstall`, by the service manager of this system (`ServiceInstaller`). Checks
/// afterwards whether the daemon answers. Returns the exit code.
int install_service(Format format, const CommandContext& cli);
int uninstall_service(Format format, const CommandContext& cli);

}  // namespace jackin::client
