// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "common/log_place.hpp"

namespace jackin {

/// The record in a daemon's lock file: its process and its socket. The record remains after the daemon has exited.
struct DaemonRecord {
  pid_t pid = 0;
  std::uint64_t start_time = 0;  ///< `ProcessIdentity::start_time`; 0 when the daemon did not record it.
  std::string boot_id;
  std::string version;
  std::string socket;  ///< The result of getsockname(2); empty until the daemon listens.
  std::string config_dir;
  std::optional<LogPlace> log;  ///< Nothing when the daemon did not record it.
  bool stopping = false;        ///< It is stopping. A client that needs a daemon waits for the lock.

  friend bool operator==(const DaemonRecord&, const DaemonRecord&) = default;
};

std::string format_daemon_record(const DaemonRecord& record);
/// Parses a record. Nothing for any other text, or for a partial record.
std::optional<DaemonRecord> parse_daemon_record(std::string_view text);

/// Returns the record in the file `lock`, if it can be trusted. It must be a regular file of this user in a folder of
/// this user. No other user may be able to write the file or the folder. Takes no lock, because a daemon that starts
/// while a reader holds the lock would give up. Blocking, but not on a FIFO.
std::optional<DaemonRecord> read_daemon_record(const std::filesystem::path& lock);

/// Whether the daemon that wrote the record still runs. Compares pid, start time and boot.
bool is_running(const DaemonRecord& record);

}  // namespace jackin
