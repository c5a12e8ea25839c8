// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "common/environment.hpp"
#include "common/paths.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// What a service manager has to know of jackind.
struct ServiceDescription {
  std::filesystem::path program;  ///< jackind, absolute.
  Environment overrides;          ///< The variables that name a folder which the service would not find by HOME alone.
  Paths paths;                    ///< Where this user's jackind has its folders.
  Paths by_home;                  ///< Where a process with HOME and nothing else looks for them.
};

/// The description for the jackind beside this program, as the user's environment has it. Errors: program_missing,
/// those of `find_paths`; invalid_argument when a path holds what no unit and no plist can: control characters, bytes
/// that are no UTF-8, quotes and backslashes (systemd refuses those in a program's path).
Result<ServiceDescription> describe_service(const Environment& environment, const std::filesystem::path& program_dir);

/// The files, from the templates in systemd/ and launchd/ (systemd.unit(5), systemd.service(5), systemd.socket(5),
/// launchd.plist(5)), each signed: a comment in it says who wrote it and holds a checksum of the rest.
std::string service_unit(const ServiceDescription& service);
std::string socket_unit(const ServiceDescription& service);
std::string launch_agent(const ServiceDescription& service);

/// Whether `text` is what `jackinctl daemon install`, of any version, has written, unchanged since.
bool is_signed(std::string_view text);

/// Whether a unit starts the same program, or listens at the same place, as the one of ours: compared by the lines that
/// say so.
bool has_same_line(std::string_view unit, std::string_view ours, std::string_view key);

}  // namespace jackin::client
