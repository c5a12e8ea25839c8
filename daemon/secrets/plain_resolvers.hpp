// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "common/environment.hpp"
#include "daemon/async/timed_calls.hpp"
#include "daemon/process/program_runner.hpp"
#include "daemon/secrets/resolver.hpp"

namespace jackin::secrets {

/// The token in the configuration itself. Fails only for a text that is not a secret.
std::unique_ptr<SourceResolver> literal_resolver();

/// A variable of `daemon`, the daemon's own environment. source_gone when it is not set: a daemon's environment does
/// not change while it runs. `is_service`: the service manager set that environment, and a user's shell cannot change
/// it.
std::unique_ptr<SourceResolver> env_resolver(Environment daemon, bool is_service);

/// A variable of the environment that a launch is started in (`ResolveContext::variable`). source_unreachable when it
/// is not set.
std::unique_ptr<SourceResolver> client_env_resolver();

/// A private file of the user, below `home` when its path begins with `~/`. timed_out when the file system does not
/// answer. `files` must outlive it.
std::unique_ptr<SourceResolver> file_resolver(std::filesystem::path home, async::TimedCalls& files);

/// A program, found on the asking client's PATH, else on the daemon's, and run without a shell. It gets HOME, PATH,
/// LANG, LC_ALL, XDG_RUNTIME_DIR and DBUS_SESSION_BUS_ADDRESS only, and runs for at most 30 s. Its stdout is the
/// secret; its stderr goes into the error, printable. It may prompt the user: the daemon cannot know what the program
/// does.
std::unique_ptr<SourceResolver> command_resolver(Environment daemon, ProgramRunner& programs);

}  // namespace jackin::secrets
