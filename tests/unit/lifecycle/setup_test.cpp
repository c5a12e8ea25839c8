// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/setup.hpp"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <functional>
#include <memory>

#include "daemon/lifecycle/discarded_tokens.hpp"
#include "daemon/lifecycle/system_check.hpp"
#include "tests/unit/lifecycle/saga_fixture.hpp"

namespace jackin::lifecycle {
namespace {

using namespace std::chrono_literals;

using test::token_like;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* my_file = "# mine\nworkdir = \"/src\"\n";

class SetupTest : public SagaTest {
 protected:
  SetupTest() { core_.sandbox.workspace("my-app", my_file); }

  SetupRequest request(const std::string& workspace = "my-app") {
    return request_for<SetupRequest>(Scope::workspace(workspace).value());
  }
  Result<TokenReport> run(SetupRequest request) { return run_saga<lifecycle::Setup>(std::move(request)); }

  void expect_nothing_changed(const std::string& where) {
    EXPECT_EQ(core_.sandbox.workspace_text("my-app"), my_file) << where;
    EXPECT_THAT(core_.os_store.items(), IsEmpty()) << where;
    EXPECT_THAT(core_.files.items(), IsEmpty()) << where;
    EXPECT_TRUE(core_.operations().running().empty()) << where;
    EXPECT_THAT(core_.sandbox.database_bytes(), Not(HasSubstr("aaaaaaaaaaaa"))) << where;
  }

  lifecycle::SystemReport examine() {
    secrets::OpCli op(core_.programs, core_.sandbox.clock);
    lifecycle::SystemDependencies whole{core_.sandbox.pool,
                                        core_.programs,
                                        *core_.sandbox.database,
                                        core_.deps().stores,
                                        op,
                                        core_.sandbox.paths.config_dir};
    return test::await(core_.sandbox.io, lifecycle::check_system(whole, core_.client, {}, {})).value();
  }

  // Runs it, and advances the clock whenever something waits for it.
  Result<TokenReport> run_in_time(SetupRequest request) {
    lifecycle::Setup setup(core_.deps());
    test::Started<Result<TokenReport>> started(core_.sandbox.io, setup.run(std::move(request), core_.user));
    while (!started.has_ended()) {
      core_.sandbox.io.restart();
      if (core_.sandbox.io.run_one_for(1ms) != 0 || !core_.user.has_seen_step("write_config")) continue;
      if (const auto due = core_.sandbox.clock.next_due()) core_.sandbox.clock.advance(*due);
    }
    return started.result();
  }
};

TEST_F(SetupTest, Setup_LifetimeKnown_ExpiryNotEstimated) {
  core_.terminals.expect("Your OAuth token (valid for 90 days):\r\n\r\n" + token_like('a') + "\r\n");
  const auto report = run(request());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->days_left, 90);
  EXPECT_FALSE(report->expiry_estimated);
  const auto recorded = core_.health().token_of(app_);
  ASSERT_TRUE(recorded);
  EXPECT_EQ(recorded->expires_on, report->expires_on);
  EXPECT_FALSE(recorded->expiry_estimated);
}

TEST_F(SetupTest, Setup_MintsStoresReadsBackAndWritesSlot) {
  core_.claude_shows(token_like('a'));
  const auto report = run(request());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(step_names(),
              ElementsAre("program", "mint", "captured", "verify", "store", "read_back", "write_config", "record"));
  ASSERT_EQ(core_.os_store.items().size(), 1U);
  EXPECT_EQ(core_.os_store.items().begin()->second.token.view(), token_like('a'));
  EXPECT_EQ(report->reference, core_.os_store.items().begin()->first);
  EXPECT_EQ(report->store, "secret-service");
  EXPECT_EQ(report->fingerprint, Digest::of(token_like('a')).fingerprint());
  EXPECT_EQ(report->expires_on, parse_date("2027-11-23"));
  EXPECT_EQ(report->days_left, 365);
  EXPECT_TRUE(report->expiry_estimated);
  EXPECT_EQ(report->claude_version, "2.1.197");
  EXPECT_EQ(report->slot_file, "workspaces/my-app.toml");
  EXPECT_EQ(report->slot, "[claude] oauth_token");
  EXPECT_TRUE(report->created);
  const auto auth = core_.configuration().effective(app_).value();
  ASSERT_TRUE(auth.source);
  EXPECT_EQ(secrets::reference_of(*auth.source), report->reference);
  EXPECT_THAT(core_.sandbox.workspace_text("my-app"), testing::StartsWith(my_file));
  EXPECT_THAT(unfinished(), IsEmpty());
  EXPECT_THAT(core_.upstream.asked, ElementsAre(report->fingerprint));
}

TEST_F(SetupTest, Setup_ProbeKnowsTokenAlsoAfterRestart) {
  core_.claude_shows(token_like('a'));
  ASSERT_TRUE(run(request()));
  for (int start = 0; start < 2; ++start) {
    const auto answer = core_.health().probe(app_).value();
    EXPECT_EQ(answer.verdict, health::Verdict::ok);
    EXPECT_EQ(answer.days_left, 365);
    EXPECT_TRUE(answer.fresh);
    core_.restart();
  }
}

TEST_F(SetupTest, Setup_JournalNeverHoldsToken) {
  core_.claude_shows(token_like('a'));
  ASSERT_TRUE(run(request()));
  EXPECT_THAT(core_.sandbox.database_bytes(), Not(HasSubstr("aaaaaaaaaaaa")));
}

TEST_F(SetupTest, Setup_TooManyMints_Busy) {
  std::vector<Operations::MintTurn> others;
  for (int i = 0; i < Operations::most_mints; ++i) others.push_back(core_.operations().begin_mint().value());
  core_.claude_shows(token_like('a'));
  const auto refused = run(request());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::busy);
  expect_nothing_changed("busy");
  EXPECT_THAT(unfinished(), IsEmpty());
  others.pop_back();
  EXPECT_TRUE(run(request()));
  EXPECT_TRUE(core_.operations().begin_mint()) << "its turn is over";
}

