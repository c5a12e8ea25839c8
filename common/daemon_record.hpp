#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/error.hpp"

namespace jackin {

/// What a daemon writes into its lock file: who holds it. Counts only while the lock (flock) is held.
struct DaemonRecord {
  int pid = 0;
  std::string version;
  std::string socket;
  std::string config_dir;
  bool stopping = false;  ///< It is ending; whoever wants a daemon waits for the lock.

  friend bool operator==(const DaemonRecord&, const DaemonRecord&) = default;
};

std::string format_daemon_record(const DaemonRecord& record);
/// Nothing for a text that is none, or only half written.
std::optional<DaemonRecord> parse_daemon_record(std::string_view text);

/// The daemon that was started listens.
struct DaemonReady {
  DaemonRecord record;
};
/// Another one runs and listens; the one that was started has ended with exit code 0.
struct DaemonRunsAlready {
  DaemonRecord record;
};
/// What a daemon that was just started says to whoever started it, over the readiness pipe (`--ready-fd`), once.
using StartOutcome = std::variant<DaemonReady, DaemonRunsAlready, Error>;

std::string format_start_outcome(const StartOutcome& outcome);
/// Nothing when the daemon ended before it had said all.
std::optional<StartOutcome> parse_start_outcome(std::string_view text);

}  // namespace jackin
