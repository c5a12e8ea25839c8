// SPDX-License-Identifier: Apache-2.0
#include "client/service/journal.hpp"

#include <signal.h>

#include <chrono>

#include "common/os/command.hpp"
#include "common/os/process_end.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::client {

Result<std::vector<std::string>> journal_command(const Environment& environment, std::optional<std::size_t> lines,
                                                 bool follow) {
  auto program = locate_command("journalctl", environment);
  if (!program) {
    return failure(Reason::program_missing, "jackind logs to systemd's journal, but journalctl is not on PATH",
                   Remedy::set_variable("PATH", "/usr/bin:/bin"));
  }
  // With --follow, journalctl would begin with the last ten lines.
  std::vector<std::string> words{std::move(*program), "--user",  "--unit=jackind.service",
                                 "--no-pager",        "--quiet", "--lines=" + (lines ? std::to_string(*lines) : "all")};
  if (follow) words.emplace_back("--follow");
  return words;
}

Result<> show_journal(const Environment& environment, std::optional<std::size_t> lines, int out, int err,
                      const std::function<bool()>& go_on) {
  TRY(const auto words, journal_command(environment, lines, static_cast<bool>(go_on)));
  TRY(const pid_t child, start_command(words, environment, out, err));
  ProcessEnd end(child);
  bool stopped = false;
  while (!end.wait(go_on ? std::chrono::milliseconds(0) : std::chrono::hours(1))) {
    if (!go_on || go_on()) continue;
    stopped = true;
    kill(child, SIGTERM);
    break;
  }
  const int code = reap(child);
  if (stopped || code == 0 || code == 128 + SIGPIPE) return {};
  return failure(Reason::program_failed, printable(words.front()) + " ended with " + std::to_string(code),
                 Remedy::of_name(RemedyAction::show_service_log, "jackind.service"));
}

}  // namespace jackin::client
