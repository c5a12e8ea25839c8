// SPDX-License-Identifier: Apache-2.0
#include "daemon/core/daemon.hpp"

#include <signal.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "common/os/find_paths.hpp"
#include "common/words.hpp"
#include "daemon/async/folder_watch.hpp"
#include "daemon/core/daemon_core.hpp"
#include "daemon/core/log.hpp"
#include "daemon/core/own_files.hpp"
#include "daemon/core/recovery_work.hpp"
#include "daemon/core/system_parts.hpp"
#include "daemon/desktop/session_events.hpp"
#include "daemon/ipc/activity.hpp"
#include "daemon/ipc/connection_acceptor.hpp"
#include "daemon/mint/browser_calls.hpp"
#include "daemon/state/database.hpp"

namespace jackin {
namespace {

std::string text_of(const lifecycle::OperationState& operation) {
  std::string text = std::string(word_of(operation.kind)) + " of " + operation.scope.str();
  if (operation.step) text += ", which is at " + std::string(word_of(*operation.step));
  return text;
}

// An operation that has captured a token runs to its end. No later step takes longer than a store that asks the user.
// The journal and the next start finish an operation that exceeds this limit.
constexpr auto ending_limit = std::chrono::minutes(6);
// Recovery never asks the user; its programs end by themselves within half a minute.
constexpr auto own_work_limit = std::chrono::minutes(1);
// For calls that begin after the shutdown request, once the daemon accepts no more clients. The sum of this limit and
// the server's own limit stays below the time that a starting daemon waits for the lock (DaemonLock::take).
constexpr auto last_calls_limit = std::chrono::seconds(20);
// While a read of jackind.toml hangs, another attempt starts no thread and fails at once.
constexpr auto settings_retry_after = std::chrono::seconds(1);

std::filesystem::path installed_relay() {
  return own_program_dir().parent_path() / "libexec" / "jackin" / "jackin-relay";
}

// A connection takes two descriptors; the rest is for the daemon's own work.
ipc::ConnectionAcceptor::Limits acceptor_limits(std::size_t descriptors) {
  ipc::ConnectionAcceptor::Limits limits;
  limits.connections.in_all = std::min(limits.connections.in_all, descriptors / 4);
  return limits;
}

CurrentSettings current_settings(config::LoadedSettings loaded, std::optional<Error> problem) {
  const bool are_defaults = problem.has_value();
  return {std::move(loaded.settings), std::move(loaded.refused), std::move(problem), are_defaults};
}

}  // namespace

/// The process around the core: its signals, its socket and lock, its beginning and its end. The members are in the
/// order of dependency: the last one is destroyed first.
class Daemon::Process final : public ipc::DaemonInterface {
 public:
  Process(Start start, std::unique_ptr<state::Database> opened)
      : paths_(std::move(start.paths)),
        environment_(std::move(start.environment)),
        settings_(current_settings(std::move(start.settings), std::move(start.settings_problem))),
        fixed_log_level_(std::move(start.fixed_log_level)),
        socket_(std::move(start.socket)),
        lock_(start.lock),
        manager_(start.manager),
        signals_(io_, SIGTERM, SIGINT, SIGHUP),
        database_(std::move(opened)),
        parts_(io_.get_executor(), paths_, environment_, start.is_service, settings_.values),
        core_(core_dependencies()),
        session_events_(system_session_events(io_.get_executor(), *parts_.clock, environment_)),
        acceptor_(io_.get_executor(), *parts_.clock, core_.services(*this), acceptor_limits(start.descriptors)),
        recovery_work_(io_, core_, own_work_),
        own_files_({io_, paths_, parts_.pool, *database_, core_.removals, lock_, acceptor_, own_work_,
                    [this] { return is_ending_; }, [this] { begin_to_end("another jackind holds the lock"); },
                    [this] { manager_.ready(listens()); }}) {}

  Result<bool> run(std::function<void()> listening);

  const Paths& paths() const override { return paths_; }
  ipc::DaemonStatus status() const override;
  Task<bool> is_same_folder(std::filesystem::path a, std::filesystem::path b) override;
  void shut_down() override { begin_to_end("a client asked for it"); }

 private:
  DaemonCore::Dependencies core_dependencies();
  asio::awaitable<void> serve();
  asio::awaitable<void> watch_signals();
  asio::awaitable<void> read_settings_again();
  void retry_settings();
  asio::awaitable<void> end();
  std::string listens() const;
  void begin_to_end(const char* why);
  void end_at_once();
  void watch_environment();

