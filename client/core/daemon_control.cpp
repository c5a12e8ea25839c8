// SPDX-License-Identifier: Apache-2.0
#include "client/core/daemon_control.hpp"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "client/cli/daemon_report.hpp"
#include "client/rpc/status.hpp"
#include "common/os/daemon_record.hpp"
#include "common/os/find_paths.hpp"
#include "common/os/process_end.hpp"
#include "common/untrusted_text.hpp"
#include "jackin/v1/daemon.grpc.pb.h"

namespace jackin::client {
namespace {

// Running operations first reach a safe point. The daemon gives them several minutes, always less than this limit.
constexpr std::chrono::minutes end_limit{9};
// The remedy in errors of other commands.
constexpr std::string_view restart_it = "jackinctl daemon restart";
// The interval at which the client asks a stopping daemon what it waits for.
constexpr std::chrono::seconds ask_again{1};
// Prints what a stopping daemon waits for, each time that changes.
class Waiting {
 public:
  explicit Waiting(const CommandContext& cli) : cli_(cli) {}

  void tell(const v1::StatusReply& status) {
    std::set<std::string> now;
    std::string text;
    for (const v1::Operation& operation : status.operations()) {
      now.insert(operation.id() + operation.step());
      text += "jackind (pid " + std::to_string(status.pid()) + ") waits for " + operation_text(operation, cli_.now()) +
              "\n";
    }
    for (const v1::RunningCall& call : status.waits_for()) {
      // The line of the operation already shows this call.
      const bool is_told = std::any_of(status.operations().begin(), status.operations().end(),
                                       [&](const auto& one) { return one.client().pid() == call.client().pid(); });
      if (is_told) continue;
      const std::string who = printable(call.client().command()) + "[" + std::to_string(call.client().pid()) + "]";
      now.insert(call.method() + who);
      text += "jackind (pid " + std::to_string(status.pid()) + ") waits for " + printable(call.method()) + " of " +
              who + "\n";
    }
    if (now != told_) cli_.complain(text);
    told_ = std::move(now);
  }

 private:
  const CommandContext& cli_;
  std::set<std::string> told_;
};

Error still_runs(int pid) {
  return {Reason::timed_out, "jackind (pid " + std::to_string(pid) + ") is asked to end, but still runs",
          "kill " + std::to_string(pid)};
}

}  // namespace

Result<v1::StatusReply> status_of(const Connection& connection) {
  v1::StatusReply reply;
  grpc::ClientContext context;
  set_deadline(context);
  const auto status = v1::Daemon::NewStub(connection.channel())->Status(&context, {}, &reply);
  if (!status.ok()) return failure(error_from_status(status));
  return reply;
}

Result<Connection> reach_daemon(const CommandContext& cli) {
  TRY(const Paths paths, find_paths(cli.environment));
  return Connection::reach(cli.environment, paths);
}

namespace {

// For a daemon that cannot be asked. `ProcessEnd` is created before the record is read, so the signal cannot reach
// another process with the same pid.
Result<int> signal_to_end(pid_t pid, const Paths& paths, const CommandContext& cli) {
  ProcessEnd end(pid);
  const auto record = read_daemon_record(paths.daemon_lock());
  if (!record || record->pid != pid || !is_running(*record)) return pid;
  cli.complain("jackind (pid " + std::to_string(pid) + ") runs, but does not listen on " +
               printable(record->socket, 1000) + ": ending it by a signal\n");
  if (kill(pid, SIGTERM) != 0 && errno != ESRCH) return failure(error_from_errno("cannot end jackind", errno));
  if (!end.wait(end_limit)) return failure(still_runs(pid));
  return pid;
}

Result<v1::StatusReply> status_now(const CommandContext& cli) {
  TRY(const Connection connection, reach_daemon(cli));
  return status_of(connection);
}

Result<int> ask_to_end(Format format, const CommandContext& cli) {
  std::optional<Connection> connection;
  TRY(connection, reach_daemon(cli));
  TRY(const v1::StatusReply before, status_of(*connection));
  ProcessEnd end(before.pid());
  v1::ShutdownReply reply;
  grpc::ClientContext context;
  set_deadline(context);
  const auto status = v1::Daemon::NewStub(connection->channel())->Shutdown(&context, {}, &reply);
  // A lost connection means that the daemon has ended, as requested.
  if (!status.ok() && !was_lost(status)) return failure(error_from_status(status));
  // Close the connection, so that the daemon does not wait for this client to disconnect.
  connection.reset();
  Waiting waiting(cli);
  const auto deadline = std::chrono::steady_clock::now() + end_limit;
  while (!end.wait(ask_again)) {
    if (std::chrono::steady_clock::now() >= deadline) {
      return failure(still_runs(before.pid()));
    }
    // A daemon that is about to exit no longer answers.
    if (format != Format::text) continue;
    if (const auto now = status_now(cli)) waiting.tell(*now);
  }
  return before.pid();
}

}  // namespace

Result<int> stop_daemon(Format format, const CommandContext& cli) {
  auto ended = ask_to_end(format, cli);
  if (ended) return ended;
  if (ended.error().reason != Reason::timed_out && ended.error().reason != Reason::daemon_unreachable) return ended;
  TRY(const Paths paths, find_paths(cli.environment));
  if (const auto pid = unreachable_daemon(cli.environment, paths)) return signal_to_end(*pid, paths, cli);
  const auto record = read_daemon_record(paths.daemon_lock());
  // The only way to ask this daemon is the socket, which does not answer. A second request over it would not be
  // answered either.
  const bool hangs = record && is_running(*record) && ended.error().remedy == restart_it;
  if (!hangs) return ended;
  const std::string pid = std::to_string(record->pid);
  return failure(Reason::timed_out, "jackind (pid " + pid + ") does not answer",
                 "kill -9 " + pid + " && jackinctl daemon start  # the journal knows what it was at");
}

Result<> end_running_daemon(Format format, const CommandContext& cli) {
  const auto stopped = stop_daemon(format, cli);
  if (!stopped && stopped.error().reason != Reason::daemon_unreachable) return failure(stopped.error());
  return {};
}

}  // namespace jackin::client
