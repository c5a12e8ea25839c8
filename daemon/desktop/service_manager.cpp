// SPDX-License-Identifier: Apache-2.0
#include "daemon/desktop/service_manager.hpp"

namespace jackin {
namespace {

class NoServiceManager final : public ServiceManager {
 public:
  void ready(const std::string&) override {}
  void reloading() override {}
  void stopping(const std::string&) override {}
  std::optional<Clock::Duration> watchdog() const override { return std::nullopt; }
  void alive() override {}
};

}  // namespace

std::unique_ptr<ServiceManager> no_service_manager() {
  return std::make_unique<NoServiceManager>();
}

asio::awaitable<void> feed_watchdog(ServiceManager& manager, Clock& clock) {
  const auto limit = manager.watchdog();
  if (!limit) co_return;
  // Half the limit is what sd_watchdog_enabled(3) recommends.
  const Clock::Duration interval = *limit / 2;
  for (;;) {
    manager.alive();
    const bool passed = co_await clock.wait(interval);
    if (!passed) co_return;
  }
}

}  // namespace jackin
