// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "common/environment.hpp"
#include "daemon/async/timed_calls.hpp"
#include "daemon/process/program_runner.hpp"
#include "daemon/secrets/resolver.hpp"

namespace jackin::secrets {

/// The token in the configuration itself. Never fails but for what is no secret.
std::unique_ptr<SourceResolver> literal_resolver();

/// A variable of `daemon`, the daemon's own environment. source_gone when it is not set: a daemon's environment does
/// not change while it lives. `is_service`: that environment is the service manager's, which no shell of the user's
/// reaches.
std::unique_ptr<SourceResolver> env_resolver(Environment daemon, bool is_service);

/// A file that is the user's alone, below `home` when its path begins with `~/`. timed_out when the file system does
/// not answer. `files` must outlive it.
std::unique_ptr<SourceResolver> file_resolver(std::filesystem::path home, async::TimedCalls& files);

/// A program, looked up on the asking client's PATH, else on the daemon's, run without a shell, with HOME, PATH, LANG,
/// LC_ALL, XDG_RUNTIME_DIR and DBUS_SESSION_BUS_ADDRESS only, for at most 30 s. Its stdout is the secret; what it says
/// on stderr goes into the error, printable. Might ask the user something: nobody knows what it does.
std::unique_ptr<SourceResolver> command_resolver(Environment daemon, ProgramRunner& programs);

}  // namespace jackin::secrets
