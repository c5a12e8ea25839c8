// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "client/cli/command_context.hpp"
#include "client/terminal/json.hpp"
#include "common/dates.hpp"
#include "common/result.hpp"
#include "jackin/v1/daemon.pb.h"

namespace jackin::client {

/// The daemon's status for `--format json`.
Json daemon_json(const v1::StatusReply& status);

/// The daemon's status as text.
std::string daemon_text(const v1::StatusReply& status, Moment now);

/// A running operation as one line of text.
std::string operation_text(const v1::Operation& operation, Moment now);

/// Stops the daemon (`stop_daemon`) and prints the operations and calls that it waits for. With Format::json it only
/// reports an end by a signal.
Result<int> end_daemon(Format format, const CommandContext& cli);

/// `jackinctl daemon install` and `uninstall`, by the service manager of this system (`ServiceInstaller`). Checks
/// afterwards whether the daemon answers. Returns the exit code.
int install_service(Format format, const CommandContext& cli);
int uninstall_service(Format format, const CommandContext& cli);

}  // namespace jackin::client
