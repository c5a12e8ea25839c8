// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/health/health.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <future>
#include <memory>

#include "common/words.hpp"
#include "daemon/async/loops.hpp"
#include "daemon/health/quick_checks.hpp"
#include "daemon/process/program_runner.hpp"
#include "tests/fakes/components/daemon_context.hpp"
#include "tests/fakes/components/fake_store.hpp"
#include "tests/fakes/components/fake_upstream.hpp"
#include "tests/support/await.hpp"

namespace jackin::health {

inline constexpr const char* slot = "[claude]\noauth_token = { file = \"~/token\" }\n";
inline constexpr const char* reference = "file:~/token";

class HealthTest : public testing::Test {
 protected:
  HealthTest() {
    auto fake = std::make_unique<test::FakeResolver>();
    resolver_ = fake.get();
    std::vector<std::unique_ptr<secrets::SourceResolver>> resolvers;
    resolvers.push_back(std::move(fake));
    sources_ = std::make_unique<secrets::Sources>(std::move(resolvers));
    configuration_ = std::make_unique<config::Configuration>(sandbox_.paths, *sandbox_.real_clock);
    start();
    sandbox_.workspace("my-app", slot);
    resolver_->give(reference, test::token_like('a'));
  }

  // Does what a daemon start does: only the content of the database is known.
  void start() {
    health_ = std::make_unique<Health>(Health::Dependencies{sandbox_.clock, sandbox_.pool, *configuration_, *sources_,
                                                            upstream_, *sandbox_.database, std::chrono::hours(24)});
    EXPECT_TRUE(test::await(sandbox_.io, health_->load()));
  }

  Result<ProbeAnswer> probed(const Scope& scope, std::optional<std::chrono::seconds> max_age = {}) {
    return test::await(sandbox_.io, health_->probe(scope, max_age));
  }
  ScopeReport examine(const Scope& scope, bool offline = false) {
    return test::await(sandbox_.io, health_->examine(scope, {}, true, offline)).value();
  }
  Overview overview(std::string workspace = {}) {
    return test::await(sandbox_.io, health_->overview(std::move(workspace))).value();
  }
  Result<ResolvedToken> resolve() { return test::await(sandbox_.io, health_->resolve_for_launch(app_, {})); }

  static std::vector<std::string> codes(const ScopeReport& report) {
    std::vector<std::string> codes;
    for (const auto& finding : report.findings)
      codes.push_back(std::string(word_of(finding.severity)) + " " + finding.code);
    return codes;
  }

  void record(char seed, std::optional<Date> expires_on = {}) {
    state::TokenRecord token;
    token.scope = app_;
    token.reference = reference;
    token.fingerprint = fingerprint(seed);
    token.expires_on = expires_on;
    token.organization = "org-1";
    token.recorded_at = sandbox_.clock.now();
    EXPECT_TRUE(test::await(sandbox_.io, health_->record(token, upstream_.answer)));
  }

  static Fingerprint fingerprint(char seed) { return Digest::of(test::token_like(seed)).fingerprint(); }

  const Scope app_ = Scope::workspace("my-app").value();
  test::DaemonContext sandbox_;
  test::FakeUpstream upstream_;
  test::FakeResolver* resolver_ = nullptr;
  std::unique_ptr<secrets::Sources> sources_;
  std::unique_ptr<config::Configuration> configuration_;
  std::unique_ptr<Health> health_;
};

}  // namespace jackin::health