TEST_F(SetupTest, Setup_ChosenStore_Named) {
  core_.claude_shows(token_like('a'));
  ASSERT_TRUE(run(request()));
  EXPECT_THAT(core_.user.notices, Contains(HasSubstr("kept in Fake secret-service")));
}

TEST_F(SetupTest, Setup_NoOsStore_UsesFiles) {
  core_.os_store.available = {false, "no bus", {}};
  core_.claude_shows(token_like('a'));
  ASSERT_TRUE(run(request()));
  EXPECT_EQ(core_.files.items().size(), 1U);
}

TEST_F(SetupTest, Setup_OsStoreDoesNotAnswer_FilesNotUsed) {
  core_.os_store.available = {false, "it gave no answer in time", "try again"};
  core_.os_store.available.unclear = true;
  const auto report = run(request());
  EXPECT_EQ(report.error().reason, Reason::store_unavailable);
  EXPECT_THAT(report.error().remedy, HasSubstr("--store file"));
  EXPECT_EQ(core_.terminals.started(), 0);
  expect_nothing_changed("");
}

TEST_F(SetupTest, Setup_StoreNotRunning_StartedOnlyWhenNamed) {
  core_.os_store.available = {false, "it does not run", {}};
  core_.os_store.available.startable = true;
  core_.claude_shows(token_like('a'));
  auto requested = request();
  requested.place.store = "secret-service";
  ASSERT_TRUE(run(requested));
  EXPECT_EQ(core_.os_store.items().size(), 1U);
  core_.sandbox.workspace("other", my_file);
  core_.claude_shows(token_like('b'));
  requested = request();
  requested.scope = Scope::workspace("other").value();
  ASSERT_TRUE(run(requested));
  EXPECT_EQ(core_.files.items().size(), 1U);
}

TEST_F(SetupTest, Setup_StoreOfSettings_Used) {
  core_.settings.store_default = "file";
  core_.claude_shows(token_like('a'));
  ASSERT_TRUE(run(request()));
  EXPECT_EQ(core_.files.items().size(), 1U);
}

TEST_F(SetupTest, Setup_StoreOfRequest_VaultMeansOnePassword) {
  core_.claude_shows(token_like('a'));
  auto requested = request();
  requested.place.vault = "Personal";
  ASSERT_TRUE(run(requested));
  EXPECT_EQ(core_.op.items().size(), 1U);
  EXPECT_THAT(core_.user.notices, Not(Contains(HasSubstr("kept in"))));
}

TEST_F(SetupTest, Setup_StoreUnusable_RefusedBeforeConsent) {
  core_.files.available = {false, "the folder is not private", "chmod 700 x"};
  auto requested = request();
  requested.place.store = "file";
  const auto report = run(requested);
  EXPECT_EQ(report.error().reason, Reason::store_unavailable);
  EXPECT_EQ(report.error().remedy, "chmod 700 x");
  requested.place.store = "paper";
  EXPECT_EQ(run(requested).error().reason, Reason::invalid_argument);
  EXPECT_EQ(core_.terminals.started(), 0);
  expect_nothing_changed("");
}

