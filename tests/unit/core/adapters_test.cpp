// SPDX-License-Identifier: Apache-2.0
#include "daemon/core/adapters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "common/os/private_files.hpp"
#include "common/remedy_command.hpp"
#include "tests/fakes/components/test_core.hpp"
#include "tests/support/await.hpp"

namespace jackin {
namespace {

using test::token_like;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;

class NoProcess final : public ipc::DaemonInterface {
 public:
  explicit NoProcess(const Paths& paths) : paths_(paths) {}
  const Paths& paths() const override { return paths_; }
  ipc::DaemonStatus status() const override { return {}; }
  Task<bool> is_same_folder(std::filesystem::path, std::filesystem::path) override { co_return true; }
  void shut_down() override {}

 private:
  const Paths& paths_;
};

class AdaptersTest : public testing::Test {
 protected:
  AdaptersTest() { core_.sandbox.workspace("my-app", "# mine\n"); }

  lifecycle::SetupRequest setup_request() {
    lifecycle::SetupRequest request;
    request.scope = app_;
    request.client = core_.client;
    return request;
  }

  Result<lifecycle::TokenReport> setup() {
    core_.claude_shows(token_like('a'));
    return test::await(core_.sandbox.io, services_.tokens.setup(setup_request(), core_.user));
  }

  Result<launch::LaunchPlan> launch() {
    launch::LaunchRequest request;
    request.scope = app_;
    return test::await(core_.sandbox.io, services_.launch.prepare(std::move(request)));
  }

  void end_start() { test::await(core_.sandbox.io, core_.core().recovery.run_at_start(core_.client)); }

  // Another program removes the database, and the daemon writes it again.
  void lose_database() {
    std::filesystem::remove(core_.sandbox.paths.database());
    ASSERT_TRUE(core_.sandbox.database->keep_in_place());
  }

  const Scope app_ = Scope::workspace("my-app").value();
  test::TestCore core_;
  NoProcess process_{core_.sandbox.paths};
  ipc::ServiceInterfaces services_ = core_.core().services(process_);
};

TEST_F(AdaptersTest, Setup_TokenIsConfiguredAndProbeAllows) {
  const auto report = setup();
  ASSERT_TRUE(report) << report.error().message;
  const auto answer = test::await(core_.sandbox.io, services_.health.probe_with_quick_check(app_, std::nullopt));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->verdict, Verdict::ok);
  EXPECT_EQ(launch()->token->view(), token_like('a'));
}

TEST_F(AdaptersTest, Revoke_ReportsEachScope) {
  ASSERT_TRUE(setup());
  lifecycle::RevokeRequest request;
  request.scope = app_;
  request.client = core_.client;
  std::vector<std::string> revoked;
  const lifecycle::Revoke::Each each = [&](const lifecycle::RevokeOutcome& outcome) {
    revoked.push_back(outcome.scope.str());
  };
  ASSERT_TRUE(test::await(core_.sandbox.io, services_.tokens.revoke(request, each)));
  EXPECT_THAT(revoked, ElementsAre("my-app"));
  EXPECT_FALSE(launch()->token);
}

TEST_F(AdaptersTest, DatabaseWasRemoved_NextCommandReportsItOnceAndDoctorAlways) {
  lose_database();
  EXPECT_THAT(launch()->warnings, Contains(MatchesRegex("the state database ~/.* was removed while jackind ran.*")));
  EXPECT_THAT(launch()->warnings, Not(Contains(HasSubstr("was removed while jackind ran"))));
  end_start();
  for (int i = 0; i < 2; ++i) {
    const auto report = test::await(core_.sandbox.io, services_.health.check_system(core_.client, true));
    ASSERT_TRUE(report);
    EXPECT_THAT(report->daemon, Contains(Field(&health::Finding::code, "removed")));
  }
}

TEST_F(AdaptersTest, DatabaseWasRemoved_SetupReportsIt) {
  lose_database();
  ASSERT_TRUE(setup());
  EXPECT_THAT(core_.user.notices, Contains(HasSubstr("was removed while jackind ran")));
}

TEST_F(AdaptersTest, CheckSystem_WaitsForTheRecoveryOfTheStart) {
  test::Started<Result<lifecycle::SystemReport>> check(core_.sandbox.io,
                                                       services_.health.check_system(core_.client, true));
  core_.sandbox.io.restart();
  core_.sandbox.io.poll();
  EXPECT_FALSE(check.has_ended());
  end_start();
  EXPECT_TRUE(check.result());
}

TEST_F(AdaptersTest, CheckSystem_SettingsAreInvalid_FindingNamesTheSettingsInUse) {
  core_.current_settings.problem = Error{Reason::config_invalid, "jackind.toml:1:1: unknown key 'x'", {}};
  core_.current_settings.are_defaults = true;
  end_start();
  const auto report = test::await(core_.sandbox.io, services_.health.check_system(core_.client, true));
  ASSERT_TRUE(report);
  EXPECT_THAT(report->daemon,
              Contains(Field(&health::Finding::message, "jackind.toml:1:1: unknown key 'x'; the defaults apply")));
}

TEST_F(AdaptersTest, CheckSystem_StateOfEarlierVersionUnavailable_Warns) {
  end_start();
  const auto report = [this] {
    return test::await(core_.sandbox.io, services_.health.check_system(core_.client, true));
  };
  const auto warns = Contains(Field(&health::Finding::code, "earlier_state_away"));
  EXPECT_THAT(report()->leftovers, Not(warns));
  ASSERT_TRUE(os::write_private_file(core_.sandbox.paths.database().string() + ".earlier-away", "it is a link", false));
  const auto leftovers = report()->leftovers;
  ASSERT_THAT(leftovers, warns);
  EXPECT_THAT(leftovers[0].message, HasSubstr("it is a link"));
  EXPECT_THAT(command_line(leftovers[0].remedy), testing::StartsWith("jackinctl daemon restart  # when "));
}

TEST_F(AdaptersTest, ListStores_MarksTheDefault) {
  const auto stores = test::await(core_.sandbox.io, services_.stores.list({}));
  ASSERT_TRUE(stores);
  std::vector<std::string> defaults;
  for (const auto& store : *stores) {
    if (store.is_default) defaults.push_back(store.name);
  }
  EXPECT_EQ(stores->size(), 3U);
  EXPECT_THAT(defaults, ElementsAre("Fake secret-service"));
}

TEST_F(AdaptersTest, OpenBrowser_NoMintWaits_IsRefused) {
  EXPECT_FALSE(services_.tokens.open_browser("nonce", "https://claude.ai/"));
}

}  // namespace
}  // namespace jackin
