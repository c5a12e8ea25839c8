// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/async/timed_calls.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/health/health.hpp"
#include "daemon/lifecycle/dependencies.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/mint/browser_calls.hpp"
#include "daemon/secrets/resolver.hpp"
#include "tests/fakes/components/fake_programs.hpp"
#include "tests/fakes/components/fake_store.hpp"
#include "tests/fakes/components/fake_terminals.hpp"
#include "tests/fakes/components/fake_upstream.hpp"
#include "tests/fakes/components/fake_user.hpp"
#include "tests/fakes/components/sandbox.hpp"

namespace jackin::test {

/// The core of a daemon, built from stand-ins, for tests of sagas. It has a claude 2.1.197 on the client's PATH, an
/// operating system's store, files, and an API that accepts every token.
class TestCore {
 public:
  TestCore();
  ~TestCore();

  Sandbox sandbox;
  config::Settings settings;
  FakePrograms programs;
  FakeTerminals terminals{sandbox.io.get_executor()};
  FakeUpstream upstream;
  FakeUser user{sandbox.io.get_executor()};
  FakeStore os_store{"secret-service"};
  FakeStore files{"file"};
  FakeStore op{"op"};
  FakeResolver* resolver = nullptr;
  Environment client;

  /// Adds a program of that name to the client's PATH. It is never run: the FakePrograms answer for it.
  void put_on_path(const std::string& name);
  void take_off_path(const std::string& name);

  /// The next claude that is started shows this token and ends.
  std::shared_ptr<TerminalScript> claude_shows(const std::string& token);

  lifecycle::Dependencies& deps() { return *deps_; }
  health::Health& health() { return *health_; }
  config::Configuration& configuration() { return *configuration_; }
  lifecycle::Operations& operations() { return *operations_; }

  /// Simulates a restart of the daemon: the content of its memory is lost.
  void restart();

 private:
  async::TimedCalls named_files_{sandbox.clock, 2};
  mint::BrowserCalls browser_calls_;
  std::unique_ptr<secrets::Sources> sources_;
  std::unique_ptr<config::Configuration> configuration_;
  std::unique_ptr<health::Health> health_;
  std::unique_ptr<lifecycle::Operations> operations_;
  std::unique_ptr<lifecycle::Dependencies> deps_;
};

}  // namespace jackin::test
