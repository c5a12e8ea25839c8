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
#include "daemon/health/doctor.hpp"
#include "daemon/health/feed.hpp"
#include "daemon/health/health.hpp"
#include "daemon/health/verdict.hpp"
#include "daemon/launch/launch.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/lifecycle/revoke.hpp"
#include "daemon/lifecycle/rotate.hpp"
#include "daemon/lifecycle/setup.hpp"
#include "daemon/lifecycle/user_interaction.hpp"
#include "daemon/secrets/op_browse.hpp"

namespace jackin::ipc {

/// A store that this build knows.
struct StoreInfo {
  std::string kind;  ///< As `--store` takes it.
  std::string name;  ///< For people.
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
  /// The second is called as each scope is done.
  std::function<Task<>(lifecycle::RevokeRequest, std::function<void(const lifecycle::RevokeOutcome&)>)> revoke;
  /// Whether a mint waits for a browser with this nonce.
  std::function<bool(std::string_view nonce, std::string url)> open_browser;
  std::function<std::vector<lifecycle::RunningOperation>()> operations;

  std::function<Result<health::ProbeAnswer>(const Scope&, std::optional<std::chrono::seconds>)> probe;
  /// The same after a glance at the source: what a client asks before it starts something.
  std::function<Task<health::ProbeAnswer>(Scope, std::optional<std::chrono::seconds>)> probe_with_quick_check;
  std::function<Task<health::Overview>(std::string workspace)> overview;
  std::function<Task<health::ScopeReport>(const Scope&, const Environment& client, bool offline)> examine;
  std::function<Task<>(const Environment& client, bool offline, health::Health::EachReport, health::Health::Progress)>
      examine_all;
  std::function<Task<health::SystemReport>(const Environment& client, bool offline)> check_system;
  /// Doctor lists the discarded tokens that it lists now no more.
  std::function<Task<>()> acknowledge_discarded;

  /// Tells the listener of every change until the handle is gone: `health::Feed`.
  std::function<health::Feed::Handle(health::Feed::Listener, health::Feed::Begin, health::Feed::Failed)> watch;

  std::function<Task<launch::LaunchPlan>(launch::LaunchRequest)> launch;
  /// Wipes the tokens that are kept for the next launch; how many there were.
  std::function<std::size_t()> lock;
  /// Every store, as it is for the client with that environment; empty: for the daemon itself.
  std::function<Task<std::vector<StoreInfo>>(Environment client)> stores;
  /// What there is in 1Password: `secrets::OpBrowse`.
  std::function<Task<secrets::OpAccountChoices>(Environment client)> op_accounts;
  std::function<Task<std::vector<secrets::OpVaultChoice>>(Environment client, std::string account)> op_vaults;
  std::function<Task<std::vector<secrets::OpItemChoice>>(Environment client, std::string account, std::string vault)>
      op_items;
  std::function<Task<secrets::OpItemContents>(Environment client, std::string account, std::string vault,
                                              std::string item)>
      op_item;

  /// Where the API is asked.
  std::function<std::string()> base_url;
  /// Begins the orderly end of the daemon; returns at once.
  std::function<void()> shut_down;
  /// Whether that has begun.
  std::function<bool()> ending;
};

}  // namespace jackin::ipc
