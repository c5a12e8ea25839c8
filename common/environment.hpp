// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jackin {

/// A set of environment variables, as a value: what a process has, what a client sent, what a child will get.
class Environment {
 public:
  using Variables = std::map<std::string, std::string, std::less<>>;

  Environment() = default;
  explicit Environment(Variables variables) : variables_(std::move(variables)) {}

  /// This process's own. Call before other threads change it.
  static Environment of_this_process();

  std::optional<std::string> get(std::string_view name) const;
  /// The value; empty when unset.
  std::string value_of(std::string_view name) const { return get(name).value_or(std::string()); }
  /// Whether the variable is set to something.
  bool has(std::string_view name) const { return !value_of(name).empty(); }
  void set(std::string name, std::string value) { variables_.insert_or_assign(std::move(name), std::move(value)); }
  void erase(std::string_view name);

  /// Those whose name is in `names`; a name that ends in `*` stands for every name that begins so.
  Environment only(const std::vector<std::string_view>& names) const;
  /// All others.
  Environment without(const std::vector<std::string_view>& names) const;

  const Variables& variables() const& noexcept { return variables_; }
  /// Of a temporary, so that a loop over them does not outlive what it walks over.
  Variables variables() && { return std::move(variables_); }

  friend bool operator==(const Environment&, const Environment&) = default;

 private:
  Variables variables_;
};

/// What a client tells the daemon of its own environment: no more than claude, op and the look-up of programs need
/// (docs/architecture.md, "Environments"). No Claude credential is in it.
Environment client_environment(const Environment& environment);

/// What an autostarted daemon keeps: all but every Claude credential, ANTHROPIC_BASE_URL (the API's address comes from
/// jackind.toml alone), and what changes how programs load, what libraries print and where they keep secrets (`LD_*`,
/// `DYLD_*`, `GRPC_*`, SSLKEYLOGFILE, NODE_OPTIONS, GLib's, libsecret's), and what a service manager says to one
/// process (NOTIFY_SOCKET, `LISTEN_*` and their like).
Environment daemon_environment(const Environment& environment);

/// What claude is given of `environment` (the client's): never a credential. BROWSER is the mint's own to set.
Environment claude_environment(const Environment& environment);

}  // namespace jackin
