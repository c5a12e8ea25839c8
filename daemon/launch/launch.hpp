// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/environment.hpp"
#include "common/paths.hpp"
#include "common/secret.hpp"
#include "daemon/async/timed_calls.hpp"
#include "daemon/health/health.hpp"
#include "daemon/process/program_runner.hpp"

namespace jackin::launch {

struct LaunchRequest {
  Scope scope;
  Environment client;
  bool with_token = true;
  ProcessIdentity process;                            ///< The hook, which will become the command.
  std::string command;                                ///< The command's name.
  std::vector<std::string> credentials_present;       ///< Names of variables that claude prefers to the token.
  std::optional<secrets::ClientVariable> variable{};  ///< The variable that an earlier plan needed.
};

/// A file in the folder that the launcher mounts as claude's configuration folder.
struct OnboardingFile {
  enum class Rule { exactly, absent, if_missing, keep };
  std::string name;  ///< "account.json", "credentials.json"
  Rule rule = Rule::keep;
  Secret content;  ///< For `exactly` and `if_missing`; a login that is passed on is as secret as a token.
};

struct Banner {
  std::string text;
  BannerColour colour = BannerColour::dim;
};

struct LaunchPlan {
  health::ProbeAnswer answer;
  std::optional<Secret> token;
  std::vector<std::string> unset;  ///< Variables the launched process must not have.
  std::vector<OnboardingFile> onboarding;
  Banner banner;
  std::vector<std::string> warnings;
  /// The variable of the client's environment with the token. The client must send it (`LaunchRequest::variable`); the
  /// plan has no token and is incomplete.
  std::string needs_variable;
  /// The variable that jackin's files name for the token: it gets the token, or is set empty when there is none, since
  /// jackin refuses to start with an unset one. Empty: none.
  std::string token_variable;
};

/// Prepares launches. Daemon's thread.
class Launch {
 public:
  struct Dependencies {
    const Paths& paths;
    Clock& clock;
    async::Pool& pool;
    async::TimedCalls& files;  ///< Reads the files that a configuration names.
    config::Configuration& configuration;
    health::Health& health;
    state::Database& database;
  };
  explicit Launch(Dependencies deps);
  ~Launch();
  Launch(const Launch&) = delete;
  Launch& operator=(const Launch&) = delete;

  /// Probes the scope. In mode oauth_token it resolves the token, so that fixes since the last check take effect. It
  /// records the hand-out before it returns the token. If the disk refuses the record, or takes longer than 200 ms, the
  /// record stays in memory, is written later, and causes a warning. A source that is gone, a malformed token or an
  /// unreadable configuration becomes the plan's answer (block), not an error. Errors: unknown_workspace; timed_out,
  /// when the file of the configuration does not answer; source_unreachable, source_denied, … when the token is
  /// unavailable now.
  Task<LaunchPlan> prepare(LaunchRequest request);

 private:
  Task<> resolve(const LaunchRequest& request, const config::EffectiveAuth& auth, LaunchPlan& plan);
  asio::awaitable<void> add_onboarding(const config::EffectiveAuth& auth, LaunchPlan& plan);

  struct Retry;
  static Task<> write(Dependencies deps, std::shared_ptr<Retry> retry);
  static asio::awaitable<void> write_pending(Dependencies deps, std::shared_ptr<Retry> retry);
  void write_later(const asio::any_io_executor& executor);

  Dependencies deps_;
  std::shared_ptr<Retry> retry_;
};

/// The banner for an answer: `claude auth: oauth_token from … · expires in 23 days`; red at 7 days and less, yellow at
/// 30 and less, else dim. Pure.
Banner banner_for(const health::ProbeAnswer& answer);

}  // namespace jackin::launch
