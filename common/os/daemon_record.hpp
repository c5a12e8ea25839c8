// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace jackin {

/// What a daemon writes into its lock file: who holds it and where it listens. Stays there when the daemon has ended.
struct DaemonRecord {
  pid_t pid = 0;
  std::uint64_t start_time = 0;  ///< `ProcessIdentity::start_time`; 0 for a daemon that does not say.
  std::string boot_id;
  std::string version;
  std::string socket;  ///< What getsockname(2) says; empty until the daemon listens.
  std::string config_dir;
  std::string log;        ///< Where it logs: "file", "journal" or "stderr"; empty for one that does not say.
  bool stopping = false;  ///< It is ending; whoever wants a daemon waits for the lock.

  friend bool operator==(const DaemonRecord&, const DaemonRecord&) = default;
};

std::string format_daemon_record(const DaemonRecord& record);
/// Nothing for a text that is none, or only half written.
std::optional<DaemonRecord> parse_daemon_record(std::string_view text);

/// The record in the file `lock`, if it can be trusted: a regular file of this user's that nobody else can write, in a
/// folder of this user's that nobody else can write. Takes no lock: a daemon that starts while a reader holds one would
/// give up. Blocking, but not on a FIFO.
std::optional<DaemonRecord> read_daemon_record(const std::filesystem::path& lock);

/// Whether the daemon that wrote the record still runs: by pid, start time and boot.
bool is_running(const DaemonRecord& record);

}  // namespace jackin
