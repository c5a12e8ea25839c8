// SPDX-License-Identifier: Apache-2.0
#include "client/cli/daemon_command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "client/cli/command_line.hpp"
#include "client/cli/daemon_logs.hpp"
#include "client/cli/operations_command.hpp"
#include "client/cli/program.hpp"
#include "client/core/daemon_control.hpp"
#include "client/rpc/exit_code.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "client/service/journal.hpp"
#include "client/terminal/health_mark.hpp"
#include "client/terminal/report.hpp"
#include "client/terminal/signal_watch.hpp"
#include "common/os/daemon_record.hpp"
#include "common/os/find_paths.hpp"
#include "common/untrusted_text.hpp"
#include "proto/enum_conversion.hpp"

namespace jackin::client {

Json daemon_json(const v1::StatusReply& status) {
  Json json;
  json["pid"] = status.pid();
  put_text(json, "version", printable(status.version()));
  put_text(json, "protocol", printable(status.protocol()));
  put_text(json, "socket", printable(status.socket(), 1000));
  put_text(json, "config_dir", printable(status.config_dir(), 1000));
  put_text(json, "state_dir", printable(status.state_dir(), 1000));
  put_text(json, "data_dir", printable(status.data_dir(), 1000));
  put_text(json, "base_url", printable(status.base_url(), 1000));
  put_text(json, "started_at", printable(status.started_at()));
  if (status.ending()) json["ending"] = true;
  json["operations"] = Json::array();
  for (const v1::Operation& operation : status.operations()) json["operations"].push_back(operation_json(operation));
  return json;
}

std::string operation_text(const v1::Operation& operation, Moment now) {
  std::string line = word_of_proto(operation.kind()) + " " + scope_text(operation.scope()) + ", at " +
                     word_of_proto(operation.step()) + ", " + time_ago(parse_moment(operation.started_at()), now);
  if (operation.client().pid() != 0) line += ", for " + requester_text(operation);
  return line;
}

std::string daemon_text(const v1::StatusReply& status, Moment now) {
  Report report;
  report.add("pid", std::to_string(status.pid()));
  report.add("version", printable(status.version()));
  report.add("protocol", printable(status.protocol()));
  report.add("socket", printable(status.socket(), 1000));
  report.add("config", printable(status.config_dir(), 1000));
  report.add("state", printable(status.state_dir(), 1000));
  report.add("data", printable(status.data_dir(), 1000));
  if (!status.base_url_is_default()) report.add("API", printable(status.base_url(), 1000));
  report.add("started", time_ago(parse_moment(status.started_at()), now));
  if (status.ending()) report.add("ending", "yes, when the running operations reach a safe point");
  for (const v1::Operation& operation : status.operations()) report.add("running", operation_text(operation, now));
  return report.text();
}

namespace {

// The interval at which a followed log is read.
constexpr std::chrono::milliseconds look_again{250};

// Prints what a stopping daemon waits for, each time that changes.
class Waiting {
 public:
  explicit Waiting(const CommandContext& cli) : cli_(cli) {}

  void tell(const v1::StatusReply& status) {
    std::set<std::string> now;
    std::string text;
    for (const v1::Operation& operation : status.operations()) {
      now.insert(operation.id() + word_of_proto(operation.step()));
      text += "jackind (pid " + std::to_string(status.pid()) + ") waits for " + operation_text(operation, cli_.now()) +
              "\n";
    }
    for (const v1::RunningCall& call : status.waits_for()) {
      // The line of the operation already shows this call.
      const bool is_shown = std::any_of(status.operations().begin(), status.operations().end(),
                                        [&](const auto& one) { return one.client().pid() == call.client().pid(); });
      if (is_shown) continue;
      const std::string who = printable(call.client().command()) + "[" + std::to_string(call.client().pid()) + "]";
      now.insert(call.method() + who);
      text += "jackind (pid " + std::to_string(status.pid()) + ") waits for " + printable(call.method()) + " of " +
              who + "\n";
    }
    if (now != shown_) cli_.complain(text);
    shown_ = std::move(now);
  }

 private:
  const CommandContext& cli_;
  std::set<std::string> shown_;
};

StopListener stop_listener(Waiting& waiting, Format format, const CommandContext& cli) {
  StopListener listener;
  if (format == Format::text) listener.on_waiting = [&waiting](const v1::StatusReply& status) { waiting.tell(status); };
  listener.on_signal = [&cli](pid_t pid, const std::string& socket) {
    cli.complain("jackind (pid " + std::to_string(pid) + ") runs, but does not listen on " + printable(socket, 1000) +
                 ": ending it by a signal\n");
  };
  return listener;
}

}  // namespace

Result<int> end_daemon(Format format, const CommandContext& cli) {
  Waiting waiting(cli);
  return stop_daemon(cli.environment, stop_listener(waiting, format, cli));
}

namespace {

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
    const auto pid = end_daemon(format, cli);
    if (!pid) return cli.fail(pid.error(), format);
  }
  return show_status(cli.connect(), format, cli);
}

int stop(Format format, const CommandContext& cli) {
  const auto pid = end_daemon(format, cli);
  if (!pid) return cli.fail(pid.error(), format);
  Json json;
  json["pid"] = *pid;
  return cli.report(format == Format::json ? as_line(json) : "jackind (pid " + std::to_string(*pid) + ") stopped\n",
                    format);
}

int restart(Format format, const CommandContext& cli) {
  const auto pid = end_daemon(format, cli);
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
  Error error = error_from_errno("cannot run " + printable(path), errno);
  error.reason = Reason::program_missing;
  error.remedy = Remedy::try_again("with jackind installed beside jackinctl");
  return cli.fail(error, Format::text);
}

// Whether the running daemon, or the last one, logs to the journal.
bool logs_to_journal(const Paths& paths) {
  const auto record = read_daemon_record(paths.daemon_lock());
  return record && record->log == LogPlace::journal;
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
  add_reporting(
      *daemon, chosen, "status", "Show the running daemon; do not start one",
      [](Format format, const CommandContext& cli) { return show_status(reach_daemon(cli.environment), format, cli); });

  add_reporting(*daemon, chosen, "install", "Install the daemon as a user service of systemd or launchd",
                install_service);
  add_reporting(*daemon, chosen, "uninstall", "Remove what install wrote; keep tokens and configuration",
                uninstall_service);

  add_logs(*daemon, chosen);
}

void add_logs(CLI::App& parent, Chosen& chosen) {
  struct LogArguments {
    std::size_t lines = 0;
    bool follow = false;
  };
  CLI::App* command = parent.add_subcommand("logs", "Print the daemon's log");
  const auto arguments = std::make_shared<LogArguments>();
  const CLI::Option* lines =
      command->add_option("-n,--lines", arguments->lines, "Number of lines to print, from the end of the log")
          ->type_name("N");
  command->add_flag("-f,--follow", arguments->follow, "Print new lines as they come, until Ctrl-C");
  command->callback([arguments, lines, &chosen] {
    const auto count = lines->count() > 0 ? std::optional<std::size_t>(arguments->lines) : std::nullopt;
    chosen = [arguments, count](const CommandContext& cli) { return logs(count, arguments->follow, cli); };
  });
}

}  // namespace jackin::client
