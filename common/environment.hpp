// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jackin {

/// A set of environment variables, as a value: of a process, from a client, or for a child process.
class Environment {
 public:
  using Variables = std::map<std::string, std::string, std::less<>>;

  Environment() = default;
  explicit Environment(Variables variables) : variables_(std::move(variables)) {}

  /// The environment of this process. Call before other threads change it.
  static Environment of_this_process();

  std::optional<std::string> get(std::string_view name) const;
  /// The value; empty when unset.
  std::string value_of(std::string_view name) const { return get(name).value_or(std::string()); }
  /// Whether the variable is set and not empty.
  bool has(std::string_view name) const { return !value_of(name).empty(); }
  void set(std::string name, std::string value) { variables_.insert_or_assign(std::move(name), std::move(value)); }
  void erase(std::string_view name);

  /// The variables whose name is in `names`. A name that ends in `*` matches every name with that prefix.
  Environment only(const std::vector<std::string_view>& names) const;
  /// All other variables.
  Environment without(const std::vector<std::string_view>& names) const;

  const Variables& variables() const& noexcept { return variables_; }
  /// Deleted for a temporary, so that a loop cannot outlive the environment that it iterates over.
  Variables variables() && { return std::move(variables_); }

  friend bool operator==(const Environment&, const Environment&) = default;

 private:
  Variables variables_;
};

/// The part of its environment that a client sends to the daemon: only what claude, op and the search for programs need
/// (docs/architecture.md, "Environments"). It contains no Claude credential.
Environment client_environment(const Environment& environment);

/// The part that an autostarted daemon keeps: all variables except these:
/// - every Claude credential, also in a variable of an external slot (`JACKIND_TOKEN_*`);
/// - ANTHROPIC_BASE_URL, because only jackind.toml sets the API's address;
/// - variables that change how programs load, what libraries print and where they keep secrets (`LD_*`, `DYLD_*`,
///   `GRPC_*`, SSLKEYLOGFILE, NODE_OPTIONS, GLib's, libsecret's);
/// - variables that a service manager sets for one process (NOTIFY_SOCKET, `LISTEN_*` and similar ones).
Environment daemon_environment(const Environment& environment);

/// The part of `environment` (the client's) for claude: never a credential. The mint sets BROWSER itself.
Environment claude_environment(const Environment& environment);

}  // namespace jackin
