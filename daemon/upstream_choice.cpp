#include "daemon/upstream_choice.hpp"

#include <string>
#include <utility>

namespace jackin {
namespace {

constexpr const char* anthropic = "https://api.anthropic.com";

std::string base_url(const config::Settings& settings, const Environment& environment) {
  if (settings.upstream_base_url) return *settings.upstream_base_url;
  const std::string named = environment.value_of("ANTHROPIC_BASE_URL");
  return config::is_loopback_url(named) ? named : anthropic;
}

}  // namespace

ChosenUpstream::ChosenUpstream(const config::Settings& settings, Environment environment)
    : environment_(std::move(environment)) {
  follow(settings);
}

void ChosenUpstream::follow(const config::Settings& settings) {
  options_ = {
      .base_url = base_url(settings, environment_), .enabled = settings.upstream_check, .environment = environment_};
  current_.reset();
}

asio::awaitable<health::UpstreamAnswer> ChosenUpstream::check(const Secret& token) {
  if (!pool_) pool_.emplace();
  if (!current_) current_ = health::http_upstream(options_, *pool_);
  const std::shared_ptr<health::Upstream> asked = current_;
  co_return co_await asked->check(token);
}

}  // namespace jackin
