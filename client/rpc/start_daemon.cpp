// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/start_daemon.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <vector>

#include "common/os/find_paths.hpp"

namespace jackin::client {
namespace {

// Longer than a starting daemon waits for its predecessor to exit (DaemonLock::take).
constexpr std::chrono::seconds start_limit{90};

// Returns the array for execve; it points into `words`.
std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Runs in the child, and then in the grandchild: async-signal-safe calls only.
[[noreturn]] void become_daemon(const char* program, char* const* argv, char* const* envp, int ready_fd) {
  setsid();
  const int null = open("/dev/null", O_RDWR);
  if (null < 0) _exit(127);
  for (int fd = 0; fd <= 2; ++fd) dup2(null, fd);
  // The arguments name descriptor 3; dup2 also clears close-on-exec.
  if (ready_fd == 3) {
    fcntl(3, F_SETFD, 0);
  } else {
    dup2(ready_fd, 3);
  }
  const long limit = sysconf(_SC_OPEN_MAX);
  for (int fd = 4; fd < (limit > 0 && limit < 4096 ? limit : 4096); ++fd) close(fd);
  if (chdir("/") != 0) _exit(127);
  // The session leader exits, so the daemon can never acquire a terminal.
  const pid_t daemon = fork();
  if (daemon != 0) _exit(daemon < 0 ? 127 : 0);
  execve(program, argv, envp);
  _exit(127);
}

Result<std::string> read_until_end(int fd) {
  std::string text;
  const auto deadline = std::chrono::steady_clock::now() + start_limit;
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    pollfd ready{fd, POLLIN, 0};
    const int count = left > 0 ? poll(&ready, 1, static_cast<int>(left)) : 0;
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      return failure(Reason::timed_out,
                     "jackind was not ready within " + std::to_string(start_limit.count()) + " seconds",
                     Remedy::of(RemedyAction::run_daemon));
    }
    std::array<char, 4096> buffer{};
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || text.size() > 64 * 1024) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

Result<Readiness> start_daemon(const Environment& environment, const Paths& paths) {
  const auto program = own_program_dir() / "jackind";
  if (access(program.c_str(), X_OK) != 0) {
    return failure(Reason::program_missing,
                   "jackind is not installed beside this program, in " + own_program_dir().string(),
                   Remedy::try_again("with jackind installed there"));
  }
  std::vector<std::string> words{program.string(),
                                 "--config-dir",
                                 paths.config_dir.string(),
                                 "--state-dir",
                                 paths.state_dir.string(),
                                 "--data-dir",
                                 paths.data_dir.string(),
                                 "--runtime-dir",
                                 paths.runtime_dir.string(),
                                 "--home-dir",
                                 paths.home_dir.string(),
                                 "--ready-fd",
                                 "3"};
  std::vector<std::string> settings;
  const Environment kept = daemon_environment(environment);
  for (const auto& [name, value] : kept.variables()) settings.push_back(name + "=" + value);
  const auto argv = pointers_to(words);
  const auto envp = pointers_to(settings);

  std::array<int, 2> pipe_ends{};
  if (pipe(pipe_ends.data()) != 0) return failure(error_from_errno("cannot make a pipe", errno));
  for (const int fd : pipe_ends) fcntl(fd, F_SETFD, FD_CLOEXEC);
  const pid_t child = fork();
  if (child == 0) become_daemon(program.c_str(), argv.data(), envp.data(), pipe_ends[1]);
  const int fork_error = errno;
  close(pipe_ends[1]);
  if (child < 0) {
    close(pipe_ends[0]);
    return failure(error_from_errno("cannot start jackind", fork_error));
  }
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  auto text = read_until_end(pipe_ends[0]);
  close(pipe_ends[0]);
  TRY(const std::string said, std::move(text));
  return parse_readiness(said);
}

}  // namespace jackin::client
