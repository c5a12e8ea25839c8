// SPDX-License-Identifier: Apache-2.0
#include "client/core/browser.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "common/os/command.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace {

#ifdef __APPLE__
constexpr const char* desktop_opener = "open";
#else
constexpr const char* desktop_opener = "xdg-open";
#endif

// Entries of $BROWSER, each as a list of words.
using Entries = std::vector<std::vector<std::string>>;

Error unreadable(std::string_view wanted, const std::string& why) {
  return {Reason::invalid_argument, "cannot read BROWSER=" + printable(wanted, 80) + ": " + why,
          Remedy::set_variable("BROWSER", "/path/to/a/browser")};
}

// Splits $BROWSER at colons and blanks. Quotes and backslashes keep both from dividing, as in a POSIX shell (2.2
// Quoting). Nothing is expanded. An unquoted `&`, which Python's webbrowser reads as "do not wait", is dropped: this
// function never waits.
Result<Entries> split_entries(std::string_view wanted) {
  Entries entries(1);
  std::optional<std::string> word;  // empty quotes make a word too
  bool was_quoted = false;
  char quote = '\0';
  const auto end_word = [&] {
    if (word && (was_quoted || *word != "&")) entries.back().push_back(*std::move(word));
    word.reset();
    was_quoted = false;
  };
  const auto add = [&](char c) {
    if (!word) word.emplace();
    *word += c;
  };
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const char c = wanted[i];
    const bool is_last = i + 1 == wanted.size();
    if (c == '\\' && quote != '\'') {
      if (is_last) return failure(unreadable(wanted, "nothing follows its last backslash"));
      const char next = wanted[++i];
      const bool keeps_backslash = quote == '"' && std::string_view("\\\"$`").find(next) == std::string_view::npos;
      if (keeps_backslash) add('\\');
      add(next);
      was_quoted = true;
    } else if (quote != '\0') {
      if (c == quote) {
        quote = '\0';
      } else {
        add(c);
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      was_quoted = true;
      if (!word) word.emplace();
    } else if (c == ' ' || c == '\t' || c == '\n') {
      end_word();
    } else if (c == ':') {
      end_word();
      entries.emplace_back();
    } else {
      add(c);
    }
  }
  if (quote != '\0') return failure(unreadable(wanted, "a quote is not closed"));
  end_word();
  std::erase_if(entries, [](const auto& words) { return words.empty(); });
  return entries;
}

// Replaces each `%s` in the arguments with the address, or appends the address when there is no `%s`.
void place_address(std::vector<std::string>& command, std::string_view url) {
  constexpr std::string_view place = "%s";
  bool placed = false;
  for (std::size_t i = 1; i < command.size(); ++i) {
    for (auto at = command[i].find(place); at != std::string::npos; at = command[i].find(place, at + url.size())) {
      command[i].replace(at, place.size(), url);
      placed = true;
    }
  }
  if (!placed) command.emplace_back(url);
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
  TRY(auto entries, split_entries(wanted));
  std::optional<Error> missing;
  for (auto& command : entries) {
    auto found = locate_command(command.front(), environment);
    if (found) {
      command.front() = *std::move(found);
      place_address(command, url);
      return command;
    }
    if (!missing) missing = std::move(found).error();
  }
  // There is no fallback: another browser may use another profile, and so another account would give the consent.
  if (missing) {
    return failure(Reason::program_missing,
                   "BROWSER=" + printable(wanted, 80) + " cannot be started: " + missing->message,
                   Remedy::set_variable("BROWSER", "/path/to/a/browser"));
  }
  const auto opener = locate_command(desktop_opener, environment);
  if (!opener) {
    return failure(Reason::program_missing, std::string("BROWSER is not set, and the PATH has no ") + desktop_opener,
                   Remedy::set_variable("BROWSER", "/path/to/a/browser"));
  }
  return std::vector<std::string>{*opener, std::string(url)};
}

Result<pid_t> open_browser(const Environment& environment, std::string_view url) {
  TRY(auto command, browser_command(environment, url));
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere < 0) return failure(error_from_errno("cannot open /dev/null", errno));
  // In a session of its own the browser does not receive Ctrl-C.
  auto child = start_command(command, Environment::of_this_process(), nowhere, nowhere, CommandSession::own);
  close(nowhere);
  return child;
}

}  // namespace jackin::client
