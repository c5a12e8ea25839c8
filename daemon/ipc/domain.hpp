// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
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
#include "daemon/health/verdict.hpp"
#include "daemon/launch/launch.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/lifecycle/revoke.hpp"
#include "daemon/lifecycle/rotate.hpp"
#include "daemon/lifecycle/setup.hpp"
#include "daemon/lifecycle/system_check.hpp"
#include "daemon/lifecycle/user_interaction.hpp"
#include "daemon/secrets/op_browse.hpp"

namespace jackin::ipc {

/// A store that this build knows.
struct StoreInfo {
  std::string kind;  ///< As `--store` takes it.
  std::string name;  ///< The name for users.
  bool available = false;
  std::string message;  ///< Why not; may be empty.
  std::string remedy;
  bool is_default = false;
};

/// The interface between the services and the libraries below. Every function is called on the
/// daemon's thread only. Arguments that are references live until the returned task has ended.
struct Domain {
  Paths paths;
  Moment started_at{};
  /// Where clients connect.
  std::function<std::filesystem::path()> socket;
  /// Whether two paths lead to the same folder, by device and inode; false when either cannot be looked at.
  std::function<Task<bool>(std::filesystem::path, std::filesystem::path)> is_same_folder;

  std::function<Task<lifecycle::TokenReport>(lifecycle::SetupRequest, lifecycle::UserInteraction&)> setup;
  std::function<Task<lifecycle::TokenReport>(lifecycle::RotateRequest, lifecycle::UserInteraction&)> rotate;
  /// Calls the second argument for each finished scope.
  std::function<Task<>(lifecycle::RevokeRequest, std::function<void(const lifecycle::RevokeOutcome&)>)> revoke;
  /// Whether a mint waits for a browser with this nonce.
  std::function<bool(std::string_view nonce, std::string url)> open_browser;
  std::function<std::vector<lifecycle::RunningOperation>()> operations;

  std::function<Result<health::ProbeAnswer>(const Scope&, std::optional<std::chrono::seconds>)> probe;
  /// The same after a quick check of the source: for a client that is about to start a program.
  std::function<Task<health::ProbeAnswer>(Scope, std::optional<std::chrono::seconds>)> probe_with_quick_check;
  std::function<Task<health::Overview>(std::string workspace)> overview;
  std::function<Task<health::ScopeReport>(const Scope&, const Environment& client, bool offline)> examine;
  std::function<Task<>(const Environment& client, bool offline, health::Health::EachReport, health::Health::Progress)>
      examine_all;
  std::function<Task<lifecycle::SystemReport>(const Environment& client, bool offline)> check_system;
  /// Makes doctor stop listing the discarded tokens that it has listed.
  std::function<Task<>()> acknowledge_discarded;

  /// Reports every change to the listener until the handle is destroyed: `health::Feed`.
  std::function<health::Feed::Handle(health::Feed::Listener, health::Feed::Begin, health::Feed::Failed)> watch;

  std::function<Task<launch::LaunchPlan>(launch::LaunchRequest)> launch;
  /// Wipes the cached tokens; returns their number.
  std::function<std::size_t()> lock;
  /// Every store and its state for the client with that environment; an empty environment means the daemon itself.
  std::function<Task<std::vector<StoreInfo>>(Environment client)> stores;
  /// The content of 1Password: `secrets::OpBrowse`.
  std::function<Task<secrets::OpAccountChoices>(Environment client)> op_accounts;
  std::function<Task<std::vector<secrets::OpVaultChoice>>(Environment client, std::string account)> op_vaults;
  std::function<Task<std::vector<secrets::OpItemChoice>>(Environment client, std::string account, std::string vault)>
      op_items;
  std::function<Task<secrets::OpItemContents>(Environment client, std::string account, std::string vault,
                                              std::string item)>
      op_item;

  /// The URL of the API.
  std::function<std::string()> base_url;
  /// Begins the orderly shutdown of the daemon; returns at once.
  std::function<void()> shut_down;
  /// Whether the shutdown has begun.
  std::function<bool()> ending;
};

}  // namespace jackin::ipc
