// SPDX-License-Identifier: Apache-2.0
#include "daemon/core/adapters.hpp"

#include <iterator>
#include <utility>

#include "daemon/core/daemon_core.hpp"
#include "daemon/lifecycle/discarded_tokens.hpp"
#include "daemon/lifecycle/place_choice.hpp"

namespace jackin {

void TokensAdapter::report_removals(lifecycle::UserInteraction& user) {
  for (const auto& finding : core_.removals.not_reported()) {
    user.notice(Severity::warning, finding.message, finding.remedy);
  }
}

Task<lifecycle::TokenReport> TokensAdapter::setup(lifecycle::SetupRequest request, lifecycle::UserInteraction& user) {
  auto report = co_await core_.setup.run(std::move(request), user);
  report_removals(user);
  co_return report;
}

Task<lifecycle::TokenReport> TokensAdapter::rotate(lifecycle::RotateRequest request, lifecycle::UserInteraction& user) {
  auto report = co_await core_.rotate.run(std::move(request), user);
  report_removals(user);
  co_return report;
}

Task<> TokensAdapter::revoke(lifecycle::RevokeRequest request, lifecycle::Revoke::Each each) {
  auto each_with_removals = [this, each = std::move(each)](lifecycle::RevokeOutcome outcome) {
    for (const auto& finding : core_.removals.not_reported()) {
      outcome.notices.push_back({Severity::warning, finding.message, finding.remedy});
    }
    each(outcome);
  };
  return core_.revoke.run(std::move(request), std::move(each_with_removals));
}

bool TokensAdapter::open_browser(std::string_view nonce, std::string url) {
  return core_.deps.browser_calls.deliver(nonce, std::move(url));
}

Task<health::ProbeAnswer> HealthAdapter::probe(Scope scope, std::optional<std::chrono::seconds> max_age) {
  return core_.probes.probe(std::move(scope), max_age);
}

Task<health::ProbeAnswer> HealthAdapter::probe_with_quick_check(Scope scope,
                                                                std::optional<std::chrono::seconds> max_age) {
  return core_.probes.probe_with_quick_check(std::move(scope), max_age);
}

Task<health::Overview> HealthAdapter::overview(std::string workspace) {
  return core_.health.overview(std::move(workspace));
}

Task<health::ScopeDetails> HealthAdapter::details(Scope scope) {
  return core_.health.details(std::move(scope));
}

Task<std::optional<Scope>> HealthAdapter::workspace_in(std::filesystem::path folder) {
  return core_.workdirs.workspace_in(std::move(folder));
}

Task<health::ScopeReport> HealthAdapter::examine(const Scope& scope, const Environment& client, bool offline) {
  return core_.health.examine(scope, client, true, offline);
}

Task<> HealthAdapter::examine_all(const Environment& client, bool offline, health::Health::EachReport each,
                                  health::Health::Progress progress) {
  return core_.health.examine_all(client, true, offline, std::move(each), std::move(progress));
}

Task<lifecycle::SystemReport> HealthAdapter::check_system(const Environment& client, bool offline) {
  CO_TRY(auto report, co_await core_.system_check.run(client, offline, core_.deps.settings.problems()));
  auto removed = core_.removals.all();
  std::move(removed.begin(), removed.end(), std::back_inserter(report.daemon));
  co_return report;
}

Task<> HealthAdapter::acknowledge_discarded() {
  return lifecycle::acknowledge_discarded(core_.attended);
}

health::Feed::Handle HealthAdapter::watch(health::Feed::Listener listener, health::Feed::Begin begin,
                                          health::Feed::Failed failed) {
  return core_.feed.watch(std::move(listener), begin, std::move(failed));
}

Task<launch::LaunchPlan> LaunchAdapter::prepare(launch::LaunchRequest request) {
  auto plan = co_await core_.launch.prepare(std::move(request));
  if (!plan) co_return plan;
  for (auto& finding : core_.removals.not_reported()) plan->warnings.push_back(std::move(finding.message));
  co_return plan;
}

std::size_t LaunchAdapter::lock() {
  return core_.forget_secrets("a client asked for it");
}

Task<std::vector<lifecycle::StoreInfo>> StoresAdapter::list(Environment client) {
  if (client.variables().empty()) client = core_.deps.environment;
  co_return co_await lifecycle::list_stores(core_.deps.stores, core_.deps.settings.values.store_default, client);
}

Task<secrets::OpAccountChoices> StoresAdapter::op_accounts(Environment client) {
  return core_.op_browse.accounts(std::move(client));
}

Task<std::vector<secrets::OpVaultChoice>> StoresAdapter::op_vaults(Environment client, std::string account) {
  return core_.op_browse.vaults(std::move(client), std::move(account));
}

Task<std::vector<secrets::OpItemChoice>> StoresAdapter::op_items(Environment client, std::string account,
                                                                 std::string vault) {
  return core_.op_browse.items(std::move(client), std::move(account), std::move(vault));
}

Task<secrets::OpItemContents> StoresAdapter::op_item(Environment client, std::string account, std::string vault,
                                                     std::string item) {
  return core_.op_browse.item(std::move(client), std::move(account), std::move(vault), std::move(item));
}

}  // namespace jackin
