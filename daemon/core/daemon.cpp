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
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/os/find_paths.hpp"
#include "common/os/private_files.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/async/clock.hpp"
#include "daemon/async/folder_watch.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/async/timed_calls.hpp"
#include "daemon/async/wake_up.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/config/replace_file.hpp"
#include "daemon/core/log.hpp"
#include "daemon/core/notifier_choice.hpp"
#include "daemon/core/removals.hpp"
#include "daemon/core/upstream_choice.hpp"
#include "daemon/desktop/service_manager.hpp"
#include "daemon/desktop/session_events.hpp"
#include "daemon/health/feed.hpp"
#include "daemon/health/health.hpp"
#include "daemon/health/scheduler.hpp"
#include "daemon/ipc/activity.hpp"
#include "daemon/ipc/connection_acceptor.hpp"
#include "daemon/ipc/domain.hpp"
#include "daemon/launch/launch.hpp"
#include "daemon/lifecycle/dependencies.hpp"
#include "daemon/lifecycle/discarded_tokens.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/lifecycle/place_choice.hpp"
#include "daemon/lifecycle/recovery.hpp"
#include "daemon/lifecycle/relocation.hpp"
#include "daemon/lifecycle/remaining_items.hpp"
#include "daemon/lifecycle/revoke.hpp"
#include "daemon/lifecycle/rotate.hpp"
#include "daemon/lifecycle/setup.hpp"
#include "daemon/lifecycle/system_check.hpp"
#include "daemon/mint/browser_calls.hpp"
#include "daemon/process/program_runner.hpp"
#include "daemon/process/pty.hpp"
#include "daemon/secrets/file_store.hpp"
#include "daemon/secrets/op_browse.hpp"
#include "daemon/secrets/op_cli.hpp"
#include "daemon/secrets/op_resolver.hpp"
#include "daemon/secrets/op_store.hpp"
#include "daemon/secrets/os_calls.hpp"
#include "daemon/secrets/os_items.hpp"
#include "daemon/secrets/os_store.hpp"
#include "daemon/secrets/plain_resolvers.hpp"
#include "daemon/secrets/resolver.hpp"
#include "daemon/secrets/secret_cache.hpp"
#include "daemon/state/database.hpp"

