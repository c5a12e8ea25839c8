// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/ipc/service_interfaces.hpp"

namespace jackin {

class DaemonCore;

// The service interfaces of ipc/, implemented by the components of the core. An adapter passes a call on; it also
// reports what other programs removed of the daemon's own files (`Removals`). All belong to their core.

class TokensAdapter final : public ipc::TokensInterface {
 public:
  explicit TokensAdapter(DaemonCore& core) : core_(core) {}

  Task<lifecycle::TokenReport> setup(lifecycle::SetupRequest request, lifecycle::UserInteraction& user) override;
  Task<lifecycle::TokenReport> rotate(lifecycle::RotateRequest request, lifecycle::UserInteraction& user) override;
  Task<> revoke(lifecycle::RevokeRequest request, lifecycle::Revoke::Each each) override;
  bool open_browser(std::string_view nonce, std::string url) override;

 private:
  void report_removals(lifecycle::UserInteraction& user);

  DaemonCore& core_;
};

class HealthAdapter final : public ipc::HealthInterface {
 public:
  explicit HealthAdapter(DaemonCore& core) : core_(core) {}

  Task<health::ProbeAnswer> probe(Scope scope, std::optional<std::chrono::seconds> max_age) override;
  Task<health::ProbeAnswer> probe_with_quick_check(Scope scope, std::optional<std::chrono::seconds> max_age) override;
  Task<health::Overview> overview(std::string workspace) override;
  Task<health::ScopeDetails> details(Scope scope) override;
  Task<std::optional<Scope>> workspace_in(std::filesystem::path folder) override;
  Task<health::ScopeReport> examine(const Scope& scope, const Environment& client, bool offline) override;
  Task<> examine_all(const Environment& client, bool offline, health::Health::EachReport each,
                     health::Health::Progress progress) override;
  Task<lifecycle::SystemReport> check_system(const Environment& client, bool offline) override;
  Task<> acknowledge_discarded() override;
  health::Feed::Handle watch(health::Feed::Listener listener, health::Feed::Begin begin,
                             health::Feed::Failed failed) override;

 private:
  DaemonCore& core_;
};

class LaunchAdapter final : public ipc::LaunchInterface {
 public:
  explicit LaunchAdapter(DaemonCore& core) : core_(core) {}

  Task<launch::LaunchPlan> prepare(launch::LaunchRequest request) override;
  std::size_t lock() override;

 private:
  DaemonCore& core_;
};

class StoresAdapter final : public ipc::StoresInterface {
 public:
  explicit StoresAdapter(DaemonCore& core) : core_(core) {}

  Task<std::vector<lifecycle::StoreInfo>> list(Environment client) override;
  Task<secrets::OpAccountChoices> op_accounts(Environment client) override;
  Task<std::vector<secrets::OpVaultChoice>> op_vaults(Environment client, std::string account) override;
  Task<std::vector<secrets::OpItemChoice>> op_items(Environment client, std::string account,
                                                    std::string vault) override;
  Task<secrets::OpItemContents> op_item(Environment client, std::string account, std::string vault,
                                        std::string item) override;

 private:
  DaemonCore& core_;
};

}  // namespace jackin
