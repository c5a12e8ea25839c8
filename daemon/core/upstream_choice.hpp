// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "common/environment.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/health/upstream.hpp"

namespace jackin {

/// The API at `[upstream] base_url`. Follows the settings when they are read again; a request in progress keeps the
/// settings that it started with. Requests run on their own threads: a silent API blocks a thread for 20 s, and neither
/// a launch nor disk work may wait for that. Daemon's thread.
class ChosenUpstream final : public health::Upstream {
 public:
  ChosenUpstream(const config::Settings& settings, Environment environment);

  void follow(const config::Settings& settings);

  asio::awaitable<health::UpstreamAnswer> check(const Secret& token) override;
  bool enabled() const override { return options_.enabled; }

 private:
  Environment environment_;
  health::UpstreamOptions options_;
  std::shared_ptr<health::Upstream> current_;  // null: not asked yet since the settings were read
  std::optional<async::Pool> pool_;  // created at the first request; declared last, so that it is destroyed first
};

}  // namespace jackin
