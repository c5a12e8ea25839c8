// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/dates.hpp"
#include "common/environment.hpp"
#include "common/paths.hpp"
#include "common/scope.hpp"
#include "daemon/async/task.hpp"
#include "daemon/health/feed.hpp"
#include "daemon/health/health.hpp"
#include "daemon/health/probe_answer.hpp"
#include "daemon/launch/launch.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/lifecycle/place_choice.hpp"
#include "daemon/lifecycle/revoke.hpp"
#include "daemon/lifecycle/rotate.hpp"
#include "daemon/lifecycle/setup.hpp"
#include "daemon/lifecycle/system_check.hpp"
#include "daemon/lifecycle/user_interaction.hpp"
#include "daemon/secrets/op_browse.hpp"

// What the services of the protocol call: one interface for each. core/ implements them, tests implement others. Every
// function is called on the daemon's thread only. Arguments that are references must exist until the returned task has
// ended.
namespace jackin::ipc {

/// What Daemon.Status says of the daemon itself.
struct DaemonStatus {
  std::filesystem::path socket;  ///< Where clients connect.
  Moment started_at{};
  std::string base_url;    ///< The URL of the API.
  bool is_ending = false;  ///< The shutdown has begun.
  std::vector<lifecycle::OperationState> operations;
};

class DaemonInterface {
 public:
  virtual ~DaemonInterface();

  virtual const Paths& paths() const = 0;
  virtual DaemonStatus status() const = 0;
  /// Whether two paths lead to the same folder, by device and inode; false when either cannot be inspected. The paths
  /// can be on a mount that does not answer. Errors: those of `TimedCalls`.
  virtual Task<bool> is_same_folder(std::filesystem::path a, std::filesystem::path b) = 0;
  /// Begins the orderly shutdown of the daemon; returns at once.
  virtual void shut_down() = 0;
};

class TokensInterface {
 public:
  virtual ~TokensInterface();

  /// `lifecycle::Setup::run`
  virtual Task<lifecycle::TokenReport> setup(lifecycle::SetupRequest request, lifecycle::UserInteraction& user) = 0;
  /// `lifecycle::Rotate::run`
  virtual Task<lifecycle::TokenReport> rotate(lifecycle::RotateRequest request, lifecycle::UserInteraction& user) = 0;
  /// `lifecycle::Revoke::run`
  virtual Task<> revoke(lifecycle::RevokeRequest request, lifecycle::Revoke::Each each) = 0;
  /// Whether a mint waits for a browser with this nonce. If it does, it gets the address.
  virtual bool open_browser(std::string_view nonce, std::string url) = 0;
};

class HealthInterface {
 public:
  virtual ~HealthInterface();

  /// `health::Probes::probe` and `probe_with_quick_check`
  virtual Task<health::ProbeAnswer> probe(Scope scope, std::optional<std::chrono::seconds> max_age) = 0;
  virtual Task<health::ProbeAnswer> probe_with_quick_check(Scope scope,
                                                           std::optional<std::chrono::seconds> max_age) = 0;
  /// `health::Health::overview`
  virtual Task<health::Overview> overview(std::string workspace) = 0;
  /// `health::Health::details`
  virtual Task<health::ScopeDetails> details(Scope scope) = 0;
  /// `config::Workdirs::workspace_in`
  virtual Task<std::optional<Scope>> workspace_in(std::filesystem::path folder) = 0;
  /// `health::Health::examine` and `examine_all`, attended
  virtual Task<health::ScopeReport> examine(const Scope& scope, const Environment& client, bool offline) = 0;
  virtual Task<> examine_all(const Environment& client, bool offline, health::Health::EachReport each,
                             health::Health::Progress progress) = 0;
  /// `lifecycle::SystemCheck::run`, and what other programs removed of the daemon's own files.
  virtual Task<lifecycle::SystemReport> check_system(const Environment& client, bool offline) = 0;
  /// `lifecycle::acknowledge_discarded`
  virtual Task<> acknowledge_discarded() = 0;
  /// `health::Feed::watch`
  virtual health::Feed::Handle watch(health::Feed::Listener listener, health::Feed::Begin begin,
                                     health::Feed::Failed failed) = 0;
};

class LaunchInterface {
 public:
  virtual ~LaunchInterface();

  /// `launch::Launch::prepare`
  virtual Task<launch::LaunchPlan> prepare(launch::LaunchRequest request) = 0;
  /// Wipes the cached tokens; returns their number.
  virtual std::size_t lock() = 0;
};

class StoresInterface {
 public:
  virtual ~StoresInterface();

  /// `lifecycle::list_stores`; an empty environment means the daemon's own.
  virtual Task<std::vector<lifecycle::StoreInfo>> list(Environment client) = 0;
  /// The content of 1Password: `secrets::OpBrowse`.
  virtual Task<secrets::OpAccountChoices> op_accounts(Environment client) = 0;
  virtual Task<std::vector<secrets::OpVaultChoice>> op_vaults(Environment client, std::string account) = 0;
  virtual Task<std::vector<secrets::OpItemChoice>> op_items(Environment client, std::string account,
                                                            std::string vault) = 0;
  virtual Task<secrets::OpItemContents> op_item(Environment client, std::string account, std::string vault,
                                                std::string item) = 0;
};

/// All of them. They outlive every call.
struct ServiceInterfaces {
  DaemonInterface& daemon;
  TokensInterface& tokens;
  HealthInterface& health;
  LaunchInterface& launch;
  StoresInterface& stores;
  lifecycle::Operations& operations;
};

}  // namespace jackin::ipc
