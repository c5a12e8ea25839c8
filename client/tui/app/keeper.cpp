// SPDX-License-Identifier: Apache-2.0
#include "client/tui/app/keeper.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>
#include <vector>

#include "client/core/daemon_control.hpp"
#include "client/core/health.hpp"
#include "client/core/operations.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "client/tui/app/conversion.hpp"
#include "common/untrusted_text.hpp"
#include "common/version.hpp"

namespace jackin::tui {
namespace {

constexpr std::chrono::milliseconds longest_pause{30'000};
// A connection that lasted this long counts as a success. After its loss the next attempt is made at once.
constexpr std::chrono::seconds shortest_success{5};
// How long after an orderly shutdown a new daemon is expected.
constexpr std::chrono::seconds restart_limit{5};
constexpr std::chrono::milliseconds restart_pause{200};

Moment now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

Facts facts_with(const v1::StatusReply& status, const Paths& paths) {
  Facts facts = facts_of(paths);
  facts.daemon_version = printable(status.version(), 40);
  facts.protocol = printable(status.protocol(), 40);
  facts.daemon_pid = status.pid();
  return facts;
}

// A daemon that shuts down in order reports it on its streams. After a crash only the connection is lost.
bool is_end_in_order(const Result<>& stream) {
  return !stream && stream.error().reason == Reason::daemon_unreachable &&
         stream.error().remedy.action == RemedyAction::start_daemon;
}

}  // namespace

Keeper::Keeper(Environment environment, Paths paths, Inbox& inbox)
    : environment_(std::move(environment)), paths_(std::move(paths)), inbox_(inbox), thread_([this] { run(); }) {}

Keeper::~Keeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (streams_ != nullptr) streams_->stop();
  }
  changed_.notify_all();
  thread_.join();
}

void Keeper::reconnect() {
  const std::lock_guard lock(mutex_);
  if (streams_ != nullptr) return;
  is_asked_ = true;
  changed_.notify_all();
}

void Keeper::refresh() {
  const std::lock_guard lock(mutex_);
  if (streams_ == nullptr) return;
  refreshes_ = true;
  streams_->stop();
}

Result<client::Connection> Keeper::connection() {
  const std::lock_guard lock(mutex_);
  if (connection_) return *connection_;
  return failure(Reason::daemon_unreachable, "jackind does not answer", Remedy::show_daemon());
}

client::Connect Keeper::connector() {
  return [this] { return connection(); };
}

// Returns false when the keeper ends.
bool Keeper::wait(std::chrono::milliseconds pause) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, pause, [this] { return stopping_ || is_asked_; });
  return !stopping_;
}

void Keeper::run() {
  std::chrono::milliseconds pause{0};
  bool had_soon_end = false;  // the last connection
  while (wait(pause)) {
    bool may_start = false;
    {
      const std::lock_guard lock(mutex_);
      may_start = std::exchange(is_asked_, false);
    }
    const auto opened =
        client::Connection::open(environment_, paths_, may_start ? client::Autostart::yes : client::Autostart::no);
    if (!opened) disconnect();
    const auto begun = std::chrono::steady_clock::now();
    const auto served = opened ? serve(*opened) : Result<End>(failure(opened.error()));
    const bool has_lasted = opened && std::chrono::steady_clock::now() - begun >= shortest_success;
    if (served) {
      // The next daemon is expected at once. One that always ends soon is not asked in a busy loop.
      const bool ends_soon = *served == End::in_order && !has_lasted;
      pause = std::chrono::seconds(had_soon_end && ends_soon ? 1 : 0);
      had_soon_end = ends_soon;
      continue;
    }
    had_soon_end = false;
    if (!opened && served.error().reason == Reason::daemon_unreachable && now() < restarts_until_) {
      pause = restart_pause;
      continue;
    }
    constexpr std::chrono::milliseconds shortest_pause{1000};
    pause = has_lasted ? std::chrono::milliseconds(0) : std::clamp(pause * 2, shortest_pause, longest_pause);
    tell_failure(served.error(), std::chrono::ceil<std::chrono::seconds>(pause), opened.has_value());
  }
}

void Keeper::disconnect() {
  const std::lock_guard lock(mutex_);
  connection_.reset();
}