  Paths paths_;
  Environment environment_;
  CurrentSettings settings_;
  std::optional<std::string> fixed_log_level_;
  std::optional<ipc::ListeningSocket> socket_;
  ipc::DaemonLock& lock_;
  ServiceManager& manager_;
  std::function<void()> listening_;
  bool is_ending_ = false;
  bool was_signalled_ = false;  // one shutdown signal was received
  bool all_ended_ = true;
  Result<> ready_;

  mint::BrowserCalls browser_calls_;  // outlives io_, whose destructor destroys the coroutines that wait on it
  asio::io_context io_{1};
  asio::signal_set signals_;
  ipc::Activity own_work_{io_.get_executor()};  // work that runs for no client
  std::unique_ptr<state::Database> database_;
  SystemParts parts_;
  const Moment started_at_ = parts_.clock->now();
  DaemonCore core_;
  asio::cancellation_signal scheduler_stop_;
  async::Timeout settings_retry_;  // while jackind.toml does not answer
  std::unique_ptr<SessionEvents> session_events_;
  std::unique_ptr<async::FolderWatch> config_watch_;
  ipc::ConnectionAcceptor acceptor_;
  RecoveryWork recovery_work_;
  OwnFiles own_files_;
};

DaemonCore::Dependencies Daemon::Process::core_dependencies() {
  return {.executor = io_.get_executor(),
          .paths = paths_,
          .environment = environment_,
          .settings = settings_,
          .clock = *parts_.clock,
          .file_clock = *parts_.clock,
          .pool = parts_.pool,
          .writers = parts_.writers,
          .named_files = parts_.named_files,
          .programs = *parts_.programs,
          .terminals = *parts_.terminals,
          .browser_calls = browser_calls_,
          .database = *database_,
          .sources = parts_.sources,
          .op = parts_.op,
          .stores = parts_.stores(),
          .unattended_stores = parts_.unattended_stores(),
          .upstream = parts_.upstream,
          .notifier = parts_.notifier,
          .relay = installed_relay(),
          .socket = [this] { return own_files_.socket_path(); }};
}

ipc::DaemonStatus Daemon::Process::status() const {
  return {.socket = own_files_.socket_path(),
          .started_at = started_at_,
          .base_url = settings_.values.upstream_base_url,
          .is_ending = is_ending_,
          .operations = core_.operations.running()};
}

Task<bool> Daemon::Process::is_same_folder(std::filesystem::path a, std::filesystem::path b) {
  std::string key = a.string();
  auto compare = [a = std::move(a), b = std::move(b)]() -> Result<bool> {
    std::error_code error;
    return std::filesystem::equivalent(a, b, error) && !error;
  };
  co_return co_await parts_.named_files.run(std::move(key), std::move(compare));
}

asio::awaitable<void> Daemon::Process::serve() {
  ready_ = co_await core_.health.load();
  if (ready_) {
    ready_ = acceptor_.open(std::move(*socket_));
    socket_.reset();
  }
  if (!ready_) {
    signals_.cancel();
    io_.stop();
    co_return;
  }
  watch_environment();
  recovery_work_.start();
  spdlog::info("listens on {}", own_files_.socket_path().string());
  lock_.listening(own_files_.socket_path());
  own_files_.start();
  listening_();
  manager_.ready(listens());
}

std::string Daemon::Process::listens() const {
  return "listens on " + own_files_.socket_path().string();
}

void Daemon::Process::watch_environment() {
  config_watch_ = async::watch_folders(
      io_.get_executor(), {paths_.config_dir, paths_.config_dir / "workspaces"}, [this] { core_.something_changed(); },
      &parts_.named_files);
  core_.configuration.on_answering_again([this] { core_.something_changed(); });
  retry_settings();
  session_events_->on_suspend([this] { core_.forget_secrets("the machine suspends"); });
  session_events_->on_lock([this] { core_.forget_secrets("the session is locked"); });
  session_events_->on_resume([this] { core_.something_changed(); });
  session_events_->on_trouble(
      [](const Error& error) { spdlog::debug("cannot receive sleep and lock events: {}", error.message); });
  session_events_->start();
  asio::co_spawn(io_, core_.scheduler.run(),
                 asio::bind_cancellation_slot(scheduler_stop_.slot(), [](std::exception_ptr) {}));
}

asio::awaitable<void> Daemon::Process::watch_signals() {
  for (;;) {
    asio::error_code error;
    const int number = co_await signals_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    if (number == SIGHUP) {
      co_await read_settings_again();
    } else if (was_signalled_) {
      end_at_once();
    } else {
      was_signalled_ = true;
      begin_to_end(number == SIGTERM ? "SIGTERM" : "SIGINT");
    }
  }
}

// The defaults can differ from what the user has chosen, so they apply only while jackind.toml does not answer.
void Daemon::Process::retry_settings() {
  if (!settings_.problem || settings_.problem->reason != Reason::timed_out) return;
  settings_retry_ = async::Timeout(io_.get_executor(), *parts_.clock, settings_retry_after,
                                   [this] { asio::co_spawn(io_, read_settings_again(), asio::detached); });
}

asio::awaitable<void> Daemon::Process::read_settings_again() {
  manager_.reloading();
  auto read = co_await config::load_settings_on(parts_.named_files, paths_);
  if (!read) {
    const std::string message = "cannot reload the settings, the earlier ones apply: " + read.error().message;
    if (!settings_.problem || settings_.problem->message != read.error().message) spdlog::error("{}", message);
    settings_.problem = read.error();
    manager_.ready(message);
    co_return retry_settings();
  }
  settings_ = current_settings(*std::move(read), std::nullopt);
  if (settings_.refused) spdlog::error("{}", settings_.refused->message);
  parts_.follow(settings_.values);
  core_.settings_changed();
  set_log_level(fixed_log_level_.value_or(settings_.values.log_level));
  spdlog::info("reloaded the settings");
  manager_.ready(listens());
}

void Daemon::Process::begin_to_end(const char* why) {
  if (is_ending_) return;
  is_ending_ = true;
  core_.operations.refuse(
      {Reason::busy, "jackind is stopping and accepts no new operations", Remedy::restart_daemon()});
  spdlog::info("ends: {}", why);
  manager_.stopping("stops when the running operations reach a safe point");
  for (const auto& operation : core_.operations.running()) {
    spdlog::info("ends after {}", text_of(operation));
  }
  asio::co_spawn(io_, end(), asio::detached);
}

// The next start finds the running operations in the journal, as after a crash.
void Daemon::Process::end_at_once() {
  spdlog::warn("stops at once: second signal");
  acceptor_.hurry();
  own_work_.give_up();
}

// The daemon accepts connections until the last operation has ended: queries are answered meanwhile.
asio::awaitable<void> Daemon::Process::end() {
  const bool operations_ended = co_await acceptor_.drain(ending_limit);
  const bool own_work_done = co_await own_work_.ended(*parts_.clock, own_work_limit);
  for (const auto& operation : core_.operations.running()) {
    spdlog::error("stops waiting for {}", text_of(operation));
  }
  lock_.stopping();
  const bool clients_served = co_await acceptor_.close(last_calls_limit);
  all_ended_ = operations_ended && own_work_done && clients_served;
  // Cancellation kills the programs that the scheduler runs, with their child processes. The daemon's exit alone would
  // leave those child processes.
  scheduler_stop_.emit(asio::cancellation_type::terminal);
  recovery_work_.stop();
  signals_.cancel();
  io_.stop();
}

Result<bool> Daemon::Process::run(std::function<void()> listening) {
  listening_ = std::move(listening);
  asio::co_spawn(io_, watch_signals(), asio::detached);
  asio::co_spawn(io_, serve(), asio::detached);
  asio::co_spawn(io_, feed_watchdog(manager_, *parts_.clock), asio::detached);
  io_.run();
  TRY(ready_);
  return all_ended_;
}

Daemon::Daemon(std::unique_ptr<Process> process) : process_(std::move(process)) {}

Daemon::~Daemon() = default;

Result<std::unique_ptr<Daemon>> Daemon::make(Start start) {
  TRY(auto database, state::Database::open(start.paths.database(), start.paths.config_dir, start.paths.home));
  return std::unique_ptr<Daemon>(new Daemon(std::make_unique<Process>(std::move(start), std::move(database))));
}

Result<bool> Daemon::run(std::function<void()> listening) {
  return process_->run(std::move(listening));
}

}  // namespace jackin
