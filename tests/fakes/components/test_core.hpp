// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/async/timed_calls.hpp"
#include "daemon/config/contents.hpp"
#include "daemon/core/daemon_core.hpp"
#include "daemon/mint/browser_calls.hpp"
#include "daemon/secrets/op_cli.hpp"
#include "daemon/secrets/resolver.hpp"
#include "tests/fakes/components/daemon_context.hpp"
#include "tests/fakes/components/fake_notifier.hpp"
#include "tests/fakes/components/fake_programs.hpp"
#include "tests/fakes/components/fake_store.hpp"
#include "tests/fakes/components/fake_terminals.hpp"
#include "tests/fakes/components/fake_upstream.hpp"
#include "tests/fakes/components/fake_user.hpp"

namespace jackin::test {

/// The daemon's core over stand-ins, for tests of launches and sagas. It has a claude 2.1.197 on the client's PATH, an
/// operating system's store, files, and an API that accepts every token. It caches no token unless a test enables the
/// cache.
class TestCore {
 public:
  TestCore();
  ~TestCore();

  DaemonContext sandbox;
  CurrentSettings current_settings;
  config::Settings& settings = current_settings.values;
  FakePrograms programs;
  FakeTerminals terminals{sandbox.io.get_executor()};
  FakeUpstream upstream;
  FakeNotifier notifier{sandbox.clock};
  FakeUser user{sandbox.io.get_executor()};
  FakeStore os_store{SourceKind::secret_service};
  FakeStore files{SourceKind::file};
  FakeStore op{SourceKind::op};
  FakeResolver* resolver = nullptr;
  Environment client;

  /// The next claude that is started shows this token and ends.
  std::shared_ptr<TerminalScript> claude_shows(const std::string& token);

  DaemonCore& core() { return *core_; }
  lifecycle::Dependencies& deps() { return core_->attended; }
  health::Health& health() { return core_->health; }
  /// The configuration as it is on the disk now.
  config::ConfigurationOnDisk& configuration() { return on_disk_; }
  Result<health::ProbeAnswer> probe(const Scope& scope);
  lifecycle::Operations& operations() { return core_->operations; }

  /// Simulates a restart of the daemon: the content of its memory is lost.
  void restart();

 private:
  config::ConfigurationOnDisk on_disk_{sandbox.paths};
  async::TimedCalls named_files_{sandbox.clock, 2};
  mint::BrowserCalls browser_calls_;
  Environment environment_;
  secrets::OpCli op_cli_{programs, sandbox.clock};
  std::unique_ptr<secrets::Sources> sources_;
  std::unique_ptr<DaemonCore> core_;
};

}  // namespace jackin::test