TEST_F(SetupTest, Setup_TokenExists_Refused) {
  core_.sandbox.workspace("my-app", "[claude]\noauth_token = { file = \"~/x\" }\n");
  const auto report = run(request());
  EXPECT_EQ(report.error().reason, Reason::slot_exists);
  EXPECT_EQ(report.error().remedy, "jackinctl rotate my-app");
  EXPECT_EQ(core_.terminals.started(), 0);
  core_.sandbox.workspace("my-app",
                          "[claude]\nauth_forward = \"oauth_token\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$X\"\n");
  EXPECT_EQ(run(request()).error().reason, Reason::slot_exists);
}

TEST_F(SetupTest, Setup_OtherMode_Replaced) {
  core_.sandbox.workspace("my-app", "[claude]\nauth_forward = \"ignore\"\n");
  core_.claude_shows(token_like('a'));
  ASSERT_TRUE(run(request()));
  EXPECT_EQ(core_.configuration().effective(app_)->mode, config::AuthMode::oauth_token);
}

TEST_F(SetupTest, Setup_UnknownWorkspace_RefusedOrCreated) {
  EXPECT_EQ(run(request("new-app")).error().reason, Reason::unknown_workspace);
  auto create = request("new-app");
  create.create = true;
  EXPECT_EQ(run(create).error().reason, Reason::invalid_argument) << "without a folder";
  create.workdir = core_.sandbox.home.path().string();
  core_.claude_shows(token_like('a'));
  const auto report = run(create);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(core_.sandbox.workspace_text("new-app"), HasSubstr("oauth_token"));
}

TEST_F(SetupTest, Setup_ContradictoryRequest_Refused) {
  auto requested = request();
  requested.plain = true;
  requested.place.store = "file";
  EXPECT_EQ(run(requested).error().reason, Reason::invalid_argument);
  requested = request();
  requested.reuse = "file:/x";
  requested.plain = true;
  EXPECT_EQ(run(requested).error().reason, Reason::invalid_argument);
  requested = request();
  requested.scope = Scope::global();
  requested.create = true;
  requested.workdir = "/src";
  EXPECT_EQ(run(requested).error().reason, Reason::invalid_argument);
  requested = request("new-app");
  requested.create = true;
  requested.workdir = "here";
  EXPECT_EQ(run(requested).error().reason, Reason::invalid_argument);
  requested = request();
  requested.workdir = "/src";
  EXPECT_EQ(run(requested).error().reason, Reason::invalid_argument) << "without a workspace to create";
  requested = request();
  requested.place.store = "file";
  requested.place.vault = "Personal";
  EXPECT_EQ(run(requested).error().reason, Reason::invalid_argument);
}

// The faults on the way, each at its step. The user gives up when asked.
struct Fault {
  const char* name;
  std::function<void(test::TestCore&)> arrange;
  Reason reason;
};

class SetupFault : public SetupTest, public testing::WithParamInterface<Fault> {};

TEST_P(SetupFault, Fault_ConfigurationAndStoresUnchanged) {
  core_.user.answer = [] { return std::string("give_up"); };
  GetParam().arrange(core_);
  const auto report = run(request());
  ASSERT_FALSE(report);
  EXPECT_EQ(to_code(report.error().reason), to_code(GetParam().reason)) << report.error().message;
  expect_nothing_changed(GetParam().name);
  EXPECT_THAT(unfinished(), IsEmpty());
  EXPECT_EQ(core_.health().probe(app_)->verdict, health::Verdict::not_managed);
}

void shows_a_token(test::TestCore& core) {
  core.claude_shows(token_like('a'));
}

void has_no_claude(test::TestCore& core) {
  core.sandbox.take_off_path("claude");
}

