#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>

// Where operating systems differ, for the link.
namespace jackin::client {

/// The uid of the process that listens at the other end of a connected Unix socket: SO_PEERCRED on Linux, getpeereid on
/// macOS. Nothing when the system does not say.
std::optional<uid_t> peer_uid(int socket);

/// Waits until a process has ended, as it may be no child of this one; false when it still runs after `limit`.
bool wait_for_process_end(pid_t pid, std::chrono::milliseconds limit);

}  // namespace jackin::client
