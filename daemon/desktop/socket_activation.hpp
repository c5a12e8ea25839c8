// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "common/os/descriptor.hpp"

namespace jackin::desktop {

/// The listening Unix sockets that systemd (LISTEN_FDS, sd_listen_fds(3)) or launchd (`Listeners` in the plist's
/// `Sockets`, launch_activate_socket(3)) handed to this process; none when it was not started so. They are made
/// close-on-exec, and the variables are removed, so that no child takes them for its own. Anything else that was handed
/// over is closed. Call once, in main, before other threads and before harden_process, which must keep them.
std::vector<os::Descriptor> inherited_sockets();

/// Whether `descriptor` is a Unix stream socket that listens.
bool is_listening_unix_socket(int descriptor);

}  // namespace jackin::desktop
