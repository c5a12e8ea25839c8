#include "client/link/start_daemon.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace fs = std::filesystem;
namespace {

// Longer than the daemon itself waits for another one that is just starting or ending.
constexpr auto readiness_limit = std::chrono::seconds(70);
constexpr int ready_fd = 3;

Error no_pipe() {
  return error_from_errno("cannot start the daemon", errno);
}

/// argv or envp: what execve wants, made before the fork, since nothing may be allocated after it.
class Words {
 public:
  void add(std::string word) { words_.push_back(std::move(word)); }
  char* const* pointers() {
    pointers_.clear();
    for (auto& word : words_) pointers_.push_back(word.data());
    pointers_.push_back(nullptr);
    return pointers_.data();
  }

 private:
  std::vector<std::string> words_;
  std::vector<char*> pointers_;
};

// In the child of the child: becomes the daemon. Only async-signal-safe calls from here on.
[[noreturn]] void become_daemon(int ready_end, char* const* argv, char* const* envp, const std::string& cannot_run) {
  const int null = open("/dev/null", O_RDWR);
  for (const int fd : {0, 1, 2}) dup2(null, fd);
  if (ready_end == ready_fd) {
    fcntl(ready_fd, F_SETFD, 0);
  } else {
    dup2(ready_end, ready_fd);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP, SIGCHLD}) signal(number, SIG_DFL);
  if (chdir("/") == 0) execve(argv[0], argv, envp);
  (void)!write(ready_fd, cannot_run.data(), cannot_run.size());
  _exit(127);
}

// All that comes until the other end is closed; nothing when that takes longer than the limit.
std::optional<std::string> read_until_closed(int fd) {
  const auto until = std::chrono::steady_clock::now() + readiness_limit;
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd waiting{fd, POLLIN, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(std::max<long long>(0, left.count())));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return std::nullopt;
    const ssize_t count = read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

Result<DaemonRecord> start_daemon(const Paths& paths, const Environment& environment) {
  const fs::path program = own_program_dir() / "jackind";
  if (access(program.c_str(), X_OK) != 0) {
    return failure(Reason::daemon_unreachable,
                   "no daemon runs, and there is none beside this program to start: " + printable(program.string()));
  }
  Words argv;
  argv.add(program.string());
  for (const auto& [option, folder] : {std::pair<const char*, const fs::path&>{"--config-dir", paths.config_dir},
                                       {"--home-dir", paths.home_dir},
                                       {"--runtime-dir", paths.runtime_dir}}) {
    argv.add(option);
    argv.add(folder.string());
  }
  argv.add("--foreground");
  argv.add("--ready-fd");
  argv.add(std::to_string(ready_fd));
  Words envp;
  const Environment kept = kept_by_daemon(environment);
  for (const auto& [name, value] : kept.variables()) envp.add(name + "=" + value);
  const std::string cannot_run = format_start_outcome(
      Error{Reason::daemon_unreachable, "the daemon cannot be run: " + printable(program.string()), {}});

  std::array<int, 2> ends{};
#ifdef __linux__
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return failure(no_pipe());
#else
  if (pipe(ends.data()) != 0) return failure(no_pipe());
  for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
#endif
  char* const* const arguments = argv.pointers();
  char* const* const variables = envp.pointers();
  const pid_t child = fork();
  if (child == 0) {
    // Twice: the daemon is nobody's child and leads no session, so that no terminal becomes its own.
    setsid();
    const pid_t daemon = fork();
    if (daemon == 0) become_daemon(ends[1], arguments, variables, cannot_run);
    _exit(daemon < 0 ? 1 : 0);
  }
  close(ends[1]);
  if (child < 0) {
    close(ends[0]);
    return failure(no_pipe());
  }
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  const auto said = read_until_closed(ends[0]);
  close(ends[0]);
  if (!said) return failure(Reason::timed_out, "the daemon does not become ready", "jackinctl daemon logs");
  auto outcome = parse_start_outcome(*said);
  if (!outcome) {
    return failure(Reason::daemon_unreachable, "the daemon ended before it was ready", "jackinctl daemon logs");
  }
  if (auto* error = std::get_if<Error>(&*outcome)) {
    return failure(error->reason, printable(error->message, 1000), printable(error->remedy, 1000));
  }
  if (auto* ready = std::get_if<DaemonReady>(&*outcome)) return std::move(ready->record);
  return std::move(std::get<DaemonRunsAlready>(*outcome).record);
}

}  // namespace jackin::client
