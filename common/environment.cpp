// SPDX-License-Identifier: Apache-2.0
#include "common/environment.hpp"

#include <algorithm>

#include "common/claude.hpp"
#include "common/slot_style.hpp"

extern "C" char** environ;

namespace jackin {
namespace {

using Names = std::vector<std::string_view>;

bool is_named(std::string_view name, const Names& patterns) {
  return std::any_of(patterns.begin(), patterns.end(), [&](std::string_view pattern) {
    if (pattern.ends_with('*')) return name.starts_with(pattern.substr(0, pattern.size() - 1));
    return name == pattern;
  });
}

// Every variable that can contain a Claude credential: claude's own, and those that a launch sets for jackin.
const Names& credentials() {
  static const std::string of_external_slots = std::string(external_prefix) + "*";
  static const Names names = [] {
    Names all(credential_variables.begin(), credential_variables.end());
    all.push_back(of_external_slots);
    return all;
  }();
  return names;
}

const Names& for_claude() {
  static const Names names{"HOME",
                           "PATH",
                           "TERM",
                           "LANG",
                           "LC_*",
                           "DISPLAY",
                           "WAYLAND_DISPLAY",
                           "XDG_*",
                           "DBUS_SESSION_BUS_ADDRESS",
                           "HTTP_PROXY",
                           "http_proxy",
                           "HTTPS_PROXY",
                           "https_proxy",
                           "ALL_PROXY",
                           "all_proxy",
                           "NO_PROXY",
                           "no_proxy",
                           "NODE_EXTRA_CA_CERTS",
                           "SSL_CERT_FILE",
                           "SSL_CERT_DIR",
                           config_dir_variable,
                           "CLAUDE_CODE_DISABLE_*"};
  return names;
}

}  // namespace

Environment Environment::of_this_process() {
  Variables variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return Environment(std::move(variables));
}

std::optional<std::string> Environment::get(std::string_view name) const {
  const auto found = variables_.find(name);
  if (found == variables_.end()) return std::nullopt;
  return found->second;
}

void Environment::erase(std::string_view name) {
  const auto found = variables_.find(name);
  if (found != variables_.end()) variables_.erase(found);
}

Environment Environment::only(const Names& names) const {
  Variables kept;
  for (const auto& [name, value] : variables_) {
    if (is_named(name, names)) kept.emplace(name, value);
  }
  return Environment(std::move(kept));
}

Environment Environment::without(const Names& names) const {
  Variables kept;
  for (const auto& [name, value] : variables_) {
    if (!is_named(name, names)) kept.emplace(name, value);
  }
  return Environment(std::move(kept));
}

Environment client_environment(const Environment& environment) {
  Environment sent = environment.only(for_claude());
  const Environment for_op = environment.only({"OP_ACCOUNT", "OP_CONFIG_DIR", "OP_SERVICE_ACCOUNT_TOKEN",
                                               "OP_SESSION_*", "OP_CACHE", "OP_BIOMETRIC_UNLOCK_ENABLED"});
  for (const auto& [name, value] : for_op.variables()) {
    sent.set(name, value);
  }
  return sent.without(credentials());
}

Environment daemon_environment(const Environment& environment) {
  // GLib's debug output shows messages on the bus. libsecret's variables move secrets to another place (libsecret,
  // "SecretBackend"). The list does not contain `SECRET_*`, because a source `env` may have such a name.
  return environment
      // Only jackind.toml sets the API's address. With a variable, the program that sets it could redirect tokens.
      .without({base_url_variable})
      .without({"LD_*", "DYLD_*", "GRPC_*", "SSLKEYLOGFILE", "NODE_OPTIONS", "G_MESSAGES_DEBUG", "G_DBUS_DEBUG",
                "SECRET_BACKEND", "SECRET_FILE_TEST_PATH", "SECRET_FILE_TEST_PASSWORD"})
      // A service manager sets these for one process (systemd.exec(5)). A child would take them for its own.
      .without({"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_*", "JOURNAL_STREAM", "SYSTEMD_EXEC_PID",
                "INVOCATION_ID", "MAINPID", "MANAGERPID"})
      .without(credentials());
}

Environment claude_environment(const Environment& environment) {
  return environment.only(for_claude()).without(credentials());
}

}  // namespace jackin
