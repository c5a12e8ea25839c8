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
#include "daemon/core/daemon_core.hpp"
#include "daemon/health/upstream.hpp"
#include "daemon/mint/browser_calls.hpp"
#include "daemon/secrets/op_cli.hpp"
#include "daemon/secrets/resolver.hpp"
#include "daemon/state/database.hpp"
#include "tests/fakes/components/fake_notifier.hpp"
#include "tests/fakes/components/fake_terminals.hpp"
#include "tests/fakes/components/fake_user.hpp"
#include "tests/integration/faults/store_fixture.hpp"
#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"

namespace jackin::faults {

/// A token of the known shape, always the same for a name.
std::string token_for(std::string_view name);
/// The tokens that the API accepts: every token that the tests issue.
const std::set<std::string>& valid_tokens();

/// A daemon from its start to its end: its core with the real stores, configuration and database. The stand-ins are
/// claude, the API, the user and the clock. Every effect of an operation is a point of `FaultInjector::current()`.
class DaemonInstance {
 public:
  /// Unattended is the daemon's own work, as at its start.
  DaemonInstance(Sandbox& sandbox, StoreFixture& fixture, bool attended);
  ~DaemonInstance();

  CurrentSettings current_settings;
  config::Settings& settings = current_settings.values;
  test::FakeUser& user() { return user_; }
  test::FakeTerminals& terminals() { return terminals_; }
  Sandbox& sandbox() { return sandbox_; }
  StoreFixture& fixture() { return fixture_; }

  lifecycle::Dependencies& deps() { return core_->attended; }
  health::Health& health() { return core_->health; }
  config::Configuration& configuration() { return core_->configuration; }
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

  Sandbox& sandbox_;
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
  Environment environment_;
  std::unique_ptr<secrets::OpCli> op_;
  test::FakeNotifier notifier_{clock_};
  std::unique_ptr<secrets::Sources> sources_;
  std::unique_ptr<DaemonCore> core_;
};

}  // namespace jackin::faults
