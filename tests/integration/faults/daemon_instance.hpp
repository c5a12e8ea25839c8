// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/async/clock.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/async/timed_calls.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/health/health.hpp"
#include "daemon/health/upstream.hpp"
#include "daemon/lifecycle/dependencies.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/mint/browser_calls.hpp"
#include "daemon/secrets/resolver.hpp"
#include "daemon/state/database.hpp"
#include "tests/fakes/components/fake_terminals.hpp"
#include "tests/fakes/components/fake_user.hpp"
#include "tests/integration/faults/home.hpp"
#include "tests/integration/faults/store_fixture.hpp"
#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"

namespace jackin::faults {

/// A token of the known shape, always the same for a name.
std::string token_for(std::string_view name);
/// The tokens that the API accepts: every token that the tests issue.
const std::set<std::string>& valid_tokens();

/// A daemon from its start to its end, with the real stores, configuration, database and health, assembled as in
/// jackind. The stand-ins are claude, the API, the user and the clock. Every effect of an operation is a point of
/// `FaultInjector::current()`.
class DaemonInstance {
 public:
  /// Unattended is the daemon's own work, as at its start.
  DaemonInstance(Home& home, StoreFixture& fixture, bool attended);
  ~DaemonInstance();

  config::Settings settings;
  test::FakeUser& user() { return user_; }
  test::FakeTerminals& terminals() { return terminals_; }
  Home& home() { return home_; }
  StoreFixture& fixture() { return fixture_; }

  lifecycle::Dependencies& deps() { return *deps_; }
  health::Health& health() { return *health_; }
  config::Configuration& configuration() { return configuration_; }
  state::Database& database() { return *database_; }
  async::Pool& pool() { return pool_; }
  ProgramRunner& programs();

  /// Runs a coroutine to its end. The clock advances when no other event is left.
  template <typename T>
  T run(asio::awaitable<T> task) {
    test::Started<T> started(io_, std::move(task));
    while (!started.has_ended()) turn();
    return started.result();
  }

 private:
  class Calls;
  class Api;

  void turn();

  Home& home_;
  StoreFixture& fixture_;
  mint::BrowserCalls browser_calls_;
  asio::io_context io_;
  test::FakeClock clock_;
  std::unique_ptr<Clock> real_clock_;
  // The number of calls that take real time.
  std::atomic<int> running_{0};
  std::unique_ptr<state::Database> database_;
  async::Pool pool_{2};
  async::TimedCalls named_files_{*real_clock_, 2};
  test::FakeTerminals terminals_{io_.get_executor()};
  test::FakeUser user_{io_.get_executor()};
  std::unique_ptr<Calls> calls_;
  std::unique_ptr<Api> api_;
  std::shared_ptr<void> shared_;
  std::vector<std::unique_ptr<secrets::Store>> stores_;
  config::Configuration configuration_;
  std::unique_ptr<secrets::Sources> sources_;
  lifecycle::Operations operations_;
  std::unique_ptr<health::Health> health_;
  std::unique_ptr<lifecycle::Dependencies> deps_;
};

}  // namespace jackin::faults