INSTANTIATE_TEST_SUITE_P(
    EveryStep, SetupFault,
    testing::Values(Fault{"NoPlace",
                          [](auto& core) {
                            core.os_store.plan_fails = Error{Reason::store_unavailable, "no", {}};
                          },
                          Reason::store_unavailable},
                    Fault{"NoClaude", has_no_claude, Reason::program_missing},
                    Fault{"ClaudeWithoutVersion",
                          [](auto& core) {
                            core.programs.answer_with([](const auto&) { return test::printed("hello\n"); });
                          },
                          Reason::program_failed},
                    Fault{"NoTerminalLeft", [](auto& core) { core.terminals.run_out(); }, Reason::io_failed},
                    Fault{"Refused", [](auto& core) { core.terminals.expect("OAuth error: access denied\r\n", 1); },
                          Reason::mint_refused},
                    Fault{"NobodyConsents",
                          [](auto& core) {
                            const auto claude = core.terminals.expect("Paste code here if prompted > ", 0, true);
                            claude->when_read = [&clock = core.sandbox.clock] { clock.advance(16min); };
                          },
                          Reason::timed_out},
                    Fault{"Rejected",
                          [](auto& core) {
                            shows_a_token(core);
                            core.upstream.reject();
                          },
                          Reason::token_rejected},
                    Fault{"StoreFails",
                          [](auto& core) {
                            shows_a_token(core);
                            core.os_store.put_fails = Error{Reason::store_failed, "no", {}};
                          },
                          Reason::store_failed},
                    Fault{"StoreFailsAfterStoringSomethingElse",
                          [](auto& core) {
                            shows_a_token(core);
                            core.os_store.put_fails_after = Error{Reason::timed_out, "no answer", {}};
                            core.os_store.reads_another = true;
                          },
                          Reason::read_back_mismatch},
                    Fault{"ReadBackFails",
                          [](auto& core) {
                            shows_a_token(core);
                            core.os_store.read_fails = Error{Reason::source_unreachable, "locked", {}};
                          },
                          Reason::source_unreachable},
                    Fault{"ReadBackDiffers",
                          [](auto& core) {
                            shows_a_token(core);
                            core.os_store.reads_another = true;
                          },
                          Reason::read_back_mismatch},
                    Fault{"FieldOfAnExistingItemDiffers",
                          [](auto& core) {
                            shows_a_token(core);
                            core.os_store.into_existing = true;
                            core.os_store.reads_another = true;
                          },
                          Reason::read_back_mismatch}),
    [](const auto& test) { return test.param.name; });

