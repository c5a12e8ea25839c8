#include "client/cli/browser.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "client/service/command.hpp"
#include "common/untrusted_text.hpp"

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
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere < 0) return failure(error_from_errno("cannot open /dev/null", errno));
  // A session of its own keeps Ctrl-C from it.
  auto child = start_command(command, Environment::of_this_process(), nowhere, nowhere, Session::own);
  close(nowhere);
  return child;
}

}  // namespace jackin::client
