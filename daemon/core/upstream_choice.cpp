// SPDX-License-Identifier: Apache-2.0
#include "daemon/core/upstream_choice.hpp"

#include <utility>

namespace jackin {

ChosenUpstream::ChosenUpstream(const config::Settings& settings, Environment environment)
    : environment_(std::move(environment)) {
  follow(settings);
}

void ChosenUpstream::follow(const config::Settings& settings) {
  options_ = {.base_url = settings.upstream_base_url, .enabled = settings.upstream_check, .environment = environment_};
  current_.reset();
}

asio::awaitable<health::UpstreamAnswer> ChosenUpstream::check(const Secret& token) {
  if (!pool_) pool_.emplace();
  if (!current_) current_ = health::http_upstream(options_, *pool_);
  const std::shared_ptr<health::Upstream> asked = current_;
  co_return co_await asked->check(token);
}

}  // namespace jackin
