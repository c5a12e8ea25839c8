// SPDX-License-Identifier: Apache-2.0
#include "client/core/daemon_control.hpp"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "client/rpc/status.hpp"
#include "common/os/daemon_record.hpp"
#include "common/os/find_paths.hpp"
#include "common/os/process_end.hpp"
#include "jackin/v1/daemon.grpc.pb.h"
#include "jackin/v1/launch.grpc.pb.h"

namespace jackin::client {
namespace {

// Running operations first reach a safe point. The daemon gives them several minutes, always less than this limit.
constexpr std::chrono::minutes end_limit{9};
// The interval at which the client asks a stopping daemon what it waits for.
constexpr std::chrono::seconds ask_again{1};

Error still_runs(int pid) {
  return {Reason::timed_out, "jackind (pid " + std::to_string(pid) + ") did not stop within the time limit",
          Remedy::of_processes(RemedyAction::end_processes, {pid})};
}

}  // namespace

Result<v1::StatusReply> status_of(const Connection& connection) {
  v1::StatusReply reply;
  grpc::ClientContext context;
  set_deadline(context);
  const auto status = v1::DaemonService::NewStub(connection.channel())->Status(&context, {}, &reply);
  if (!status.ok()) return failure(error_from_status(status));
  return reply;
}

Result<Connection> reach_daemon(const Environment& environment) {
  TRY(const Paths paths, find_paths(environment));
  return Connection::reach(environment, paths);
}

bool runs_to_its_end(const Connection& connection, const std::string& operation) {
  if (operation.empty()) return false;
  const auto status = status_of(connection);
  if (!status) return false;
  return std::any_of(status->operations().begin(), status->operations().end(), [&](const v1::Operation& running) {
    return running.id() == operation && running.runs_to_its_end();
  });
}

Result<std::uint32_t> drop_cached_tokens(const Connection& connection) {
  v1::LockReply reply;
  grpc::ClientContext context;
  set_deadline(context);
  const auto status = v1::LaunchService::NewStub(connection.channel())->Lock(&context, {}, &reply);
  if (!status.ok()) return failure(error_from_status(status));
  return reply.dropped();
}

namespace {

// For a daemon that cannot be asked. `ProcessEnd` is created before the record is read, so the signal cannot reach
// another process with the same pid.
Result<int> signal_to_end(pid_t pid, const Paths& paths, const StopListener& listener) {
  ProcessEnd end(pid);
  const auto record = read_daemon_record(paths.daemon_lock());
  if (!record || record->pid != pid || !is_running(*record)) return pid;
  if (listener.on_signal) listener.on_signal(pid, record->socket);
  if (kill(pid, SIGTERM) != 0 && errno != ESRCH) return failure(error_from_errno("cannot end jackind", errno));
  if (!end.wait(end_limit)) return failure(still_runs(pid));
  return pid;
}

Result<v1::StatusReply> status_now(const Environment& environment) {
  TRY(const Connection connection, reach_daemon(environment));
  return status_of(connection);
}

Result<int> ask_to_end(const Environment& environment, const StopListener& listener) {
  std::optional<Connection> connection;
  TRY(connection, reach_daemon(environment));
  TRY(const v1::StatusReply before, status_of(*connection));
  ProcessEnd end(before.pid());
  v1::ShutdownReply reply;
  grpc::ClientContext context;
  set_deadline(context);
  const auto status = v1::DaemonService::NewStub(connection->channel())->Shutdown(&context, {}, &reply);
  // A lost connection means that the daemon has ended, as requested.
  if (!status.ok() && !was_lost(status)) return failure(error_from_status(status));
  // Close the connection, so that the daemon does not wait for this client to disconnect.
  connection.reset();
  const auto deadline = std::chrono::steady_clock::now() + end_limit;
  while (!end.wait(ask_again)) {
    if (std::chrono::steady_clock::now() >= deadline) {
      return failure(still_runs(before.pid()));
    }
    // A daemon that is about to exit no longer answers.
    if (!listener.on_waiting) continue;
    if (const auto now = status_now(environment)) listener.on_waiting(*now);
  }
  return before.pid();
}

}  // namespace

Result<int> stop_daemon(const Environment& environment, const StopListener& listener) {
  auto ended = ask_to_end(environment, listener);
  if (ended) return ended;
  if (ended.error().reason != Reason::timed_out && ended.error().reason != Reason::daemon_unreachable) return ended;
  TRY(const Paths paths, find_paths(environment));
  if (const auto pid = unreachable_daemon(environment, paths)) return signal_to_end(*pid, paths, listener);
  const auto record = read_daemon_record(paths.daemon_lock());
  // The only way to ask this daemon is the socket, which does not answer. A second request over it would not be
  // answered either.
  const bool hangs = record && is_running(*record) && ended.error().remedy.action == RemedyAction::restart_daemon;
  if (!hangs) return ended;
  return failure(Reason::timed_out, "jackind (pid " + std::to_string(record->pid) + ") does not answer",
                 Remedy::of_processes(RemedyAction::kill_daemon, {record->pid})
                     .noting("the next start recovers its operations from the journal"));
}

}  // namespace jackin::client
