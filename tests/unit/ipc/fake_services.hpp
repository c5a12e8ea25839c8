// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/ipc/service_interfaces.hpp"

namespace jackin::test {

/// The services as a test defines them, one function each. A test sets those that its calls reach; a call of another
/// one throws std::bad_function_call, which the client sees as an internal error.
class FakeServices final : public ipc::DaemonInterface,
                           public ipc::TokensInterface,
                           public ipc::HealthInterface,
                           public ipc::LaunchInterface,
                           public ipc::StoresInterface {
 public:
  Paths folders;
  bool is_ending = false;
  lifecycle::Operations operations;
  std::function<std::vector<lifecycle::OperationState>()> on_operations = [] {
    return std::vector<lifecycle::OperationState>();
  };
  std::function<void()> on_shut_down = [] {};

  std::function<Task<lifecycle::TokenReport>(lifecycle::SetupRequest, lifecycle::UserInteraction&)> on_setup;
  std::function<Task<lifecycle::TokenReport>(lifecycle::RotateRequest, lifecycle::UserInteraction&)> on_rotate;
  std::function<Task<>(lifecycle::RevokeRequest, lifecycle::Revoke::Each)> on_revoke;
  std::function<bool(std::string_view nonce, std::string url)> on_open_browser;

  std::function<Task<health::ProbeAnswer>(Scope, std::optional<std::chrono::seconds>)> on_probe;
  std::function<Task<health::ProbeAnswer>(Scope, std::optional<std::chrono::seconds>)> on_probe_with_quick_check;
  std::function<Task<health::Overview>(std::string workspace)> on_overview;
  std::function<Task<health::ScopeDetails>(Scope)> on_details;
  std::function<Task<std::optional<Scope>>(std::filesystem::path folder)> on_workspace_in;
  std::function<health::Feed::Handle(health::Feed::Listener, health::Feed::Begin, health::Feed::Failed)> on_watch;

  std::function<Task<launch::LaunchPlan>(launch::LaunchRequest)> on_prepare;
  std::function<std::size_t()> on_lock;
  std::function<Task<bool>(std::filesystem::path a, std::filesystem::path b)> on_same_folder;  ///< May be empty.

  std::function<Task<std::vector<lifecycle::StoreInfo>>(Environment client)> on_list;
  std::function<Task<std::vector<secrets::OpVaultChoice>>(Environment, std::string account)> on_op_vaults;
  std::function<Task<std::vector<secrets::OpItemChoice>>(Environment, std::string account, std::string vault)>
      on_op_items;
  std::function<Task<secrets::OpItemContents>(Environment, std::string account, std::string vault, std::string item)>
      on_op_item;

  ipc::ServiceInterfaces interfaces() { return {*this, *this, *this, *this, *this, operations}; }

  const Paths& paths() const override { return folders; }
  ipc::DaemonStatus status() const override {
    return {.socket = folders.socket(),
            .started_at = {},
            .base_url = {},
            .is_ending = is_ending,
            .operations = on_operations()};
  }
  Task<bool> is_same_folder(std::filesystem::path a, std::filesystem::path b) override {
    if (on_same_folder) {
      CO_TRY(const bool same, co_await on_same_folder(std::move(a), std::move(b)));
      co_return same;
    }
    std::error_code error;
    co_return std::filesystem::equivalent(a, b, error) && !error;
  }
  void shut_down() override { on_shut_down(); }

  Task<lifecycle::TokenReport> setup(lifecycle::SetupRequest request, lifecycle::UserInteraction& user) override {
    return on_setup(std::move(request), user);
  }
  Task<lifecycle::TokenReport> rotate(lifecycle::RotateRequest request, lifecycle::UserInteraction& user) override {
    return on_rotate(std::move(request), user);
  }
  Task<> revoke(lifecycle::RevokeRequest request, lifecycle::Revoke::Each each) override {
    return on_revoke(std::move(request), std::move(each));
  }
  bool open_browser(std::string_view nonce, std::string url) override { return on_open_browser(nonce, std::move(url)); }

  Task<health::ProbeAnswer> probe(Scope scope, std::optional<std::chrono::seconds> max_age) override {
    return on_probe(std::move(scope), max_age);
  }
  Task<health::ProbeAnswer> probe_with_quick_check(Scope scope, std::optional<std::chrono::seconds> max_age) override {
    return on_probe_with_quick_check(std::move(scope), max_age);
  }
  Task<health::Overview> overview(std::string workspace) override { return on_overview(std::move(workspace)); }
  Task<health::ScopeDetails> details(Scope scope) override { return on_details(std::move(scope)); }
  Task<std::optional<Scope>> workspace_in(std::filesystem::path folder) override {
    return on_workspace_in(std::move(folder));
  }
  Task<health::ScopeReport> examine(const Scope&, const Environment&, bool) override { throw std::bad_function_call(); }
  Task<> examine_all(const Environment&, bool, health::Health::EachReport, health::Health::Progress) override {
    throw std::bad_function_call();
  }
  Task<lifecycle::SystemReport> check_system(const Environment&, bool) override { throw std::bad_function_call(); }
  Task<> acknowledge_discarded() override { throw std::bad_function_call(); }
  health::Feed::Handle watch(health::Feed::Listener listener, health::Feed::Begin begin,
                             health::Feed::Failed failed) override {
    return on_watch(std::move(listener), begin, std::move(failed));
  }

  Task<launch::LaunchPlan> prepare(launch::LaunchRequest request) override { return on_prepare(std::move(request)); }
  std::size_t lock() override { return on_lock(); }

  Task<std::vector<lifecycle::StoreInfo>> list(Environment client) override { return on_list(std::move(client)); }
  Task<secrets::OpAccountChoices> op_accounts(Environment) override { throw std::bad_function_call(); }
  Task<std::vector<secrets::OpVaultChoice>> op_vaults(Environment client, std::string account) override {
    return on_op_vaults(std::move(client), std::move(account));
  }
  Task<std::vector<secrets::OpItemChoice>> op_items(Environment client, std::string account,
                                                    std::string vault) override {
    return on_op_items(std::move(client), std::move(account), std::move(vault));
  }
  Task<secrets::OpItemContents> op_item(Environment client, std::string account, std::string vault,
                                        std::string item) override {
    return on_op_item(std::move(client), std::move(account), std::move(vault), std::move(item));
  }
};

}  // namespace jackin::test
