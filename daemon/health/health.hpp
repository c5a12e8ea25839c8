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
#include "common/verdict.hpp"
#include "daemon/async/clock.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/async/task.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/health/probe_answer.hpp"
#include "daemon/health/upstream.hpp"
#include "daemon/secrets/resolver.hpp"
#include "daemon/secrets/secret_cache.hpp"
#include "daemon/state/database.hpp"

namespace jackin::health {

/// One finding of doctor.
struct Finding {
  Severity severity = Severity::info;
  std::string code;     ///< Stable.
  std::string message;  ///< The meaning of the finding, one sentence.
  Remedy remedy;
};

/// What the full check of one scope found.
struct ScopeReport {
  ProbeAnswer answer;
  std::vector<Finding> findings;
};

/// What is known of a scope without asking its source.
struct ScopeDetails {
  ScopeReport report;
  std::vector<state::HistoryRecord> history;  ///< The newest first.
  std::vector<state::HandoutRecord> holders;  ///< The running processes that received a token of the scope.
  std::vector<Scope> shared_with;             ///< The other scopes with the same source.
  std::optional<Moment> recorded_at;          ///< When the token was created or adopted.
  std::string file;                           ///< The file that names the token, as messages name it; may be empty.
};

/// A token resolved for a launch, with its fingerprint.
struct ResolvedToken {
  Secret token;
  Fingerprint fingerprint;
};

/// The answers about several scopes.
struct Overview {
  std::vector<ProbeAnswer> answers;        ///< In the order of the configuration.
  std::vector<std::vector<Scope>> groups;  ///< Scopes that share a source; two or more in each group, in order.
};

/// Tracks the health of every scope's token. Daemon's thread only.
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
    secrets::SecretCache* cache = nullptr;    ///< Tokens that launches need not read from the store again; may be null.
    std::function<void()> changed = nullptr;  ///< Called when an answer may have changed; may be empty.
  };
  explicit Health(Dependencies deps);
  ~Health();

  /// Sets the age from which an answer is stale.
  void set_max_age(std::chrono::seconds max_age);

  /// Loads the records of the database. Call once, before the first query.
  Task<> load();

  /// Answers from memory after it has read the scope's configuration: starts no program and uses no network. A scope
  /// with a broken configuration gets block and malformed, without a mode, with the file's error as its summary. A
  /// scope whose file does not answer gets warn and unreachable, because its token is unknown. Errors:
  /// unknown_workspace.
  Task<ProbeAnswer> probe(Scope scope, std::optional<std::chrono::seconds> max_age = {});

  /// The same for `auth`, which the caller has just read. `answer_for` also answers for the error of that read.
  ProbeAnswer answer_about(const config::EffectiveAuth& auth) const;
  Result<ProbeAnswer> answer_for(const Scope& scope, const Result<config::EffectiveAuth>& auth) const;

  /// The same as `probe`, after a quick check of the source if its kind allows one. A file that is missing, readable by
  /// others or empty blocks, whatever earlier checks found. A file that was fixed does not block. Waits at most
  /// `QuickChecks::limit` for a file system that does not answer; then the answer is at least a warning. Errors:
  /// unknown_workspace, cancelled.
  Task<ProbeAnswer> probe_with_quick_check(Scope scope, std::optional<std::chrono::seconds> max_age = {});

  /// Calls `each` with the `probe` answer of every scope of the configuration, in order, in turns of the event loop
  /// (`each_workspace`). Creates each answer in the turn that passes it. Errors: config_unreadable, before any answer;
  /// cancelled.
  using EachAnswer = std::function<void(ProbeAnswer)>;
  Task<> each_answer(EachAnswer each);

  /// The same answers for all scopes, or for those of one workspace, and the groups of scopes that share a source. The
  /// groups always cover the whole configuration. A change of config.toml restarts the walk, at most three times: all
  /// answers come from one config.toml. Errors: unknown_workspace, config_unreadable, cancelled.
  Task<Overview> overview(std::string workspace = {});

  /// What memory, the configuration and the database contain about one scope. Starts no program and uses no network.
  /// A finding says which records of the database cannot be read. Errors: unknown_workspace, config_unreadable,
  /// cancelled.
  Task<ScopeDetails> details(Scope scope);

  /// The full check: resolves the source, checks shape, fingerprint, expiry and the API (not when `offline`), and
  /// records the result. Errors: unknown_workspace; a problem of the configuration or the token is a finding.
  Task<ScopeReport> examine(const Scope& scope, const Environment& client, bool attended, bool offline);

  /// The same for every scope, in parallel up to a limit. Asks each distinct source once, even when several scopes
  /// share it. Calls `each` for each finished scope. Calls `progress` for each finished source, with the finished and
  /// the total number. Errors: cancelled, config_unreadable.
  using EachReport = std::function<void(const ScopeReport&)>;
  using Progress = std::function<void(std::size_t done, std::size_t total, const std::string& what)>;
  Task<> examine_all(const Environment& client, bool attended, bool offline, EachReport each, Progress progress);

  /// Checks a scope's token again, unattended, and asks the API when that is due (once a day). A source that could ask
  /// the user is never asked: unsupported. Errors: those of the configuration.
  Task<> refresh(const Scope& scope, const Environment& own);

  /// Resolves the token for a launch and records the observations (fingerprint, shape, gone). May return a recently
  /// resolved token again. Asks the API first about a token that differs from the recorded one. Errors: those of the
  /// source; slot_missing, token_malformed.
  /// `variable` is that of a ClientEnvSource, which the client was asked for.
  Task<ResolvedToken> resolve_for_launch(const Scope& scope, const Environment& client,
                                         std::optional<secrets::ClientVariable> variable = {});

  /// Setup calls this after it has configured a token. Records the token as the scope's, checked now, in the database
  /// before this returns. An answer of kind `unknown` without a code means that the API was not asked.
  Task<> record(const state::TokenRecord& token, const UpstreamAnswer& upstream);

  /// The record of a scope's token, if any.
  std::optional<state::TokenRecord> token_of(const Scope& scope) const;

  /// Deletes the records of a scope.
  Task<> forget(const Scope& scope);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The tokens that were handed to processes which still run: each process once per token, the oldest first. Omits
/// records whose process has ended or whose pid now belongs to another process. Errors: those of the database.
Task<std::vector<state::HandoutRecord>> still_handed_out(async::Pool& pool, state::Database& database);

}  // namespace jackin::health