void Keeper::tell_failure(const Error& error, std::chrono::seconds pause, bool was_connected) {
  if (error.reason == Reason::daemon_mismatch) {
    if (auto link = mismatch()) return inbox_.post(LinkChanged{*std::move(link)});
  }
  Link link{.state = Link::State::away};
  if (was_connected) link.since = now();
  if (pause.count() > 0) link.retry_at = now() + pause;
  // After the loss of a live connection, "daemon away" says enough.
  if (!was_live_ || error.reason != Reason::daemon_unreachable) link.problem = printable(error.message);
  inbox_.post(LinkChanged{std::move(link)});
}

// Returns the state `older` or `newer` if the major version of the protocol differs.
std::optional<Link> Keeper::mismatch() {
  const auto reached = client::Connection::reach(environment_, paths_);
  if (!reached) return std::nullopt;
  const auto status = client::status_of(*reached);
  if (!status) return std::nullopt;
  int major = 0;
  const std::string& protocol = status->protocol();
  std::from_chars(protocol.data(), protocol.data() + protocol.size(), major);
  if (major == protocol_major) return std::nullopt;
  return Link{.state = major < protocol_major ? Link::State::older : Link::State::newer,
              .daemon_version = printable(status->version(), 40)};
}

// Watches until the connection is lost or `refresh` is called. Errors: those of the streams.
Result<Keeper::End> Keeper::serve(const client::Connection& connection) {
  StoppableCalls streams;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return End::asked;
    connection_ = connection;
    streams_ = &streams;
    // What the user asked for is done. A later attempt must not start a daemon that the user has stopped since.
    is_asked_ = false;
  }
  was_live_ = true;
  inbox_.post(LinkChanged{{.state = Link::State::live, .daemon_version = printable(connection.daemon_version(), 40)}});
  if (const auto status = client::status_of(connection)) inbox_.post(FactsArrived{facts_with(*status, paths_)});
  Result<> operations_end;
  std::thread operations([&] {
    operations_end = watch_operations(connection, streams);
    streams.stop();
  });
  const auto scopes_end = watch_scopes(connection, streams);
  streams.stop();
  operations.join();
  const std::lock_guard lock(mutex_);
  streams_ = nullptr;
  // After `refresh`, calls use the old connection until the next one is open.
  if (stopping_ || std::exchange(refreshes_, false)) return End::asked;
  connection_.reset();
  if (is_end_in_order(scopes_end) || is_end_in_order(operations_end)) {
    restarts_until_ = now() + restart_limit;
    inbox_.post(LinkChanged{{.state = Link::State::restarting, .since = now()}});
    return End::in_order;
  }
  restarts_until_ = Moment();
  // The stream that this function stopped has no error.
  if (!scopes_end) return failure(scopes_end.error());
  if (!operations_end) return failure(operations_end.error());
  return failure(Reason::daemon_unreachable, "jackind ended the stream", Remedy::show_daemon());
}

Result<> Keeper::watch_scopes(const client::Connection& connection, StoppableCalls& streams) {
  std::vector<Row> picture;
  bool is_complete = false;
  v1::WatchRequest request;
  request.set_with_current(true);
  const std::function<bool(const v1::WatchEvent&)> on_event = [&](const v1::WatchEvent& event) {
    const auto kind = client::from_proto(event.event());
    if (kind == HealthEvent::complete) {
      is_complete = true;
      inbox_.post(PictureComplete{std::exchange(picture, {})});
      return true;
    }
    auto row = row_of(event.probe());
    if (!row) return true;
    if (kind == HealthEvent::removed) {
      std::erase_if(picture, [&](const Row& known) { return known.scope == row->scope; });
      if (is_complete) inbox_.post(RowRemoved{row->scope});
    } else if (is_complete) {
      inbox_.post(RowChanged{*std::move(row)});
    } else {
      picture.push_back(*std::move(row));
    }
    return true;
  };
  return client::watch(connection, request, on_event, streams.runner());
}

Result<> Keeper::watch_operations(const client::Connection& connection, StoppableCalls& streams) {
  std::vector<std::string> running;
  bool is_told = false;
  const std::function<bool(const v1::OperationEvent&)> on_event = [&](const v1::OperationEvent& event) {
    if (event.has_current_sent()) {
      is_told = true;
      inbox_.post(OperationsTold{std::exchange(running, {})});
    } else if (auto seen = operation_of(event.operation())) {
      if (!seen->outcome && !is_told) running.push_back(seen->id);
      inbox_.post(*std::move(seen));
    }
    return true;
  };
  return client::watch_operations_from_current(connection, on_event, streams.runner());
}

}  // namespace jackin::tui