TEST_F(SetupTest, Setup_ConcurrentEdit_Wins_GiveUpDeletesToken) {
  core_.claude_shows(token_like('a'));
  const std::string theirs = "[claude]\nauth_forward = \"api_key\"\n";
  core_.user.when_step = [&](std::string_view step) {
    if (step == "write_config") core_.sandbox.workspace("my-app", theirs);
  };
  core_.user.answer = [] { return std::string("give_up"); };
  const auto report = run(request());
  EXPECT_EQ(report.error().reason, Reason::config_conflict);
  EXPECT_EQ(core_.sandbox.workspace_text("my-app"), theirs);
  EXPECT_THAT(core_.os_store.items(), IsEmpty());
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(SetupTest, Setup_JournalNotWritable_StepNotDone) {
  const auto journal = [&](const char* sql) {
    SQLite::Database(core_.sandbox.paths.database().string(), SQLite::OPEN_READWRITE).exec(sql);
  };
  for (const std::string step : {"program", "verify", "store", "read_back"}) {
    if (step != "program") core_.claude_shows(token_like('a'));
    core_.user.when_step = [&](std::string_view reached) {
      if (reached == step) journal("CREATE TRIGGER full BEFORE INSERT ON step BEGIN SELECT RAISE(FAIL, 'full'); END");
    };
    EXPECT_FALSE(run(request())) << step;
    expect_nothing_changed(step);
    journal("DROP TRIGGER full");
  }
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(SetupTest, Setup_StoreFails_OtherStoreOffered) {
  core_.claude_shows(token_like('a'));
  core_.os_store.put_fails = Error{Reason::store_failed, "the keyring is broken", {}};
  core_.op.available = {false, "not signed in", {}};
  core_.user.answer = [] { return std::string("file"); };
  const auto report = run(request());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->store, "file");
  EXPECT_THAT(core_.user.offered, ElementsAre("secret-service", "file", "give_up"));
  EXPECT_THAT(core_.user.questions, ElementsAre(HasSubstr("the keyring is broken")));
  EXPECT_EQ(core_.terminals.started(), 1);
  EXPECT_EQ(core_.files.items().begin()->second.token.view(), token_like('a'));
  EXPECT_EQ(secrets::reference_of(*core_.configuration().effective(app_)->source), core_.files.items().begin()->first);
}

TEST_F(SetupTest, Setup_StoreFails_SameStoreRetried) {
  core_.claude_shows(token_like('a'));
  core_.os_store.put_fails = Error{Reason::store_unavailable, "locked", {}};
  core_.user.answer = [&] {
    core_.os_store.put_fails.reset();
    return std::string("secret-service");
  };
  ASSERT_TRUE(run(request()));
  EXPECT_EQ(core_.os_store.items().size(), 1U);
}

TEST_F(SetupTest, Setup_OtherStore_PlaceRequestNotApplied) {
  core_.claude_shows(token_like('a'));
  core_.op.put_fails = Error{Reason::store_failed, "no", {}};
  auto requested = request();
  requested.place.vault = "Personal";
  std::vector<std::string> answers{"file", "op"};
  core_.files.put_fails = core_.op.put_fails;
  core_.user.answer = [&] {
    const std::string answer = answers.back();
    if (answers.size() == 1) core_.files.put_fails.reset();
    answers.pop_back();
    return answer;
  };
  ASSERT_TRUE(run(requested));
  ASSERT_EQ(core_.op.planned.size(), 2U);
  EXPECT_EQ(core_.op.planned[1].vault, "Personal") << "it is the same store";
  ASSERT_EQ(core_.files.planned.size(), 1U);
  EXPECT_EQ(core_.files.planned[0].vault, "") << "files know no vaults";
}

TEST_F(SetupTest, Setup_StoredButAnswerLost_Counts) {
  core_.claude_shows(token_like('a'));
  core_.os_store.put_fails_after = Error{Reason::timed_out, "no answer", {}};
  const auto report = run(request());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(core_.os_store.puts(), 1);
  EXPECT_THAT(core_.user.questions, IsEmpty());
}

TEST_F(SetupTest, Setup_UndoFails_DoctorListsWithRemedy) {
  core_.claude_shows(token_like('a'));
  core_.os_store.reads_another = true;
  core_.os_store.remove_fails = Error{Reason::source_unreachable, "the bus is gone", {}};
  core_.user.answer = [] { return std::string("file"); };
  const auto report = run(request());
  ASSERT_TRUE(report) << "the other store is as good";
  EXPECT_THAT(core_.user.notices, Contains(HasSubstr("may be left behind")));
  const auto found = examine();
  ASSERT_EQ(found.leftovers.size(), 1U);
  EXPECT_THAT(found.leftovers[0].message, HasSubstr("setup of 'my-app'"));
  EXPECT_THAT(found.leftovers[0].remedy, HasSubstr("jackin"));
  EXPECT_EQ(found.leftovers[0].severity, health::FindingSeverity::error);
}

TEST_F(SetupTest, Setup_ClientGoneBeforeCapture_Cancelled) {
  const auto script = core_.terminals.expect("Press Enter to open the browser\r\n", 0, true);
  script->when_read = [&] { core_.user.leave(); };
  const auto report = run(request());
  EXPECT_EQ(report.error().reason, Reason::cancelled);
  EXPECT_TRUE(script->ended);
  expect_nothing_changed("");
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(SetupTest, Setup_CancelledBeforeCapture_EndsInOrder) {
  const auto script = core_.terminals.expect("Press Enter to open the browser\r\n", 0, true);
  lifecycle::Setup setup(core_.deps());
  test::Started<Result<TokenReport>> started(core_.sandbox.io, setup.run(request(), core_.user));
  bool reading = false;
  script->when_read = [&] { reading = true; };
  started.run_until([&] { return reading; });
  started.cancel();
  EXPECT_EQ(started.result().error().reason, Reason::cancelled);
  EXPECT_TRUE(script->ended);
  expect_nothing_changed("");
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(SetupTest, Setup_ClientGoneAfterCapture_Continues) {
  core_.claude_shows(token_like('a'));
  lifecycle::Setup setup(core_.deps());
  test::Started<Result<TokenReport>> started(core_.sandbox.io, setup.run(request(), core_.user));
  started.run_until([&] { return core_.user.has_seen_step("captured"); });
  core_.user.leave();
  started.run_until([&] { return core_.user.has_seen_step("verify"); });
  started.cancel();
  const auto report = started.result();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(core_.os_store.items().size(), 1U);
  EXPECT_TRUE(core_.configuration().effective(app_)->source);
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(SetupTest, Setup_Status_ShowsWhetherCancellable) {
  core_.claude_shows(token_like('a'));
  std::vector<std::string> seen;
  core_.user.when_step = [&](std::string_view step) {
    for (const auto& running : core_.operations().running()) {
      seen.push_back(std::string(step) + (running.captured ? " captured" : ""));
    }
  };
  ASSERT_TRUE(run(request()));
  EXPECT_THAT(seen, testing::IsSupersetOf({"mint", "verify captured", "write_config captured"}));
}

TEST_F(SetupTest, Setup_SameScope_Busy_OtherScopeAllowed) {
  core_.sandbox.workspace("other", my_file);
  core_.terminals.expect("Press Enter\r\n", 0, true);
  lifecycle::Setup setup(core_.deps());
  test::Started<Result<TokenReport>> first(core_.sandbox.io, setup.run(request(), core_.user));
  first.run_until([&] { return core_.terminals.started() == 1; });

  test::FakeUser second(core_.sandbox.io.get_executor());
  const auto busy = test::await(core_.sandbox.io, setup.run(request(), second));
  EXPECT_EQ(busy.error().reason, Reason::busy);
  EXPECT_THAT(busy.error().message, HasSubstr("jackinctl (pid 4711)"));

  core_.claude_shows(token_like('b'));
  const auto other = test::await(core_.sandbox.io, setup.run(request("other"), second));
  EXPECT_TRUE(other) << other.error().message;

  first.cancel();
  EXPECT_EQ(first.result().error().reason, Reason::cancelled);
}

TEST_F(SetupTest, Setup_ApiUnavailable_Continues) {
  core_.claude_shows(token_like('a'));
  core_.upstream.fail();
  ASSERT_TRUE(run(request()));
  EXPECT_THAT(core_.user.notices, Contains(HasSubstr("could not be checked: the API could not be reached")));
  EXPECT_EQ(core_.health().probe(app_)->verdict, health::Verdict::ok);
}

TEST_F(SetupTest, Setup_NoVerify_ApiNotAsked) {
  core_.claude_shows(token_like('a'));
  auto quiet = request();
  quiet.verify = false;
  ASSERT_TRUE(run(quiet));
  EXPECT_THAT(core_.upstream.asked, IsEmpty());
  EXPECT_FALSE(core_.user.has_seen_step("verify"));
}

TEST_F(SetupTest, Setup_UnknownShape_NeedsApi) {
  const std::string odd = token_like('a') + "longer";
  core_.claude_shows(odd);
  core_.upstream.fail();
  EXPECT_EQ(run(request()).error().reason, Reason::token_malformed);
  expect_nothing_changed("the API could not be asked");
  core_.claude_shows(odd);
  auto quiet = request();
  quiet.verify = false;
  EXPECT_EQ(run(quiet).error().reason, Reason::token_malformed);
  expect_nothing_changed("the API was not asked");
  core_.claude_shows(odd);
  core_.upstream.accept();
  EXPECT_TRUE(run(request()));
}

TEST_F(SetupTest, Setup_Plain_LiteralInPrivateFile) {
  core_.claude_shows(token_like('a'));
  auto plain = request();
  plain.plain = true;
  const auto report = run(plain);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->store, "literal");
  EXPECT_FALSE(report->created);
  EXPECT_THAT(core_.sandbox.workspace_text("my-app"), HasSubstr(token_like('a')));
  struct stat status {};
  ASSERT_EQ(::stat((core_.sandbox.paths.workspaces_dir() / "my-app.toml").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  EXPECT_THAT(core_.os_store.items(), IsEmpty());
  EXPECT_THAT(core_.sandbox.database_bytes(), Not(HasSubstr("aaaaaaaaaaaa")));
}

TEST_F(SetupTest, Setup_Adopt_NoMintNoExpiry) {
  core_.resolver->give("env:MY_TOKEN", token_like('a'));
  auto adopt = request();
  adopt.reuse = "env:MY_TOKEN";
  const auto report = run(adopt);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(step_names(), ElementsAre("resolve", "verify", "write_config", "record"));
  EXPECT_EQ(core_.terminals.started(), 0);
  EXPECT_FALSE(report->created);
  EXPECT_FALSE(report->expires_on);
  EXPECT_EQ(report->claude_version, "");
  EXPECT_EQ(report->reference, "env:MY_TOKEN");
  EXPECT_FALSE(core_.health().token_of(app_)->minted_by_us);
  EXPECT_FALSE(core_.health().probe(app_)->expires_on);
}

TEST_F(SetupTest, Setup_AdoptGoneMalformedOrRejected_Refused) {
  auto adopt = request();
  adopt.reuse = "file:/nowhere";
  const auto gone = run(adopt);
  EXPECT_EQ(gone.error().reason, Reason::source_gone);
  EXPECT_THAT(gone.error().remedy, testing::StartsWith("# once the token")) << "nothing is there to rotate";
  core_.resolver->give("file:/nowhere", "hunter2hunter2");
  const auto malformed = run(adopt);
  EXPECT_EQ(malformed.error().reason, Reason::token_malformed);
  EXPECT_THAT(malformed.error().remedy, testing::StartsWith("# once the token"));
  EXPECT_THAT(malformed.error().message, Not(HasSubstr("hunter2")));
  EXPECT_THAT(core_.upstream.asked, IsEmpty());
  core_.resolver->give("file:/nowhere", token_like('a'));
  core_.upstream.reject();
  EXPECT_EQ(run(adopt).error().reason, Reason::token_rejected);
  expect_nothing_changed("");
  adopt.reuse = token_like('a');
  const auto pasted = run(adopt);
  EXPECT_EQ(pasted.error().reason, Reason::invalid_argument);
  EXPECT_THAT(pasted.error().message, Not(HasSubstr("aaaa")));
  // The journal would contain the token.
  adopt.reuse = "command:echo " + token_like('a');
  EXPECT_EQ(run(adopt).error().reason, Reason::invalid_argument);
  expect_nothing_changed("in a command");
}

TEST_F(SetupTest, Setup_ItemHeld_BusyBeforeConsent) {
  core_.sandbox.workspace("other", my_file);
  auto held = core_.operations().begin("one", "setup", Scope::workspace("other").value(), {}, {}).value();
  ASSERT_TRUE(held.hold_item("op://vault/item"));
  core_.op.changes = "op://vault/item";
  auto requested = request();
  requested.place.store = "op";
  EXPECT_EQ(run(requested).error().reason, Reason::busy);
  EXPECT_EQ(core_.terminals.started(), 0);
  EXPECT_THAT(core_.op.items(), IsEmpty());
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(SetupTest, Setup_FileNotWritable_RefusedBeforeConsent) {
  const auto file = core_.sandbox.paths.config_dir / "workspaces" / "my-app.toml";
  std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  EXPECT_EQ(run(request()).error().reason, Reason::permission_denied);
  EXPECT_EQ(core_.terminals.started(), 0);
  expect_nothing_changed("");
}

TEST_F(SetupTest, Setup_TokenDiscarded_Reported) {
  core_.claude_shows(token_like('a'));
  core_.os_store.reads_another = true;
  core_.user.answer = [] { return std::string("give_up"); };
  ASSERT_FALSE(run(request()));
  EXPECT_THAT(core_.user.notices, Contains(HasSubstr("at Anthropic it stays valid until you remove it at https:")));
}

TEST_F(SetupTest, Setup_TokenDiscardedClientGone_DoctorLists) {
  core_.os_store.put_fails = Error{Reason::store_failed, "it is full", {}};
  core_.claude_shows(token_like('a'));
  core_.user.when_step = [&](std::string_view step) {
    if (step == "store") core_.user.leave();
  };
  EXPECT_FALSE(run(request()));
  const auto discarded = test::await(core_.sandbox.io, discarded_tokens(core_.deps())).value();
  ASSERT_THAT(discarded, testing::SizeIs(1));
  EXPECT_EQ(discarded[0].fingerprint, Digest::of(token_like('a')).fingerprint());
  EXPECT_EQ(discarded[0].kind, "setup");
}

TEST_F(SetupTest, Setup_SameItem_Busy) {
  core_.sandbox.workspace("other", my_file);
  core_.resolver->give("env:MY_TOKEN", token_like('a'));
  auto held = core_.operations().begin("one", "rotate", Scope::workspace("other").value(), {}, {}).value();
  ASSERT_TRUE(held.hold_item("env:MY_TOKEN"));
  auto adopt = request();
  adopt.reuse = "env:MY_TOKEN";
  EXPECT_EQ(run(adopt).error().reason, Reason::busy);
}

TEST_F(SetupTest, Setup_JackinInstalled_OlderPairWritten) {
  core_.sandbox.put_on_path("jackin");
  core_.claude_shows(token_like('a'));
  const auto report = run(request());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->store, "1Password") << "the only store that the older pair can name";
  EXPECT_THAT(core_.sandbox.workspace_text("my-app"), HasSubstr("CLAUDE_CODE_OAUTH_TOKEN"));
  EXPECT_THAT(core_.sandbox.workspace_text("my-app"), Not(HasSubstr("oauth_token =")));
  EXPECT_THAT(core_.user.notices, Contains(HasSubstr("older form")));
}

TEST_F(SetupTest, Setup_OlderPairCannotNamePlace_RefusedBeforeConsent) {
  core_.sandbox.put_on_path("jackin");
  auto requested = request();
  requested.place.store = "file";
  const auto report = run(requested);
  EXPECT_EQ(report.error().reason, Reason::unsupported);
  EXPECT_THAT(report.error().message, HasSubstr("bin/jackin"));
  EXPECT_EQ(core_.terminals.started(), 0);
  core_.settings.slot_style = config::SlotPreference::canonical;
  core_.claude_shows(token_like('a'));
  EXPECT_TRUE(run(requested));
}

// After the capture the configuration cannot be written: the choices of the user.
class WiringFails : public SetupTest {
 protected:
  static constexpr const char* half_typed = "[claude\n";

  WiringFails() {
    core_.claude_shows(token_like('a'));
    core_.user.when_step = [this](std::string_view step) {
      if (step == "write_config") core_.sandbox.workspace("my-app", half_typed);
    };
  }

  void expect_kept(const Result<TokenReport>& report) {
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().reason, Reason::config_invalid);
    ASSERT_EQ(core_.os_store.items().size(), 1U);
    const std::string reference = core_.os_store.items().begin()->first;
    EXPECT_THAT(report.error().message, HasSubstr("is kept, not configured, in Fake secret-service"));
    EXPECT_THAT(report.error().message, HasSubstr(reference));
    EXPECT_EQ(report.error().remedy, "jackinctl setup my-app --reuse " + shell_quoted(reference));
    ASSERT_THAT(unfinished(), testing::SizeIs(1));
    EXPECT_EQ(unfinished()[0].outcome, "kept");
    EXPECT_THAT(core_.user.notices, Not(Contains(HasSubstr("was discarded"))));
    EXPECT_THAT(core_.sandbox.database_bytes(), Not(HasSubstr("aaaaaaaaaaaa")));
  }
};

TEST_F(WiringFails, Setup_Retried_ThenTokenKept) {
  const auto started = core_.sandbox.clock.uptime();
  const auto report = run_in_time(request());
  expect_kept(report);
  EXPECT_GE(core_.sandbox.clock.uptime() - started, 30s);
  EXPECT_THAT(core_.user.notices,
              Contains(HasSubstr("tried again for 30 s: syntax error in workspaces/my-app.toml, line 1, ")));
  EXPECT_THAT(core_.user.offered, ElementsAre("try_again", "keep", "give_up"));
  EXPECT_THAT(core_.user.questions, ElementsAre(HasSubstr("stored in Fake secret-service")));
  EXPECT_EQ(core_.sandbox.workspace_text("my-app"), half_typed);
}

TEST_F(WiringFails, Setup_FileReadableAgain_Continues) {
  core_.user.when_notice = [this](const std::string& message) {
    if (message.find("tried again") != message.npos) core_.sandbox.workspace("my-app", my_file);
  };
  const auto report = run_in_time(request());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(core_.user.questions, IsEmpty());
  EXPECT_THAT(unfinished(), IsEmpty());
  EXPECT_TRUE(core_.configuration().effective(app_)->source);
}

TEST_F(WiringFails, Setup_UserFixesFile_TriesAgain) {
  core_.user.answer = [this] {
    core_.sandbox.workspace("my-app", my_file);
    return std::string("try_again");
  };
  ASSERT_TRUE(run_in_time(request()));
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(WiringFails, Setup_UserKeepsToken_WrittenLater) {
  core_.user.answer = [] { return std::string("keep"); };
  expect_kept(run_in_time(request()));
  const auto found = examine().leftovers;
  ASSERT_THAT(found, testing::SizeIs(1));
  EXPECT_EQ(found[0].code, "token_kept");
  EXPECT_EQ(found[0].severity, health::FindingSeverity::warning);
  EXPECT_THAT(found[0].remedy, testing::StartsWith("jackinctl setup my-app --reuse "));

  core_.sandbox.workspace("my-app", my_file);
  core_.user.when_step = nullptr;
  auto adopt = request();
  adopt.reuse = core_.os_store.items().begin()->first;
  const auto report = run(adopt);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->expires_on, parse_date("2027-11-23"));
  EXPECT_TRUE(core_.health().token_of(app_)->minted_by_us) << "so that a rotation deletes it";
  EXPECT_THAT(unfinished(), IsEmpty());
  EXPECT_EQ(core_.terminals.started(), 1) << "nobody consented twice";
}

TEST_F(WiringFails, Setup_UserGivesUp_TokenRemoved) {
  core_.user.answer = [] { return std::string("give_up"); };
  EXPECT_EQ(run_in_time(request()).error().reason, Reason::config_invalid);
  EXPECT_THAT(core_.os_store.items(), IsEmpty());
  EXPECT_THAT(unfinished(), IsEmpty());
  EXPECT_THAT(core_.user.notices, Contains(HasSubstr("at Anthropic it stays valid until you remove it at https:")));
}

TEST_F(WiringFails, Setup_Plain_TokenKeptInStore) {
  auto plain = request();
  plain.plain = true;
  expect_kept(run_in_time(plain));
  EXPECT_EQ(core_.os_store.items().begin()->second.token.view(), token_like('a'));
}

TEST_F(WiringFails, Setup_NewWorkspace_CommandCreatesIt) {
  core_.user.when_step = [this](std::string_view step) {
    if (step == "write_config") core_.sandbox.workspace("new-app", half_typed);
  };
  auto create = request("new-app");
  create.create = true;
  create.workdir = "/src";
  const auto report = run_in_time(create);
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().remedy, testing::StartsWith("jackinctl setup new-app --create --workdir /src --reuse "));
}

TEST_F(WiringFails, Setup_BrokenBefore_RefusedBeforeConsent) {
  core_.sandbox.workspace("my-app", half_typed);
  EXPECT_EQ(run(request()).error().reason, Reason::config_invalid);
  EXPECT_EQ(core_.terminals.started(), 0);
}

}  // namespace
}  // namespace jackin::lifecycle
