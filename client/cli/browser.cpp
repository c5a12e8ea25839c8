#include "client/cli/browser.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "client/service/command.hpp"
#include "common/untrusted_text.hpp"

extern "C" char** environ;

namespace jackin::client {
namespace {

#ifdef __APPLE__
constexpr const char* desktop_opener = "open";
#else
constexpr const char* desktop_opener = "xdg-open";
#endif

std::vector<std::string_view> split(std::string_view text, char divider) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = text.find(divider);
    if (end != 0) parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return parts;
}

bool is_plain_https(std::string_view url) {
  return url.starts_with("https://") && url.size() > 8 && url.size() < 8192 &&
         std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

}  // namespace

bool browser_shows_here(const Environment& environment) {
  if (environment.has("SSH_CONNECTION") || environment.has("SSH_TTY")) return false;
#ifdef __APPLE__
  return true;
#else
  return environment.has("DISPLAY") || environment.has("WAYLAND_DISPLAY") || environment.has("BROWSER");
#endif
}

Result<std::vector<std::string>> browser_command(const Environment& environment, std::string_view url) {
  if (!is_plain_https(url)) {
    return failure(Reason::invalid_argument, "refusing to open an address that is not https: " + printable(url, 80));
  }
  const std::string wanted = environment.value_of("BROWSER");
  for (const std::string_view entry : split(wanted, ':')) {
    std::vector<std::string> command;
    bool placed = false;
    for (const std::string_view word : split(entry, ' ')) {
      std::string argument(word);
      if (const auto at = argument.find("%s"); at != std::string::npos && !command.empty()) {
        argument.replace(at, 2, url);
        placed = true;
      }
      command.push_back(std::move(argument));
    }
    if (command.empty()) continue;
    command.front() = locate_command(command.front(), environment).value_or(std::string());
    if (command.front().empty()) continue;
    if (!placed) command.emplace_back(url);
    return command;
  }
  const auto opener = locate_command(desktop_opener, environment);
  if (!opener) {
    return failure(Reason::program_missing, std::string("neither $BROWSER nor ") + desktop_opener + " is there",
                   "export BROWSER=/path/to/a/browser");
  }
  return std::vector<std::string>{*opener, std::string(url)};
}

Result<pid_t> open_browser(const Environment& environment, std::string_view url) {
  TRY(auto command, browser_command(environment, url));
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // What this program caught or ignored is not the browser's affair; a session of its own keeps Ctrl-C from it.
  sigset_t defaults;
  sigfillset(&defaults);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  pid_t child = -1;
  const int failed = posix_spawn(&child, arguments[0], &files, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (failed != 0) {
    return failure(Reason::program_failed, "cannot start " + printable(command.front()) + ": " + std::strerror(failed));
  }
  return child;
}

}  // namespace jackin::client
