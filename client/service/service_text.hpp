// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "common/environment.hpp"
#include "common/paths.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// The facts about jackind that a service manager needs.
struct ServiceDescription {
  std::filesystem::path program;  ///< jackind, absolute.
  Environment overrides;          ///< The variables for folders that the service would not find by HOME alone.
  Paths paths;                    ///< The folders of this user's jackind.
  Paths by_home;                  ///< The folders that a process with only HOME in its environment uses.
};

/// Describes the jackind beside this program, for the user's environment. Errors: program_missing, those of
/// `find_paths`; invalid_argument when a path contains characters that units and plists cannot hold: control
/// characters, bytes that are not UTF-8, quotes and backslashes (systemd refuses those in a program's path).
Result<ServiceDescription> describe_service(const Environment& environment, const std::filesystem::path& program_dir);

/// Return the files, from the templates in systemd/ and launchd/ (systemd.unit(5), systemd.service(5),
/// systemd.socket(5), launchd.plist(5)). Each is signed: a comment in it names its author and holds a checksum of the
/// rest.
std::string service_unit(const ServiceDescription& service);
std::string socket_unit(const ServiceDescription& service);
std::string launch_agent(const ServiceDescription& service);

/// Whether any version of `jackinctl daemon install` wrote `text` and it is unchanged.
bool is_signed(std::string_view text);

/// Whether a unit starts the same program, or listens at the same place, as jackinctl's own unit. Compares the lines
/// with `key`.
bool has_same_line(std::string_view unit, std::string_view ours, std::string_view key);

}  // namespace jackin::client
