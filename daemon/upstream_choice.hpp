#pragma once

#include <memory>

#include "common/environment.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/health/upstream.hpp"
#include "daemon/platform/pool.hpp"

namespace jackin {

/// The API as the settings name it: `[upstream] base_url`, else ANTHROPIC_BASE_URL of the daemon's own environment when
/// that is a loopback address, else Anthropic's. Follows the settings when they are read again; a question that is
/// under way ends with those it began with. Daemon's thread.
class ChosenUpstream final : public health::Upstream {
 public:
  ChosenUpstream(const config::Settings& settings, Environment environment, platform::Pool& pool);

  void follow(const config::Settings& settings);

  asio::awaitable<health::UpstreamAnswer> check(const Secret& token) override;
  bool enabled() const override { return current_->enabled(); }

 private:
  Environment environment_;
  platform::Pool& pool_;
  std::shared_ptr<health::Upstream> current_;
};

}  // namespace jackin
