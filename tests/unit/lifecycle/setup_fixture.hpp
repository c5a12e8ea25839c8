// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/lifecycle/setup.hpp"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <functional>
#include <memory>
#include <vector>

#include "daemon/lifecycle/discarded_tokens.hpp"
#include "daemon/lifecycle/recovery.hpp"
#include "daemon/lifecycle/system_check.hpp"
#include "tests/unit/lifecycle/saga_fixture.hpp"

namespace jackin::lifecycle {

using namespace std::chrono_literals;

inline constexpr const char* my_file = "# mine\nworkdir = \"/src\"\n";

class SetupTest : public SagaTest {
 protected:
  SetupTest() { core_.sandbox.workspace("my-app", my_file); }

  SetupRequest request(const std::string& workspace = "my-app") {
    return request_for<SetupRequest>(Scope::workspace(workspace).value());
  }
  Result<TokenReport> run(SetupRequest request) { return run_saga<lifecycle::Setup>(std::move(request)); }

  void expect_nothing_changed(const std::string& where) {
    EXPECT_EQ(core_.sandbox.workspace_text("my-app"), my_file) << where;
    EXPECT_THAT(core_.os_store.items(), testing::IsEmpty()) << where;
    EXPECT_THAT(core_.files.items(), testing::IsEmpty()) << where;
    EXPECT_TRUE(core_.operations().running().empty()) << where;
    EXPECT_THAT(core_.sandbox.database_bytes(), testing::Not(testing::HasSubstr("aaaaaaaaaaaa"))) << where;
  }

  lifecycle::SystemReport examine() {
    secrets::OpCli op(core_.programs, core_.sandbox.clock);
    lifecycle::SystemDependencies whole{core_.sandbox.pool,      core_.deps().named_files, core_.programs,
                                        *core_.sandbox.database, core_.deps().stores,      op,
                                        core_.sandbox.paths};
    return test::await(core_.sandbox.io, lifecycle::check_system(whole, core_.client, {}, {})).value();
  }

  std::vector<Recovered> recover() {
    Recovery recovery(core_.deps(), core_.sandbox.clock.uptime());
    return test::await(core_.sandbox.io, recovery.run({})).value();
  }

  // Runs until the daemon has read all that claude shows.
  static void run_until_claude_waits(test::Started<Result<TokenReport>>& started, test::TerminalScript& script) {
    bool is_reading = false;
    script.when_read = [&] { is_reading = true; };
    started.run_until([&] { return is_reading; });
    script.when_read = nullptr;
  }

  // Runs it, and advances the clock whenever something waits for it after the capture.
  Result<TokenReport> run_in_time(SetupRequest request) {
    lifecycle::Setup setup(core_.deps());
    test::Started<Result<TokenReport>> started(core_.sandbox.io, setup.run(std::move(request), core_.user));
    while (!started.has_ended()) {
      core_.sandbox.io.restart();
      if (core_.sandbox.io.run_one_for(1ms) != 0 || !core_.user.has_seen_step(Step::captured)) continue;
      if (const auto due = core_.sandbox.clock.next_due()) core_.sandbox.clock.advance(*due);
    }
    return started.result();
  }
};

}  // namespace jackin::lifecycle
