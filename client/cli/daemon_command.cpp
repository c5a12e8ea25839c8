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
#include <set>
#include <string>
#include <utility>

#include "client/cli/daemon_logs.hpp"
#include "client/cli/daemon_report.hpp"
#include "client/cli/process_end.hpp"
#include "client/cli/program.hpp"
#include "client/link/exit_code.hpp"
#include "client/link/status.hpp"
#include "client/view/command_line.hpp"
#include "client/view/signal_watch.hpp"
#include "common/untrusted_text.hpp"
#include "jackin/v1/daemon.grpc.pb.h"

namespace jackin::client {
namespace {

// Running operations first reach a safe point: the daemon gives them minutes, and not more than these.
constexpr std::chrono::minutes end_limit{9};
// How often a daemon that takes its time is asked what it waits for.
constexpr std::chrono::seconds ask_again{1};
// How often a followed log is looked at; people read slower.
constexpr std::chrono::milliseconds look_again{250};

Result<v1::StatusReply> status_of(const Connection& connection) {
  v1::StatusReply reply;
  grpc::ClientContext context;
  set_deadline(context);
  const auto status = v1::Daemon::NewStub(connection.channel())->Status(&context, {}, &reply);
  if (!status.ok()) return failure(error_from_status(status));
  return reply;
}

Result<Connection> reach(const Surroundings& around) {
  TRY(const Paths paths, find_paths(around.environment));
  return Connection::reach(around.environment, paths);
}

// Says what a daemon that ends still waits for, each time that is something else.
class Waiting {
 public:
  explicit Waiting(const Surroundings& around) : around_(around) {}

  void tell(const v1::StatusReply& status) {
    std::set<std::string> now;
    std::string text;
    for (const v1::Operation& operation : status.operations()) {
      now.insert(operation.id() + operation.step());
      text += "jackind (pid " + std::to_string(status.pid()) + ") waits for " +
              operation_text(operation, around_.now()) + "\n";
    }
    if (now != told_) around_.complain(text);
    told_ = std::move(now);
  }

 private:
  const Surroundings& around_;
  std::set<std::string> told_;
};

// Ends the daemon and waits until it is gone; its pid. People are told what it waits for.
Result<int> stop_daemon(Format format, const Surroundings& around) {
  TRY(const Connection connection, reach(around));
  TRY(const v1::StatusReply before, status_of(connection));
  ProcessEnd end(before.pid());
  v1::ShutdownReply reply;
  grpc::ClientContext context;
  set_deadline(context);
  const auto status = v1::Daemon::NewStub(connection.channel())->Shutdown(&context, {}, &reply);
  // One that has gone meanwhile has done as it was told.
  if (!status.ok() && !was_lost(status)) return failure(error_from_status(status));
  Waiting waiting(around);
  const auto deadline = std::chrono::steady_clock::now() + end_limit;
  while (!end.wait(ask_again)) {
    if (std::chrono::steady_clock::now() >= deadline) {
      return failure(Reason::timed_out,
                     "jackind (pid " + std::to_string(before.pid()) + ") is asked to end, but still runs",
                     "kill " + std::to_string(before.pid()));
    }
    // In its last moments it answers nobody.
    const auto now = format == Format::text ? status_of(connection) : Result<v1::StatusReply>();
    if (now) waiting.tell(*now);
  }
  return before.pid();
}

int show_status(const Result<Connection>& connection, Format format, const Surroundings& around) {
  if (!connection) return around.fail(connection.error(), format);
  const auto status = status_of(*connection);
  if (!status) return around.fail(status.error(), format);
  return around.report(format == Format::json ? as_line(daemon_json(*status)) : daemon_text(*status, around.now()),
                       format);
}

int start(Format format, const Surroundings& around) {
  return show_status(around.connect(), format, around);
}

int stop(Format format, const Surroundings& around) {
  const auto pid = stop_daemon(format, around);
  if (!pid) return around.fail(pid.error(), format);
  Json json;
  json["pid"] = *pid;
  return around.report(
      format == Format::json ? as_line(json) : "jackind (pid " + std::to_string(*pid) + ") has ended\n", format);
}

int restart(Format format, const Surroundings& around) {
  const auto pid = stop_daemon(format, around);
  if (!pid && pid.error().reason != Reason::daemon_unreachable) return around.fail(pid.error(), format);
  return start(format, around);
}

int become_daemon(const Surroundings& around) {
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
  return around.fail(error, Format::text);
}

int logs(std::optional<std::size_t> lines, bool follow, const Surroundings& around) {
  const auto paths = find_paths(around.environment);
  if (!paths) return around.fail(paths.error(), Format::text);
  std::optional<SignalWatch> signals;
  std::function<bool()> go_on;
  if (follow) {
    auto watch = SignalWatch::start({SIGINT, SIGTERM, SIGHUP});
    if (!watch) return around.fail(watch.error(), Format::text);
    signals.emplace(std::move(*watch));
    go_on = [&signals] {
      pollfd wait{signals->fd(), POLLIN, 0};
      return poll(&wait, 1, static_cast<int>(look_again.count())) == 0;
    };
  }
  const auto done = print_log(
      paths->log_dir() / "jackind.log", lines, [&](const std::string& text) { return around.print(text); }, go_on);
  // A reader that has gone has had enough.
  if (!done && done.error().reason != Reason::cancelled) return around.fail(done.error(), Format::text);
  return done && follow ? exit_cancelled : exit_done;
}

using Reporting = int (*)(Format, const Surroundings&);

void add_reporting(CLI::App& parent, Chosen& chosen, const char* name, const char* description, Reporting does) {
  CLI::App* command = parent.add_subcommand(name, description);
  const auto format = std::make_shared<Format>(Format::text);
  add_format(*command, *format);
  command->callback([format, does, &chosen] {
    chosen = [format, does](const Surroundings& around) { return does(*format, around); };
  });
}

}  // namespace

void add_daemon(CLI::App& parent, Chosen& chosen) {
  CLI::App* daemon = parent.add_subcommand("daemon", "The daemon itself");
  daemon->require_subcommand(1);
  daemon->add_subcommand("run", "Runs it in the foreground")->callback([&chosen] { chosen = become_daemon; });
  add_reporting(*daemon, chosen, "start", "Starts it when none runs", start);
  add_reporting(*daemon, chosen, "stop", "Ends it", stop);
  add_reporting(*daemon, chosen, "restart", "Ends it and starts it again", restart);
  add_reporting(*daemon, chosen, "status", "What it is and does; starts none",
                [](Format format, const Surroundings& around) { return show_status(reach(around), format, around); });

  struct LogArguments {
    std::size_t lines = 0;
    bool follow = false;
  };
  CLI::App* command = daemon->add_subcommand("logs", "Prints its log");
  const auto arguments = std::make_shared<LogArguments>();
  const CLI::Option* lines =
      command->add_option("-n,--lines", arguments->lines, "Only the last N lines")->type_name("N");
  command->add_flag("-f,--follow", arguments->follow, "Also what is added, until Ctrl-C");
  command->callback([arguments, lines, &chosen] {
    const auto count = lines->count() > 0 ? std::optional<std::size_t>(arguments->lines) : std::nullopt;
    chosen = [arguments, count](const Surroundings& around) { return logs(count, arguments->follow, around); };
  });
}

}  // namespace jackin::client
