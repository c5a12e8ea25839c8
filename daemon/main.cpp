// SPDX-License-Identifier: Apache-2.0
// jackind. Hardens the process first, then starts one daemon per state folder: lock, socket, database, acceptor.

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <iostream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/environment.hpp"
#include "common/os/daemon_record.hpp"
#include "common/os/descriptor_limit.hpp"
#include "common/os/find_paths.hpp"
#include "common/os/hardening.hpp"
#include "common/os/process_identity.hpp"
#include "common/presence.hpp"
#include "common/readiness.hpp"
#include "common/remedy_command.hpp"
#include "common/secret.hpp"
#include "common/untrusted_text.hpp"
#include "common/version.hpp"
#include "daemon/core/background.hpp"
#include "daemon/core/daemon.hpp"
#include "daemon/core/log.hpp"
#include "daemon/core/options.hpp"
#include "daemon/desktop/service_manager.hpp"
#include "daemon/desktop/socket_activation.hpp"
#include "daemon/ipc/daemon_lock.hpp"
#include "daemon/state/move_database.hpp"
#include "proto/silence.hpp"

namespace {

using namespace jackin;  // NOLINT(google-build-using-namespace): the program's own file

/// Reports the result of the start, once, to the process that started the daemon.
class Starter {
 public:
  explicit Starter(int fd) : fd_(fd) {}
  void report(const std::string& line) {
    if (fd_ < 0) return;
    // The starting process may have exited; then the result is not needed.
    (void)!write(fd_, line.data(), line.size());
    close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

void complain(const Error& error) {
  std::cerr << "error: " << error.message << '\n';
  const std::string remedy = command_line(error.remedy, {"jackind"});
  if (!remedy.empty()) std::cerr << "try: " << remedy << '\n';
}

// Replaces the environment of this process, for its libraries and child processes too.
void become(const Environment& environment) {
#ifdef __linux__
  clearenv();
#else
  const Environment inherited = Environment::of_this_process();
  for (const auto& [name, value] : inherited.variables()) unsetenv(name.c_str());
#endif
  for (const auto& [name, value] : environment.variables()) setenv(name.c_str(), value.c_str(), 1);
}

// Until this is true, spdlog writes to stdout.
bool log_begun = false;

// If a service manager's stderr is not the journal, it is a file without log rotation.
LogPlace choose_log(bool foreground, const Environment& inherited) {
  if (!foreground) return LogPlace::file;
  if (stderr_is_the_journal(inherited)) return LogPlace::journal;
  return started_by_service_manager() ? LogPlace::file : LogPlace::terminal;
}

Result<> begin_log(LogPlace place, const Paths& paths) {
  switch (place) {
    case LogPlace::journal:
      log_to_journal();
      return {};
    case LogPlace::terminal:
      log_to_stderr();
      return {};
    case LogPlace::file:
      break;
  }
  return log_to_file(paths.log_dir(), paths.home);
}

// The service manager started a second daemon because it does not know the first one: for example one that cron
// started, without XDG_RUNTIME_DIR. The manager would treat a silent exit as a failure, repeat the start, and finally
// close its socket.
void refuse_clients(os::Descriptor handed_over, ServiceManager& manager, const DaemonRecord& first) {
  manager.ready("another jackind runs: pid " + std::to_string(first.pid) + ", socket " + printable(first.socket));
  const auto socket = ipc::ListeningSocket::adopt(std::move(handed_over));
  if (!socket) return;
  for (;;) {
    // A client that stays in the queue would cause another start.
    const auto client = socket->accept();
    if (!client || !*client) return;
  }
}

// If the state of an earlier version is unavailable now, the daemon works without it and doctor reports that. A later
// start adds it.
Result<> take_over_earlier_state(const Paths& paths, ipc::DaemonLock& lock) {
  const auto has_old = is_there(paths.earlier_database());
  if (!has_old) {
    spdlog::warn("cannot read the state of an earlier version: {}", has_old.error().message);
    return state::mark_unavailable(paths.database(), has_old.error());
  }
  TRY(const bool has_earlier, lock.take_earlier(paths));
  if (*has_old && !has_earlier) return {};
  const auto moved = state::move_database(paths.earlier_database(), paths.database());
  if (!moved) {
    // Without a database of this version the daemon does not start.
    if (!state::unavailable_reason(paths.database())) return failure(moved.error());
    spdlog::error("cannot merge the state of an earlier version: {}", moved.error().message);
    return {};
  }
  const std::string to = printable(paths.state_dir.string());
  if (*moved == state::Moved::whole) spdlog::info("the state of an earlier version was moved to {}", to);
  if (*moved == state::Moved::merged) spdlog::info("the state of an earlier version was added to that in {}", to);
  return {};
}

Result<int> run(const Options& options, bool foreground, std::vector<os::Descriptor> sockets, Starter& starter) {
  const Environment inherited = Environment::of_this_process();
  const LogPlace log_place = choose_log(foreground, inherited);
  const bool is_service = started_by_service_manager() || !sockets.empty();
  const Environment environment = daemon_environment(inherited);
  become(environment);
  const auto manager = foreground ? system_service_manager(inherited) : no_service_manager();
  TRY(const std::size_t descriptors, os::raise_descriptor_limit());
  TRY(const Paths paths, find_paths(environment, options.folders));
  if (chdir("/") != 0) return failure(error_from_errno("cannot go to /", errno));

  DaemonRecord record{.pid = getpid(),
                      .start_time = identify_process(getpid()).value_or(ProcessIdentity()).start_time,
                      .boot_id = boot_id(),
                      .version = std::string(version()),
                      .socket = {},
                      .config_dir = paths.config_dir.string(),
                      .log = log_place};
  TRY(auto taken, ipc::DaemonLock::take(paths, std::move(record)));
  if (const auto* other = std::get_if<ipc::DaemonRunsAlready>(&taken)) {
    std::cerr << "jackind is already running: pid " << other->record.pid << ", socket "
              << printable(other->record.socket) << '\n';
    starter.report(readiness_line(Readiness::exists));
    if (!sockets.empty()) refuse_clients(std::move(sockets.front()), *manager, other->record);
    return 0;
  }
  auto& lock = std::get<ipc::DaemonLock>(taken);

  TRY(begin_log(log_place, paths));
  log_begun = true;
  TRY(take_over_earlier_state(paths, lock));
  // A client waits for this start.
  constexpr std::chrono::seconds limit{2};
  auto settings = config::load_settings_within(paths, limit);
  std::optional<Error> settings_problem;
  if (!settings) settings_problem = settings.error();
  config::LoadedSettings current = settings ? *std::move(settings) : config::LoadedSettings();
  // While the file does not answer, it is not known where a token may be sent.
  if (settings_problem && settings_problem->reason == Reason::timed_out) current.settings.upstream_check = false;
  set_log_level(options.log_level.value_or(current.settings.log_level));
  spdlog::info("jackind {} starts, pid {}", version(), getpid());
  if (settings_problem) spdlog::error("cannot load jackind.toml: {}; using the defaults", settings_problem->message);
  if (current.refused) spdlog::error("{}", current.refused->message);
  // The limit is known only after the first lock.
  Secret::copy_of("a try").clear();
  if (!Secret::locking_works()) spdlog::warn("secrets cannot be locked in memory: the limit is too small");

  TRY(auto socket, sockets.empty() ? ipc::ListeningSocket::create(paths.socket(), paths.home)
                                   : ipc::ListeningSocket::adopt(std::move(sockets.front())));
  TRY(auto daemon, Daemon::make({.paths = paths,
                                 .environment = environment,
                                 .is_service = is_service,
                                 .settings = std::move(current),
                                 .settings_problem = std::move(settings_problem),
                                 .fixed_log_level = options.log_level,
                                 .socket = std::move(socket),
                                 .lock = lock,
                                 .manager = *manager,
                                 .descriptors = descriptors}));
  TRY(const bool all_ended, daemon->run([&] { starter.report(readiness_line(Readiness::ready)); }));
  if (all_ended) {
    spdlog::info("stopped");
  } else {
    spdlog::error("stopped with work left unfinished");
  }
  // These objects are not destroyed: running work refers to them, and the process ends here.
  spdlog::shutdown();
  _exit(all_ended ? 0 : 1);
}

}  // namespace

int main(int argc, char** argv) {
  silence_libraries();
  int ready_fd = find_ready_fd(argc, argv);
  std::vector<os::Descriptor> sockets = desktop::inherited_sockets();
  std::vector<int> keep;
  for (const auto& socket : sockets) keep.push_back(socket.get());
  if (ready_fd >= 0) keep.push_back(ready_fd);
  const auto hardened = os::harden_process(keep);
  if (ready_fd >= 0 && fcntl(ready_fd, F_SETFD, FD_CLOEXEC) != 0) ready_fd = -1;
  if (!hardened) {
    complain(hardened.error());
    Starter(ready_fd).report(readiness_line(hardened.error()));
    return 1;
  }
  os::allow_locked_memory();
  prepare_secrets();

  Options options;
  if (const auto stop = parse_options(argc, argv, options)) {
    std::cout << stop->output;
    std::cerr << stop->errors;
    return stop->exit_code;
  }
  const bool foreground = options.foreground || !sockets.empty() || started_by_service_manager();
  if (!foreground && ready_fd < 0) {
    const auto in_background = go_to_background();
    if (!in_background) {
      complain(in_background.error());
      return 1;
    }
    ready_fd = *in_background;
  }
  Starter starter(ready_fd);
  const auto exit_code = run(options, foreground, std::move(sockets), starter);
  if (exit_code) return *exit_code;
  complain(exit_code.error());
  starter.report(readiness_line(exit_code.error()));
  if (log_begun) spdlog::error("{}", exit_code.error().message);
  return 1;
}
