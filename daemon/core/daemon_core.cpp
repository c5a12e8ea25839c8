// SPDX-License-Identifier: Apache-2.0
#include "daemon/core/daemon_core.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace jackin {
namespace {

lifecycle::Dependencies for_sagas(DaemonCore& core, std::vector<secrets::Store*> stores) {
  const auto& deps = core.deps;
  return {deps.paths,    deps.settings.values, deps.clock,         deps.pool,          deps.writers, deps.named_files,
          deps.programs, deps.terminals,       deps.browser_calls, core.configuration, deps.sources, std::move(stores),
          core.health,   deps.upstream,        deps.database,      core.operations,    deps.relay,   deps.socket};
}

}  // namespace

std::vector<Error> CurrentSettings::problems() const {
  std::vector<Error> problems;
  if (refused) {
    problems.push_back(*refused);
    // The daemon reads the settings at the start and on SIGHUP.
    problems.back().remedy.then_restart = true;
  }
  if (problem) {
    problems.push_back(*problem);
    problems.back().message += are_defaults ? "; the defaults apply" : "; the earlier settings apply";
  }
  return problems;
}

DaemonCore::DaemonCore(const Dependencies& from_outside)
    : deps(from_outside),
      removals(deps.paths, deps.database),
      configuration(deps.paths, deps.file_clock),
      workdirs(configuration, deps.file_clock),
      cache(deps.executor, deps.clock, deps.settings.values.cache_ttl,
            [](std::size_t count) { spdlog::info("dropped {} cached tokens: expired", count); }),
      health({deps.clock, deps.pool, configuration, deps.sources, deps.upstream, deps.database,
              deps.settings.values.health_max_age, &cache, [this] { something_changed(); }}),
      feed(deps.executor, deps.clock,
           [this](health::Health::EachAnswer each) { return health.each_answer(std::move(each)); }),
      scheduler({deps.executor, deps.clock, deps.pool, configuration, deps.sources, deps.database, health,
                 deps.notifier, deps.environment, deps.settings.values.health_refresh}),
      probes(health, scheduler),
      launch({deps.paths, deps.clock, deps.pool, deps.named_files, configuration, health, deps.database}),
      attended(for_sagas(*this, deps.stores)),
      unattended(for_sagas(*this, deps.unattended_stores)),
      setup(attended),
      rotate(attended),
      revoke(attended),
      recovery(deps.executor, attended, unattended, deps.clock.uptime()),
      system_check(attended, deps.op, recovery),
      op_browse(deps.op),
      tokens_service_(*this),
      health_service_(*this),
      launch_service_(*this),
      stores_service_(*this) {}

ipc::ServiceInterfaces DaemonCore::services(ipc::DaemonInterface& daemon) {
  return {daemon, tokens_service_, health_service_, launch_service_, stores_service_, operations};
}

void DaemonCore::something_changed() {
  feed.poke();
  scheduler.wake();
}

void DaemonCore::settings_changed() {
  health.set_max_age(deps.settings.values.health_max_age);
  cache.set_ttl(deps.settings.values.cache_ttl);
  scheduler.notifier_changed();
}

std::size_t DaemonCore::forget_secrets(const char* why) {
  const std::size_t dropped = cache.drop_all();
  if (dropped > 0) spdlog::info("dropped {} cached tokens: {}", dropped, why);
  return dropped;
}

}  // namespace jackin
