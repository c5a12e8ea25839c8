// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/environment.hpp"
#include "common/secret.hpp"
#include "daemon/async/clock.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/async/task.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/health/upstream.hpp"
#include "daemon/health/verdict.hpp"
#include "daemon/secrets/resolver.hpp"
#include "daemon/secrets/secret_cache.hpp"
#include "daemon/state/database.hpp"

namespace jackin::health {

enum class FindingSeverity { info, warning, error };
std::string_view to_text(FindingSeverity severity);

/// Something doctor has to say.
struct Finding {
  FindingSeverity severity = FindingSeverity::info;
  std::string code;     ///< Stable.
  std::string message;  ///< What it means, one sentence.
  std::string remedy;   ///< A command or a short instruction.
};

/// What the full check of one scope found.
struct ScopeReport {
  ProbeAnswer answer;
  std::vector<Finding> findings;
};

/// A token resolved for a launch, with what is known of it.
struct ResolvedToken {
  Secret token;
  Fingerprint fingerprint;
};

/// What is known of many scopes at a time.
struct Overview {
  std::vector<ProbeAnswer> answers;        ///< In the order of the configuration.
  std::vector<std::vector<Scope>> groups;  ///< That share a source, two or more in each, in order.
};

/// Knows how every scope's token does. Daemon's thread only.
class Health {
 public:
  struct Dependencies {
    Clock& clock;
    async::Pool& pool;
    config::Configuration& configuration;
    secrets::Sources& sources;
    Upstream& upstream;
    state::Database& database;
    std::chrono::seconds max_age;             ///< `[health] max_age`, until `set_max_age`.
    secrets::SecretCache* cache = nullptr;    ///< What launches need not ask the store for again; may be null.
    std::function<void()> changed = nullptr;  ///< Called when an answer may have become another; may be empty.
  };
  explicit Health(Dependencies deps);
  ~Health();

  /// From now on an answer is stale from this age on.
  void set_max_age(std::chrono::seconds max_age);

  /// Reads what the database remembers. Once, before the first question.
  Task<> load();

  /// From memory, at once: no program, no network. A scope whose configuration is broken is told as block and
  /// malformed, without a mode, with the file's error as its summary. Errors: unknown_workspace.
  Result<ProbeAnswer> probe(const Scope& scope, std::optional<std::chrono::seconds> max_age = {});

  /// The same about what the configuration says at this moment.
  ProbeAnswer answer_about(const config::EffectiveAuth& auth) const;

  /// The same as `probe`, after a glance at a source that can be glanced at: a file that is missing, that others can
  /// read or that is empty blocks whatever was seen before, and one that is in order again does not. Waits for no file
  /// system that does not answer (`QuickChecks::limit`): then the answer is at least a warning. Errors:
  /// unknown_workspace, cancelled.
  Task<ProbeAnswer> probe_with_quick_check(Scope scope, std::optional<std::chrono::seconds> max_age = {});

  /// Calls `each` with what `probe` says of every scope of the configuration, in order, in turns of the event loop
  /// (config/walk.hpp). An answer is made in the turn in which it is given. Errors: config_unreadable, before any
  /// answer; cancelled.
  using EachAnswer = std::function<void(ProbeAnswer)>;
  Task<> each_answer(EachAnswer each);

  /// The same answers of all scopes, or of those of one workspace; and the scopes whose token comes from the same
  /// source, whichever workspace is asked about. A config.toml that changes during the walk makes it begin again, three
  /// times at most: all answers have one config.toml. Errors: unknown_workspace, config_unreadable, cancelled.
  Task<Overview> overview(std::string workspace = {});

  /// The full check: resolves the source, looks at shape, fingerprint, expiry and the API (not when `offline`), and
  /// records the result. Errors: unknown_workspace; what is wrong with the configuration or the token is a finding.
  Task<ScopeReport> examine(const Scope& scope, const Environment& client, bool attended, bool offline);

  /// The same for every scope, side by side within a limit; each distinct source is asked once, however many scopes
  /// share it. `each` is called as a scope is done, `progress` as a source is, with how many are and how many there
  /// are. Errors: cancelled, config_unreadable.
  using EachReport = std::function<void(const ScopeReport&)>;
  using Progress = std::function<void(std::size_t done, std::size_t total, const std::string& what)>;
  Task<> examine_all(const Environment& client, bool attended, bool offline, EachReport each, Progress progress);

  /// Looks again at a scope's token, unattended and with the API when that is due (once a day). Never for a source that
  /// could ask the user something: unsupported. Errors: those of the configuration.
  Task<> refresh(const Scope& scope, const Environment& own);

  /// Resolves the token for a launch and records what was seen (fingerprint, shape, gone). One that was resolved a
  /// moment ago may be given again. A token that is another than before is first shown to the API. Errors: those of the
  /// source; slot_missing, token_malformed.
  Task<ResolvedToken> resolve_for_launch(const Scope& scope, const Environment& client);

  /// Setup's word after it wired a token: recorded as the scope's, checked now, in the database before this returns.
  /// An answer of kind `unknown` without a code means that the API was not asked.
  Task<> record(const state::TokenRecord& token, const UpstreamAnswer& upstream);

  /// The record of a scope's token, if any.
  std::optional<state::TokenRecord> token_of(const Scope& scope) const;

  /// Drops what is known of a scope.
  Task<> forget(const Scope& scope);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace jackin::health
