// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "common/os/descriptor.hpp"

namespace jackin::desktop {

/// The listening Unix sockets that systemd (LISTEN_FDS, sd_listen_fds(3)) or launchd (`Listeners` in the plist's
/// `Sockets`, launch_activate_socket(3)) passed to this process; empty when it was started in another way. Sets
/// close-on-exec and removes the variables, so that no child uses them. Closes every other descriptor that was passed.
/// Call once, in main, before other threads and before harden_process, which must keep the sockets.
std::vector<os::Descriptor> inherited_sockets();

/// Whether `descriptor` is a Unix stream socket that listens.
bool is_listening_unix_socket(int descriptor);

}  // namespace jackin::desktop
