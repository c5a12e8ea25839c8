// SPDX-License-Identifier: Apache-2.0
#include "daemon/core/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <sstream>
#include <string_view>

#include "common/pasted_credential.hpp"
#include "common/remedy_command.hpp"
#include "common/untrusted_text.hpp"
#include "common/version.hpp"

namespace jackin {
namespace {

constexpr int first_usable_fd = 3;
constexpr int last_usable_fd = 65535;

int parse_fd(std::string_view text) {
  int fd = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), fd);
  if (error != std::errc() || end != text.data() + text.size()) return -1;
  return fd >= first_usable_fd && fd <= last_usable_fd ? fd : -1;
}

}  // namespace

int find_ready_fd(int argc, const char* const* argv) {
  constexpr std::string_view name = "--ready-fd";
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == name && i + 1 < argc) return parse_fd(argv[i + 1]);
    if (word.starts_with(name) && word.size() > name.size() && word[name.size()] == '=') {
      return parse_fd(word.substr(name.size() + 1));
    }
  }
  return -1;
}

std::optional<Stop> parse_options(int argc, const char* const* argv, Options& options) {
  CLI::App app("Create, store and hand out the Claude Code tokens of one user. Clients start it as needed.", "jackind");
  app.set_version_flag("--version", "jackind " + std::string(version()));
  app.add_flag("--foreground", options.foreground, "Stay in the foreground and log to stderr");
  app.add_option("--log-level", options.log_level, "Lowest level to log")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}).description(""))
      ->type_name("trace|debug|info|warn|error|off");
  app.add_option("--config-dir", options.folders.config_dir, "Folder of jackin's configuration (JACKIN_CONFIG_DIR)")
      ->type_name("DIR");
  app.add_option("--state-dir", options.folders.state_dir, "Folder of database, lock and log (JACKIND_STATE_DIR)")
      ->type_name("DIR");
  app.add_option("--data-dir", options.folders.data_dir, "Folder of the file store's tokens (JACKIND_DATA_DIR)")
      ->type_name("DIR");
  app.add_option("--runtime-dir", options.folders.runtime_dir, "Folder of the socket (JACKIN_RUNTIME_DIR)")
      ->type_name("DIR");
  app.add_option("--home-dir", options.folders.home_dir,
                 "Folder of earlier versions' state and tokens (JACKIN_HOME_DIR)")
      ->type_name("DIR");
  app.add_option("--ready-fd", options.ready_fd)->check(CLI::Range(first_usable_fd, last_usable_fd))->group("");
  if (std::any_of(argv + std::min(1, argc), argv + argc, shows_credential)) {
    const Error error = pasted_credential("an argument");
    return Stop{2, {}, "error: " + error.message + "\ntry: " + command_line(error.remedy) + "\n"};
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream ignored;
    if (app.exit(error, out, ignored) == 0) return Stop{0, out.str(), {}};
    return Stop{2, {}, "error: " + printable(error.what()) + "\ntry: jackind --help\n"};
  }
  return std::nullopt;
}

}  // namespace jackin