namespace jackin {
namespace {

// An operation that has captured a token runs to its end. No later step takes longer than a store that asks the user.
// The journal and the next start finish an operation that exceeds this limit.
constexpr auto ending_limit = std::chrono::minutes(6);
// Recovery never asks the user; its programs end by themselves within half a minute.
constexpr auto own_work_limit = std::chrono::minutes(1);
// For calls that begin after the shutdown request, once the daemon accepts no more clients. The sum of this limit and
// the server's own limit stays below the time that a starting daemon waits for the lock (DaemonLock::take).
constexpr auto last_calls_limit = std::chrono::seconds(20);
// Longer than any program can outlive its daemon (Store::outlives_daemon).
constexpr auto second_look = std::chrono::minutes(6);
// The temporary file of a killed writer is deleted after at most twice this time.
constexpr std::chrono::hours sweep_interval{1};
// For reads of files that the configuration names. Each folder whose file system does not answer blocks one of these
// threads.
constexpr std::size_t threads_for_named_files = 16;
// How long records of ended operations and hand-outs are kept: longer than a token is valid.
constexpr auto memory_span = std::chrono::days(400);

std::filesystem::path installed_relay() {
  return own_program_dir().parent_path() / "libexec" / "jackin" / "jackin-relay";
}

std::vector<std::unique_ptr<secrets::SourceResolver>> make_resolvers(const Paths& paths, const Environment& environment,
                                                                     bool is_service, async::TimedCalls& named_files,
                                                                     ProgramRunner& programs, secrets::OpCli& op,
                                                                     secrets::OsItems& os_items,
                                                                     secrets::OsCalls& os_calls) {
  std::vector<std::unique_ptr<secrets::SourceResolver>> resolvers;
  resolvers.push_back(secrets::literal_resolver());
  resolvers.push_back(secrets::env_resolver(environment, is_service));
  resolvers.push_back(secrets::file_resolver(paths.home, named_files));
  resolvers.push_back(secrets::command_resolver(environment, programs));
  resolvers.push_back(secrets::op_resolver(environment, op));
  resolvers.push_back(secrets::os_resolver(os_items, os_calls));
  return resolvers;
}

// A connection takes two descriptors; the rest is for the daemon's own work.
ipc::ConnectionAcceptor::Limits acceptor_limits(std::size_t descriptors) {
  ipc::ConnectionAcceptor::Limits limits;
  limits.connections.in_all = std::min(limits.connections.in_all, descriptors / 4);
  return limits;
}

// The same dependencies with other stores.
lifecycle::Dependencies with_stores(lifecycle::Dependencies deps, std::vector<secrets::Store*> stores) {
  deps.stores = std::move(stores);
  return deps;
}

}  // namespace

/// Every component, in the order of dependency: the last one is destroyed first.
struct Daemon::Core {
  Core(Start start, std::unique_ptr<state::Database> opened)
      : paths(std::move(start.paths)),
        environment(std::move(start.environment)),
        settings(std::move(start.settings.settings)),
        refused_settings(std::move(start.settings.refused)),
        settings_problem(std::move(start.settings_problem)),
        settings_are_defaults(settings_problem.has_value()),
        fixed_log_level(std::move(start.fixed_log_level)),
        socket(std::move(start.socket)),
        lock(start.lock),
        manager(start.manager),
        signals(io, SIGTERM, SIGINT, SIGHUP),
        database(std::move(opened)),
        clock(system_clock(io.get_executor())),
        programs(system_program_runner(io.get_executor(), *clock)),
        terminals(system_pty_launcher(io.get_executor(), *clock)),
        configuration(paths),
        op(*programs, *clock),
        op_browse(op),
        os_items(secrets::system_os_items(environment)),
        os_calls(*clock),
        sources(make_resolvers(paths, environment, start.is_service, named_files, *programs, op, *os_items, os_calls)),
        upstream(settings, environment),
        files(secrets::file_store(paths.tokens_dir(), paths.earlier_tokens_dir(), paths.home, store_files)),
        one_password(secrets::op_store(op, *clock)),
        one_password_unattended(secrets::op_store(op, *clock, false)),
        os_store(secrets::os_store(*os_items, os_calls, true)),
        os_store_unattended(secrets::os_store(*os_items, os_calls, false)),
        stores{one_password.get(), os_store.get(), files.get()},
        cache(io.get_executor(), *clock, settings.cache_ttl,
              [](std::size_t count) { spdlog::info("{} kept tokens are dropped: their time is over", count); }),
        health({*clock, pool, configuration, sources, upstream, *database, settings.health_max_age, &cache,
                [this] { something_changed(); }}),
        feed(io.get_executor(), *clock,
             [this](health::Health::EachAnswer each) { return health.each_answer(std::move(each)); }),
        notifier(settings, io.get_executor(), *clock, environment, *programs),
        scheduler({io.get_executor(), *clock, pool, configuration, sources, *database, health, notifier, environment,
                   settings.health_refresh}),
        session_events(system_session_events(io.get_executor(), *clock, environment)),
        launch({paths, *clock, pool, named_files, configuration, health, *database}),
        deps{paths,     settings,   *clock,        pool,          writers,          named_files,
             *programs, *terminals, browser_calls, configuration, sources,          stores,
             health,    upstream,   *database,     operations,    installed_relay()},
        setup(deps),
        rotate(deps),
        revoke(deps),
        unattended_deps(with_stores(deps, {one_password_unattended.get(), os_store_unattended.get(), files.get()})),
        recovery(unattended_deps, began_at),
        domain(make_domain()),
        acceptor(io.get_executor(), *clock, domain, acceptor_limits(start.descriptors)) {}

