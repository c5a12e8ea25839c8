// SPDX-License-Identifier: Apache-2.0
#include "common/os/command.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "common/os/locate_program.hpp"
#include "common/os/process_end.hpp"
#include "common/untrusted_text.hpp"

namespace jackin {
namespace {

constexpr std::size_t output_limit = 16 * 1024;

bool is_program(const std::string& path) {
  struct stat entry {};
  return stat(path.c_str(), &entry) == 0 && S_ISREG(entry.st_mode) && access(path.c_str(), X_OK) == 0;
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Result<std::string> locate_command(std::string_view name, const Environment& environment) {
  const auto missing = [&] { return failure(Reason::program_missing, "no program '" + printable(name) + "' on PATH"); };
  if (name.find('/') != std::string_view::npos) {
    std::string path(name);
    if (!path.starts_with('/') || !is_program(path)) return missing();
    return path;
  }
  const std::string search_path = environment.value_of("PATH");
  for (const std::string_view entry : search_path_entries(search_path)) {
    const std::string folder(entry);
    struct stat status {};
    const bool is_safe =
        folder.starts_with('/') && stat(folder.c_str(), &status) == 0 && (status.st_mode & S_IWOTH) == 0;
    std::string path = folder + "/" + std::string(name);
    if (is_safe && !name.empty() && is_program(path)) return path;
  }
  return missing();
}

Result<pid_t> start_command(const std::vector<std::string>& words, const Environment& environment, int out, int err,
                            CommandSession session) {
  std::vector<std::string> arguments = words;
  std::vector<std::string> settings;
  for (const auto& [name, value] : environment.variables()) settings.push_back(name + "=" + value);
  const auto argv = pointers_to(arguments);
  const auto envp = pointers_to(settings);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, out, 1);
  posix_spawn_file_actions_adddup2(&files, err, 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // The command gets default signal actions, whatever this program catches or ignores.
  sigset_t defaults;
  sigfillset(&defaults);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, static_cast<short>(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                                                           (session == CommandSession::own ? POSIX_SPAWN_SETSID : 0)));
  pid_t child = -1;
  const int failed = posix_spawn(&child, argv[0], &files, &attributes, argv.data(), envp.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (failed != 0) {
    return failure(Reason::program_failed, "cannot start " + printable(words.front()) + ": " + std::strerror(failed));
  }
  return child;
}

int reap(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return 127;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Result<CommandResult> run_command(const std::vector<std::string>& words, const Environment& environment,
                                  std::chrono::seconds limit) {
  // A file, not a pipe: a background process of the command may keep a pipe open indefinitely.
  const std::unique_ptr<FILE, int (*)(FILE*)> said(std::tmpfile(), &std::fclose);
  if (!said) return failure(error_from_errno("cannot make a temporary file", errno));
  const int file = fileno(said.get());
  fcntl(file, F_SETFD, FD_CLOEXEC);
  TRY(const pid_t child, start_command(words, environment, file, file));
  if (!ProcessEnd(child).wait(limit)) {
    kill(child, SIGKILL);
    reap(child);
    return failure(Reason::timed_out,
                   printable(words.front()) + " did not finish within " + std::to_string(limit.count()) + " seconds");
  }
  CommandResult result;
  result.exit_code = reap(child);
  result.output.resize(output_limit);
  const ssize_t count = pread(file, result.output.data(), output_limit, 0);
  result.output.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return result;
}

}  // namespace jackin
