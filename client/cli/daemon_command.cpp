// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "client/cli/command_line.hpp"
#include "client/cli/daemon_logs.hpp"
#include "client/cli/daemon_report.hpp"
#include "client/cli/program.hpp"
#include "client/cli/service_command.hpp"
#include "client/core/daemon_control.hpp"
#include "client/rpc/exit_code.hpp"
#include "client/service/journal.hpp"
#include "client/terminal/signal_watch.hpp"
#include "common/os/daemon_record.hpp"
#include "common/os/find_paths.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace {

// The interval at which a followed log is read.
constexpr std::chrono::milliseconds look_again{250};

int show_status(const Result<Connection>& connection, Format format, const CommandContext& cli) {
  if (!connection) return cli.fail(connection.error(), format);
  const auto status = status_of(*connection);
  if (!status) return cli.fail(status.error(), format);
  return cli.report(format == Format::json ? as_line(daemon_json(*status)) : daemon_text(*status, cli.now()), format);
}

int start(Format format, const CommandContext& cli) {
  const auto paths = find_paths(cli.environment);
  // A second daemon cannot start while this one runs.
  if (paths && unreachable_daemon(cli.environment, *paths)) {
    const auto pid = stop_daemon(format, cli);
    if (!pid) return cli.fail(pid.error(), format);
  }
  return show_status(cli.connect(), format, cli);
}

int stop(Format format, const CommandContext& cli) {
  const auto pid = stop_daemon(format, cli);
  if (!pid) return cli.fail(pid.error(), format);
  Json json;
  json["pid"] = *pid;
  return cli.report(format == Format::json ? as_line(json) : "jackind (pid " + std::to_string(*pid) + ") stopped\n",
                    format);
}

int restart(Format format, const CommandContext& cli) {
  const auto pid = stop_daemon(format, cli);
  if (!pid && pid.error().reason != Reason::daemon_unreachable) return cli.fail(pid.error(), format);
  return start(format, cli);
}

int become_daemon(const CommandContext& cli) {
  const auto program = own_program_dir() / "jackind";
  const std::string path = program.string();
  std::string name = "jackind";
  std::string foreground = "--foreground";
  const std::array<char*, 3> arguments{name.data(), foreground.data(), nullptr};
  std::signal(SIGPIPE, SIG_DFL);
  execv(path.c_str(), arguments.data());
  Error error = error_from_errno("running " + printable(path), errno);
  error.reason = Reason::program_missing;
  error.remedy = "# with jackind installed beside jackinctl";
  return cli.fail(error, Format::text);
}

// Whether the running daemon, or the last one, logs to the journal.
bool logs_to_journal(const Paths& paths) {
  const auto record = read_daemon_record(paths.daemon_lock());
  return record && record->log == "journal";
}

int logs(std::optional<std::size_t> lines, bool follow, const CommandContext& cli) {
  const auto paths = find_paths(cli.environment);
  if (!paths) return cli.fail(paths.error(), Format::text);
  std::optional<SignalWatch> signals;
  std::function<bool()> go_on;
  if (follow) {
    auto watch = SignalWatch::start({SIGINT, SIGTERM, SIGHUP});
    if (!watch) return cli.fail(watch.error(), Format::text);
    signals.emplace(std::move(*watch));
    go_on = [&signals] {
      pollfd wait{signals->fd(), POLLIN, 0};
      return poll(&wait, 1, static_cast<int>(look_again.count())) == 0;
    };
  }
  const auto done = logs_to_journal(*paths) ? show_journal(cli.environment, lines, cli.out, cli.err, go_on)
                                            : print_log(
                                                  paths->log_dir() / "jackind.log", lines,
                                                  [&](const std::string& text) { return cli.print(text); }, go_on);
  // A closed pipe is not an error.
  if (!done && done.error().reason != Reason::cancelled) return cli.fail(done.error(), Format::text);
  return done && follow ? exit_cancelled : exit_done;
}

using Reporting = int (*)(Format, const CommandContext&);

void add_reporting(CLI::App& parent, Chosen& chosen, const char* name, const char* description, Reporting does) {
  CLI::App* command = parent.add_subcommand(name, description);
  const auto format = std::make_shared<Format>(Format::text);
  add_format(*command, *format);
  command->callback(
      [format, does, &chosen] { chosen = [format, does](const CommandContext& cli) { return does(*format, cli); }; });
}

}  // namespace

void add_daemon(CLI::App& parent, Chosen& chosen) {
  CLI::App* daemon = parent.add_subcommand("daemon", "Control the daemon");
  daemon->require_subcommand(1);
  daemon->add_subcommand("run", "Run the daemon in the foreground")->callback([&chosen] { chosen = become_daemon; });
  add_reporting(*daemon, chosen, "start", "Start the daemon if it is not running", start);
  add_reporting(*daemon, chosen, "stop", "Stop the daemon", stop);
  add_reporting(*daemon, chosen, "restart", "Restart the daemon", restart);
  add_reporting(*daemon, chosen, "status", "Show the running daemon; do not start one",
                [](Format format, const CommandContext& cli) { return show_status(reach_daemon(cli), format, cli); });

  add_reporting(*daemon, chosen, "install", "Install the daemon as a user service of systemd or launchd",
                install_service);
  add_reporting(*daemon, chosen, "uninstall", "Remove what install wrote; keep tokens and configuration",
                uninstall_service);

  struct LogArguments {
    std::size_t lines = 0;
    bool follow = false;
  };
  CLI::App* command = daemon->add_subcommand("logs", "Print the daemon's log");
  const auto arguments = std::make_shared<LogArguments>();
  const CLI::Option* lines =
      command->add_option("-n,--lines", arguments->lines, "Print only the last N lines")->type_name("N");
  command->add_flag("-f,--follow", arguments->follow, "Print new lines as they come, until Ctrl-C");
  command->callback([arguments, lines, &chosen] {
    const auto count = lines->count() > 0 ? std::optional<std::size_t>(arguments->lines) : std::nullopt;
    chosen = [arguments, count](const CommandContext& cli) { return logs(count, arguments->follow, cli); };
  });
}

}  // namespace jackin::client