  ipc::Domain make_domain();
  asio::awaitable<void> serve();
  asio::awaitable<void> watch_signals();
  asio::awaitable<void> recover();
  asio::awaitable<void> recover_what_was_left();
  asio::awaitable<void> recover_again();
  asio::awaitable<void> move_tokens();
  asio::awaitable<void> sweep();
  asio::awaitable<void> sweep_again();
  static void log_recovered(const std::vector<lifecycle::Recovered>& all);
  asio::awaitable<void> end();
  asio::awaitable<void> read_settings_again();
  std::string listens() const;
  void begin_to_end(const char* why);
  void end_at_once();
  void something_changed();
  std::size_t forget_secrets(const char* why);
  void watch_environment();
  std::filesystem::path socket_path() const;
  void watch_own_files();
  void own_files_changed();
  asio::awaitable<void> look_after_own_files();
  asio::awaitable<void> listen_again();
  Task<bool> is_same_folder(std::filesystem::path a, std::filesystem::path b);
  Task<std::vector<ipc::StoreInfo>> list_stores(Environment client);
  Task<lifecycle::SystemReport> check_system(const Environment& client, bool offline);

  Paths paths;
  Environment environment;
  config::Settings settings;
  std::optional<Error> refused_settings;
  std::optional<Error> settings_problem;
  bool settings_are_defaults;  ///< The settings file has not been valid since the start.
  std::optional<std::string> fixed_log_level;
  std::optional<ipc::ListeningSocket> socket;
  ipc::DaemonLock& lock;
  ServiceManager& manager;
  std::function<void()> listening;
  bool is_ending = false;
  bool was_signalled = false;  ///< One shutdown signal was received.
  bool all_ended = true;
  Result<> ready;

