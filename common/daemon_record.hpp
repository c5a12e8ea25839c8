#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jackin {

/// What a daemon writes into its lock file: who holds it. Counts only while the lock (flock) is held.
struct DaemonRecord {
  int pid = 0;
  std::string version;
  std::string socket;
  std::string config_dir;
  std::string log;        ///< Where it logs: "file", "journal" or "stderr"; empty for one that does not say.
  bool stopping = false;  ///< It is ending; whoever wants a daemon waits for the lock.

  friend bool operator==(const DaemonRecord&, const DaemonRecord&) = default;
};

std::string format_daemon_record(const DaemonRecord& record);
/// Nothing for a text that is none, or only half written.
std::optional<DaemonRecord> parse_daemon_record(std::string_view text);

}  // namespace jackin