  mint::BrowserCalls browser_calls;  // outlives io, whose destructor destroys the coroutines that wait on it
  asio::io_context io{1};
  asio::signal_set signals;
  ipc::Activity own_work{io.get_executor()};  ///< Work that runs for no client.
  std::unique_ptr<state::Database> database;
  Removals removals{paths, *database};
  std::unique_ptr<Clock> clock;
  const Moment started_at = clock->now();
  const Clock::Duration began_at = clock->uptime();
  async::Pool pool;
  async::Pool writers{2};
  async::Pool store_files{2};  ///< The file store can overwrite the user's own file on any mount.
  async::TimedCalls named_files{*clock, threads_for_named_files};
  std::unique_ptr<ProgramRunner> programs;
  std::unique_ptr<PtyLauncher> terminals;
  config::Configuration configuration;
  secrets::OpCli op;
  secrets::OpBrowse op_browse;
  std::unique_ptr<secrets::OsItems> os_items;  ///< Secret Service or Keychain.
  secrets::OsCalls os_calls;
  secrets::Sources sources;
  ChosenUpstream upstream;
  std::unique_ptr<secrets::Store> files;
  std::unique_ptr<secrets::Store> one_password;
  std::unique_ptr<secrets::Store> one_password_unattended;  ///< Never asks the user.
  std::unique_ptr<secrets::Store> os_store;
  std::unique_ptr<secrets::Store> os_store_unattended;  ///< Never asks the user.
  std::vector<secrets::Store*> stores;
  lifecycle::Operations operations;
  secrets::SecretCache cache;
  health::Health health;
  health::Feed feed;
  ChosenNotifier notifier;
  asio::cancellation_signal scheduler_stop;
  asio::cancellation_signal again;
  asio::cancellation_signal sweeping;
  bool is_recovering = true;
  async::WakeUp recovery_over{io.get_executor()};
  health::Scheduler scheduler;
  std::unique_ptr<SessionEvents> session_events;
  std::unique_ptr<async::FolderWatch> config_watch;
  std::unique_ptr<async::FolderWatch> own_watch;
  bool looks_after_own_files = false;
  bool own_files_changed_again = false;
  launch::Launch launch;
  lifecycle::Dependencies deps;
  lifecycle::Setup setup;
  lifecycle::Rotate rotate;
  lifecycle::Revoke revoke;
  lifecycle::Dependencies unattended_deps;
  lifecycle::Recovery recovery;
  ipc::Domain domain;
  ipc::ConnectionAcceptor acceptor;
};

ipc::Domain Daemon::Core::make_domain() {
  ipc::Domain made;
  made.paths = paths;
  made.started_at = started_at;
  made.socket = [this] { return socket_path(); };
  made.is_same_folder = [this](std::filesystem::path a, std::filesystem::path b) {
    return is_same_folder(std::move(a), std::move(b));
  };
  const auto report_removals = [this](lifecycle::UserInteraction& user) {
    for (const auto& finding : removals.not_reported()) {
      user.notice(lifecycle::Severity::warning, finding.message, finding.remedy);
    }
  };
  made.setup = [this, report_removals](lifecycle::SetupRequest request,
                                       lifecycle::UserInteraction& user) -> Task<lifecycle::TokenReport> {
    auto report = co_await setup.run(std::move(request), user);
    report_removals(user);
    co_return report;
  };
  made.rotate = [this, report_removals](lifecycle::RotateRequest request,
                                        lifecycle::UserInteraction& user) -> Task<lifecycle::TokenReport> {
    auto report = co_await rotate.run(std::move(request), user);
    report_removals(user);
    co_return report;
  };
  made.revoke = [this](lifecycle::RevokeRequest request, std::function<void(const lifecycle::RevokeOutcome&)> each) {
    auto each_with_removals = [this, each = std::move(each)](lifecycle::RevokeOutcome outcome) {
      for (const auto& finding : removals.not_reported()) {
        outcome.notices.push_back({lifecycle::Severity::warning, finding.message, finding.remedy});
      }
      each(outcome);
    };
    return revoke.run(std::move(request), std::move(each_with_removals));
  };
  made.open_browser = [this](std::string_view nonce, std::string url) {
    return browser_calls.deliver(nonce, std::move(url));
  };
  made.operations = [this] { return operations.running(); };
  // The cause of a block may be fixed already. A new check soon ends a block that no longer applies.
  const auto look_behind = [this](const Scope& scope, const Result<health::ProbeAnswer>& answer) {
    if (answer && (!answer->fresh || answer->decision == health::Decision::block)) scheduler.want(scope);
  };
  made.probe = [this, look_behind](const Scope& scope, std::optional<std::chrono::seconds> max_age) {
    auto answer = health.probe(scope, max_age);
    look_behind(scope, answer);
    return answer;
  };
  made.probe_with_quick_check =
      [this, look_behind](Scope scope, std::optional<std::chrono::seconds> max_age) -> Task<health::ProbeAnswer> {
    auto answer = co_await health.probe_with_quick_check(scope, max_age);
    look_behind(scope, answer);
    co_return answer;
  };
  made.overview = [this](std::string workspace) { return health.overview(std::move(workspace)); };
  made.examine = [this](const Scope& scope, const Environment& client, bool offline) {
    return health.examine(scope, client, true, offline);
  };
  made.examine_all = [this](const Environment& client, bool offline, health::Health::EachReport each,
                            health::Health::Progress progress) {
    return health.examine_all(client, true, offline, std::move(each), std::move(progress));
  };
  made.check_system = [this](const Environment& client, bool offline) { return check_system(client, offline); };
  made.acknowledge_discarded = [this] { return lifecycle::acknowledge_discarded(deps); };
  made.launch = [this](launch::LaunchRequest request) -> Task<launch::LaunchPlan> {
    auto plan = co_await launch.prepare(std::move(request));
    if (!plan) co_return plan;
    for (auto& finding : removals.not_reported()) plan->warnings.push_back(std::move(finding.message));
    co_return plan;
  };
  made.watch = [this](health::Feed::Listener listener, health::Feed::Begin begin, health::Feed::Failed failed) {
    return feed.watch(std::move(listener), begin, std::move(failed));
  };
  made.lock = [this] { return forget_secrets("a client asked for it"); };
  made.stores = [this](const Environment& client) { return list_stores(client); };
  made.op_accounts = [this](Environment client) { return op_browse.accounts(std::move(client)); };
  made.op_vaults = [this](Environment client, std::string account) {
    return op_browse.vaults(std::move(client), std::move(account));
  };
  made.op_items = [this](Environment client, std::string account, std::string vault) {
    return op_browse.items(std::move(client), std::move(account), std::move(vault));
  };
  made.op_item = [this](Environment client, std::string account, std::string vault, std::string item) {
    return op_browse.item(std::move(client), std::move(account), std::move(vault), std::move(item));
  };
  made.base_url = [this] { return settings.upstream_base_url; };
  made.shut_down = [this] { begin_to_end("a client asked for it"); };
  made.ending = [this] { return is_ending; };
  return made;
}

// The client names the path, which can be on a mount that does not answer.
Task<bool> Daemon::Core::is_same_folder(std::filesystem::path a, std::filesystem::path b) {
  std::string key = a.string();
  auto compare = [a = std::move(a), b = std::move(b)]() -> Result<bool> {
    std::error_code error;
    return std::filesystem::equivalent(a, b, error) && !error;
  };
  co_return co_await named_files.run(std::move(key), std::move(compare));
}

Task<std::vector<ipc::StoreInfo>> Daemon::Core::list_stores(Environment client) {
  if (client.variables().empty()) client = environment;
  const lifecycle::PlaceRequest nothing_requested;
  const lifecycle::StyleChoice canonical;
  const auto chosen =
      co_await lifecycle::choose_store(stores, nothing_requested, settings.store_default, canonical, client);
  std::vector<ipc::StoreInfo> known;
  for (secrets::Store* const store : stores) {
    const auto availability = co_await store->availability(client);
    known.push_back({.kind = store->kind(),
                     .name = store->name(),
                     .available = availability.usable,
                     .message = availability.message,
                     .remedy = availability.remedy,
                     .is_default = chosen && chosen->store == store});
  }
  co_return known;
}

Task<lifecycle::SystemReport> Daemon::Core::check_system(const Environment& client, bool offline) {
  // An operation in recovery is not a leftover yet, but it can become one.
  while (is_recovering) {
    const bool ended = co_await async::cancelled_already();
    if (ended) co_return failure(Reason::cancelled, "cancelled");
    co_await recovery_over.wait();
  }
  // A user is present. A store can ask the user, and the user may have fixed what blocked recovery.
  std::vector<lifecycle::Recovered> recovered;
  if (!offline) {
    lifecycle::Recovery attended(deps, began_at);
    if (auto all = co_await attended.run(client)) recovered = *std::move(all);
    log_recovered(recovered);
    co_await move_tokens();
  }
  std::set<std::string> running;
  for (const auto& operation : operations.running()) running.insert(operation.id);
  std::vector<Error> problems;
  if (refused_settings) {
    problems.push_back(*refused_settings);
    // The daemon reads the settings at the start and on SIGHUP.
    problems.back().remedy += " && jackinctl daemon restart";
  }
  if (settings_problem) {
    problems.push_back(*settings_problem);
    problems.back().message += settings_are_defaults ? "; the defaults hold" : "; the settings from before it hold";
  }
  lifecycle::SystemDependencies system{
      pool, *programs, *database, stores, op, paths.config_dir, settings.upstream_base_url};
  auto report = co_await lifecycle::check_system(std::move(system), client, std::move(problems), std::move(running));
  if (!report) co_return report;
  auto removed = removals.all();
  std::move(removed.begin(), removed.end(), std::back_inserter(report->daemon));
  const auto remaining = co_await lifecycle::remaining_tokens(deps);
  if (remaining) {
    for (const auto& [item, remedy] : *remaining) {
      report->leftovers.push_back({health::FindingSeverity::warning, "remaining_token",
                                   "the token that was taken from '" + printable(item.scope.str()) + "' on " +
                                       format_date(date_of(item.revoked_at)) + " is still in " + printable(item.place),
                                   remedy});
    }
  }
  const auto discarded = co_await lifecycle::discarded_tokens(deps);
  if (discarded) {
    for (const auto& token : *discarded) {
      report->leftovers.push_back({health::FindingSeverity::warning, "token_discarded",
                                   lifecycle::discarded_message(token), lifecycle::discarded_remedy()});
    }
  }
  for (const auto& operation : recovered) {
    const bool is_listed =
        operation.outcome == lifecycle::Outcome::stuck || operation.outcome == lifecycle::Outcome::kept;
    if (is_listed) continue;
    report->leftovers.push_back({health::FindingSeverity::info,
                                 "recovered",
                                 operation.kind + " of '" + printable(operation.scope.str()) +
                                     "', which was left unfinished, has been brought to its end: " + operation.message,
                                 {}});
  }
  co_return report;
}

asio::awaitable<void> Daemon::Core::serve() {
  ready = co_await health.load();
  if (ready) {
    ready = acceptor.open(std::move(*socket));
    socket.reset();
  }
  if (!ready) {
    signals.cancel();
    io.stop();
    co_return;
  }
  watch_environment();
  // The daemon does not wait for recovery: a store can be slow, and clients do not depend on it.
  asio::co_spawn(io, recover(), asio::detached);
  spdlog::info("listens on {}", socket_path().string());
  lock.listening(socket_path());
  watch_own_files();
  // Detects changes to the daemon's files from before the watch began.
  own_files_changed();
  listening();
  manager.ready(listens());
}

std::string Daemon::Core::listens() const {
  return "listens on " + socket_path().string();
}

std::filesystem::path Daemon::Core::socket_path() const {
  return acceptor.socket() != nullptr ? acceptor.socket()->path() : paths.socket();
}

// Watches the folders of the socket, the lock and the log. Cleanup programs can delete their content (`rm -rf` of a
// runtime folder, systemd-tmpfiles, macOS's sweep of temporary folders).
void Daemon::Core::watch_own_files() {
  own_watch = async::watch_folders(io.get_executor(), {socket_path().parent_path(), paths.state_dir, paths.log_dir()},
                                   [this] { own_files_changed(); });
}

void Daemon::Core::own_files_changed() {
  if (looks_after_own_files) {
    own_files_changed_again = true;
    return;
  }
  if (!is_ending) asio::co_spawn(io, look_after_own_files(), asio::detached);
}

asio::awaitable<void> Daemon::Core::look_after_own_files() {
  // Counts as the daemon's own work: it can change the lock, so it ends before the daemon releases the lock.
  const auto share = own_work.begin();
  looks_after_own_files = true;
  do {
    own_files_changed_again = false;
    const auto still_ours = co_await pool.run([this] { return lock.keep(); });
    if (!still_ours) {
      spdlog::error("the lock file is gone and cannot be taken anew: {}", still_ours.error().message);
    } else if (!*still_ours) {
      spdlog::error("another jackind has the lock of {}", printable(paths.state_dir.string()));
      begin_to_end("another jackind has its place");
      break;
    }
    const auto in_place = co_await pool.run([this] { return database->keep_in_place(); });
    if (!in_place) spdlog::error("{}", in_place.error().message);
    removals.look();
    const bool lost =
        co_await pool.run([this] { return acceptor.socket() != nullptr && !acceptor.socket()->is_in_place(); });
    if (lost && !is_ending) co_await listen_again();
  } while (own_files_changed_again && !is_ending);
  looks_after_own_files = false;
}

asio::awaitable<void> Daemon::Core::listen_again() {
  auto work = [this, path = socket_path()]() -> Result<ipc::ListeningSocket> {
    auto made = ipc::ListeningSocket::create(path, paths.home);
    // The runtime folder is removed with the user's last session, and only root can create it again.
    return made ? std::move(made) : ipc::ListeningSocket::create(paths.state_dir / "run" / "jackind.sock", paths.home);
  };
  auto made = co_await pool.run(std::move(work));
  if (!made) {
    spdlog::error("the socket {} is gone, and no other can be made: {}", printable(socket_path().string()),
                  made.error().message);
    co_return;
  }
  removals.socket_moved(socket_path(), made->path());
  acceptor.listen_on(std::move(*made));
  lock.listening(socket_path());
  watch_own_files();
  manager.ready(listens());
}

// Called after a new answer, an edited file or a system sleep. Informs the watching clients and checks what is due.
void Daemon::Core::something_changed() {
  feed.poke();
  scheduler.wake();
}

std::size_t Daemon::Core::forget_secrets(const char* why) {
  const std::size_t dropped = cache.drop_all();
  if (dropped > 0) spdlog::info("{} kept tokens are dropped: {}", dropped, why);
  return dropped;
}

void Daemon::Core::watch_environment() {
  config_watch = async::watch_folders(io.get_executor(), {paths.config_dir, paths.config_dir / "workspaces"},
                                      [this] { something_changed(); });
  session_events->on_suspend([this] { forget_secrets("the machine suspends"); });
  session_events->on_lock([this] { forget_secrets("the session is locked"); });
  session_events->on_resume([this] { something_changed(); });
  session_events->on_trouble(
      [](const Error& error) { spdlog::debug("of sleep and locks is not heard: {}", error.message); });
  session_events->start();
  asio::co_spawn(io, scheduler.run(), asio::bind_cancellation_slot(scheduler_stop.slot(), [](std::exception_ptr) {}));
}

asio::awaitable<void> Daemon::Core::recover() {
  co_await recover_what_was_left();
  is_recovering = false;
  recovery_over.notify();
}

// Moves tokens out of jackin's folder, where earlier versions stored them.
asio::awaitable<void> Daemon::Core::move_tokens() {
  lifecycle::Relocation relocation(unattended_deps);
  const auto moved = co_await relocation.run();
  if (!moved) {
    spdlog::error("the tokens in jackin's folder cannot be moved: {}", moved.error().message);
    co_return;
  }
  for (const auto& one : *moved) {
    spdlog::info("relocate of {}: {}: {}", one.scope.str(), lifecycle::to_text(one.outcome), one.message);
  }
}

// Deletes temporary files of killed writers: this daemon's, and those of a daemon with another state folder that is not
// started again. Temporary configuration files are removed under jackin's lock, so no process is writing them.
// Temporary token files are removed only when they are old.
asio::awaitable<void> Daemon::Core::sweep() {
  const auto swept = co_await writers.run([this]() -> Result<int> {
    TRY(int removed, config::remove_abandoned_writes(paths));
    TRY(const int tokens, os::remove_abandoned_writes_in(paths.tokens_dir(), sweep_interval));
    return removed + tokens;
  });
  if (!swept) spdlog::error("what a killed writer may have left cannot be removed: {}", swept.error().message);
  if (swept && *swept > 0) spdlog::info("{} files that a killed writer left aside are removed", *swept);
}

asio::awaitable<void> Daemon::Core::sweep_again() {
  co_await asio::this_coro::throw_if_cancelled(false);
  for (;;) {
    const bool is_time = co_await clock->wait(sweep_interval);
    if (!is_time) co_return;
    co_await sweep();
  }
}

asio::awaitable<void> Daemon::Core::recover_what_was_left() {
  const auto share = own_work.begin();
  co_await sweep();
  asio::co_spawn(io, sweep_again(), asio::bind_cancellation_slot(sweeping.slot(), asio::detached));
  const auto forgotten = co_await pool.run([this] { return database->forget_before(clock->now() - memory_span); });
  if (!forgotten) spdlog::error("what is long past cannot be forgotten: {}", forgotten.error().message);
  const auto recovered = co_await recovery.run(environment);
  if (!recovered) {
    spdlog::error("what an earlier run left cannot be looked at: {}", recovered.error().message);
    co_return;
  }
  log_recovered(*recovered);
  co_await move_tokens();
  const bool any_left = std::any_of(recovered->begin(), recovered->end(), [](const auto& operation) {
    return operation.outcome == lifecycle::Outcome::stuck;
  });
  if (any_left) asio::co_spawn(io, recover_again(), asio::bind_cancellation_slot(again.slot(), asio::detached));
}

// Runs recovery again when no program of the dead daemon can still run: an op that asks the user outlives its daemon.
asio::awaitable<void> Daemon::Core::recover_again() {
  co_await asio::this_coro::throw_if_cancelled(false);
  if (!co_await clock->wait(second_look)) co_return;
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  const auto share = own_work.begin();
  if (const auto recovered = co_await recovery.run(environment)) log_recovered(*recovered);
}

void Daemon::Core::log_recovered(const std::vector<lifecycle::Recovered>& all) {
  for (const auto& operation : all) {
    spdlog::info("{} of {} was left unfinished: {}: {}", operation.kind, operation.scope.str(),
                 lifecycle::to_text(operation.outcome), operation.message);
  }
}

asio::awaitable<void> Daemon::Core::watch_signals() {
  for (;;) {
    asio::error_code error;
    const int number = co_await signals.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    if (number == SIGHUP) {
      co_await read_settings_again();
    } else if (was_signalled) {
      end_at_once();
    } else {
      was_signalled = true;
      begin_to_end(number == SIGTERM ? "SIGTERM" : "SIGINT");
    }
  }
}

asio::awaitable<void> Daemon::Core::read_settings_again() {
  manager.reloading();
  auto read = co_await pool.run([this] { return config::load_settings(paths); });
  if (!read) {
    spdlog::error("the settings are unchanged: {}", read.error().message);
    settings_problem = read.error();
    manager.ready("the settings are unchanged: " + read.error().message);
    co_return;
  }
  settings = std::move(read->settings);
  refused_settings = std::move(read->refused);
  if (refused_settings) spdlog::error("{}", refused_settings->message);
  settings_problem.reset();
  settings_are_defaults = false;
  upstream.follow(settings);
  health.set_max_age(settings.health_max_age);
  cache.set_ttl(settings.cache_ttl);
  notifier.follow(settings);
  scheduler.notifier_changed();
  set_log_level(fixed_log_level.value_or(settings.log_level));
  spdlog::info("the settings were read again");
  manager.ready(listens());
}

void Daemon::Core::begin_to_end(const char* why) {
  if (is_ending) return;
  is_ending = true;
  operations.refuse({Reason::busy, "jackind is ending and begins nothing new", "jackinctl daemon restart"});
  spdlog::info("ends: {}", why);
  manager.stopping("ends when what runs has reached a safe point");
  for (const auto& operation : operations.running()) {
    spdlog::info("ends after {} of {}, which is at {}", operation.kind, operation.scope.str(), operation.step);
  }
  asio::co_spawn(io, end(), asio::detached);
}

// The next start finds the running operations in the journal, as after a crash.
void Daemon::Core::end_at_once() {
  spdlog::warn("ends at once: a second signal");
  acceptor.hurry();
  own_work.give_up();
}

// The daemon accepts connections until the last operation has ended: queries are answered meanwhile.
asio::awaitable<void> Daemon::Core::end() {
  const bool operations_ended = co_await acceptor.drain(ending_limit);
  const bool own_work_done = co_await own_work.ended(*clock, own_work_limit);
  for (const auto& operation : operations.running()) {
    spdlog::error("does not wait any longer for {} of {}, which is at {}", operation.kind, operation.scope.str(),
                  operation.step);
  }
  lock.stopping();
  const bool clients_served = co_await acceptor.close(last_calls_limit);
  all_ended = operations_ended && own_work_done && clients_served;
  // Cancellation kills the programs that the scheduler runs, with their child processes. The daemon's exit alone would
  // leave those child processes.
  scheduler_stop.emit(asio::cancellation_type::terminal);
  again.emit(asio::cancellation_type::terminal);
  sweeping.emit(asio::cancellation_type::terminal);
  signals.cancel();
  io.stop();
}

Daemon::Daemon(std::unique_ptr<Core> core) : core_(std::move(core)) {}

Daemon::~Daemon() = default;

Result<std::unique_ptr<Daemon>> Daemon::make(Start start) {
  TRY(auto database, state::Database::open(start.paths.database(), start.paths.config_dir, start.paths.home));
  return std::unique_ptr<Daemon>(new Daemon(std::make_unique<Core>(std::move(start), std::move(database))));
}

Result<bool> Daemon::run(std::function<void()> listening) {
  core_->listening = std::move(listening);
  asio::co_spawn(core_->io, core_->watch_signals(), asio::detached);
  asio::co_spawn(core_->io, core_->serve(), asio::detached);
  asio::co_spawn(core_->io, feed_watchdog(core_->manager, *core_->clock), asio::detached);
  core_->io.run();
  TRY(core_->ready);
  return core_->all_ended;
}

}  // namespace jackin
