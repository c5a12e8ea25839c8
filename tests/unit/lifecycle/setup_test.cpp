#include "daemon/lifecycle/setup.hpp"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <functional>
#include <memory>

#include "daemon/health/doctor.hpp"
#include "daemon/lifecycle/discarded_tokens.hpp"
#include "tests/fakes/parts/house.hpp"
#include "tests/support/await.hpp"

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

class SetupTest : public testing::Test {
 protected:
  SetupTest() { house_.sandbox.workspace("my-app", my_file); }

  SetupRequest request(const std::string& workspace = "my-app") {
    SetupRequest request;
    request.scope = Scope::workspace(workspace).value();
    request.client = house_.client;
    request.asked_by = {4711, 1, "jackinctl"};
    return request;
  }

  Result<TokenReport> run(SetupRequest request) {
    lifecycle::Setup setup(house_.parts());
    return test::await(house_.sandbox.io, setup.run(std::move(request), house_.person));
  }

  std::vector<std::string> step_names() const {
    std::vector<std::string> names;
    for (const auto& step : house_.person.steps) names.push_back(step.substr(0, step.find(':')));
    return names;
  }

  void expect_nothing_changed(const std::string& where) {
    EXPECT_EQ(house_.sandbox.workspace_text("my-app"), my_file) << where;
    EXPECT_THAT(house_.os_store.items(), IsEmpty()) << where;
    EXPECT_THAT(house_.files.items(), IsEmpty()) << where;
    EXPECT_TRUE(house_.operations().running().empty()) << where;
    EXPECT_THAT(house_.sandbox.database_bytes(), Not(HasSubstr("aaaaaaaaaaaa"))) << where;
  }

  health::HouseReport examine() {
    secrets::OpCli op(house_.programs, house_.sandbox.clock);
    health::House whole{house_.sandbox.pool,
                        house_.programs,
                        *house_.sandbox.database,
                        house_.parts().stores,
                        op,
                        house_.sandbox.paths.config_dir};
    return test::await(house_.sandbox.io, health::examine_house(whole, house_.client, {}, {})).value();
  }

  // Runs it while time passes whenever something waits for it.
  Result<TokenReport> run_in_time(SetupRequest request) {
    lifecycle::Setup setup(house_.parts());
    test::Started<Result<TokenReport>> started(house_.sandbox.io, setup.run(std::move(request), house_.person));
    while (!started.has_ended()) {
      house_.sandbox.io.restart();
      if (house_.sandbox.io.run_one_for(1ms) != 0 || !house_.person.has_seen_step("wire")) continue;
      if (const auto due = house_.sandbox.clock.next_due()) house_.sandbox.clock.advance(*due);
    }
    return started.result();
  }

  std::vector<state::OperationRecord> unfinished() { return house_.sandbox.database->unfinished_operations().value(); }

  const Scope app_ = Scope::workspace("my-app").value();
  test::House house_;
};

TEST_F(SetupTest, Setup_ClaudeSaysTheLifetime_ExpiryIsNotEstimated) {
  house_.terminals.expect("Your OAuth token (valid for 90 days):\r\n\r\n" + token_like('a') + "\r\n");
  const auto report = run(request());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->days_left, 90);
  EXPECT_FALSE(report->expiry_estimated);
  const auto recorded = house_.health().token_of(app_);
  ASSERT_TRUE(recorded);
  EXPECT_EQ(recorded->expires_on, report->expires_on);
  EXPECT_FALSE(recorded->expiry_estimated);
}

TEST_F(SetupTest, MintsStoresReadsBackAndWires) {
  house_.claude_shows(token_like('a'));
  const auto report = run(request());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(step_names(),
              ElementsAre("program", "mint", "captured", "verify", "store", "read_back", "wire", "record"));
  ASSERT_EQ(house_.os_store.items().size(), 1U);
  EXPECT_EQ(house_.os_store.items().begin()->second.token.view(), token_like('a'));
  EXPECT_EQ(report->reference, house_.os_store.items().begin()->first);
  EXPECT_EQ(report->store, "secret-service");
  EXPECT_EQ(report->fingerprint, Digest::of(token_like('a')).fingerprint());
  EXPECT_EQ(report->expires_on, parse_date("2027-11-23"));
  EXPECT_EQ(report->days_left, 365);
  EXPECT_TRUE(report->expiry_estimated);
  EXPECT_EQ(report->claude_version, "2.1.197");
  EXPECT_EQ(report->slot_file, "workspaces/my-app.toml");
  EXPECT_EQ(report->slot, "[claude] oauth_token");
  EXPECT_TRUE(report->created);
  const auto auth = house_.configuration().effective(app_).value();
  ASSERT_TRUE(auth.source);
  EXPECT_EQ(secrets::reference_of(*auth.source), report->reference);
  EXPECT_THAT(house_.sandbox.workspace_text("my-app"), testing::StartsWith(my_file));
  EXPECT_THAT(unfinished(), IsEmpty());
  EXPECT_THAT(house_.upstream.asked, ElementsAre(report->fingerprint));
}

TEST_F(SetupTest, TheProbeKnowsTheTokenAtOnceAndAfterARestart) {
  house_.claude_shows(token_like('a'));
  ASSERT_TRUE(run(request()));
  for (int start = 0; start < 2; ++start) {
    const auto answer = house_.health().probe(app_).value();
    EXPECT_EQ(answer.verdict, health::Verdict::ok);
    EXPECT_EQ(answer.days_left, 365);
    EXPECT_TRUE(answer.fresh);
    house_.restart();
  }
}

TEST_F(SetupTest, TheJournalNeverHoldsTheToken) {
  house_.claude_shows(token_like('a'));
  ASSERT_TRUE(run(request()));
  EXPECT_THAT(house_.sandbox.database_bytes(), Not(HasSubstr("aaaaaaaaaaaa")));
}

TEST_F(SetupTest, WhileAsManyTokensAsMayBeAreCreatedItIsBusy) {
  std::vector<Operations::MintTurn> others;
  for (int i = 0; i < Operations::most_mints; ++i) others.push_back(house_.operations().begin_mint().value());
  house_.claude_shows(token_like('a'));
  const auto refused = run(request());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::busy);
  expect_nothing_changed("busy");
  EXPECT_THAT(unfinished(), IsEmpty());
  others.pop_back();
  EXPECT_TRUE(run(request()));
  EXPECT_TRUE(house_.operations().begin_mint()) << "its turn is over";
}

TEST_F(SetupTest, SaysWhichStoreItChose) {
  house_.claude_shows(token_like('a'));
  ASSERT_TRUE(run(request()));
  EXPECT_THAT(house_.person.notices, Contains(HasSubstr("kept in Fake secret-service")));
}

TEST_F(SetupTest, KeepsItInFilesWhereTheSystemHasNoStore) {
  house_.os_store.available = {false, "no bus", {}};
  house_.claude_shows(token_like('a'));
  ASSERT_TRUE(run(request()));
  EXPECT_EQ(house_.files.items().size(), 1U);
}

TEST_F(SetupTest, DoesNotTakeAFileForAStoreThatOnlyGaveNoAnswer) {
  house_.os_store.available = {false, "it gave no answer in time", "try again"};
  house_.os_store.available.unclear = true;
  const auto report = run(request());
  EXPECT_EQ(report.error().reason, Reason::store_unavailable);
  EXPECT_THAT(report.error().remedy, HasSubstr("--store file"));
  EXPECT_EQ(house_.terminals.started(), 0);
  expect_nothing_changed("");
}

TEST_F(SetupTest, StartsAStoreOnlyWhereItIsAskedForByName) {
  house_.os_store.available = {false, "it does not run", {}};
  house_.os_store.available.startable = true;
  house_.claude_shows(token_like('a'));
  auto wish = request();
  wish.place.store = "secret-service";
  ASSERT_TRUE(run(wish));
  EXPECT_EQ(house_.os_store.items().size(), 1U);
  house_.sandbox.workspace("other", my_file);
  house_.claude_shows(token_like('b'));
  wish = request();
  wish.scope = Scope::workspace("other").value();
  ASSERT_TRUE(run(wish));
  EXPECT_EQ(house_.files.items().size(), 1U);
}

TEST_F(SetupTest, KeepsItWhereTheSettingsSay) {
  house_.settings.store_default = "file";
  house_.claude_shows(token_like('a'));
  ASSERT_TRUE(run(request()));
  EXPECT_EQ(house_.files.items().size(), 1U);
}

TEST_F(SetupTest, KeepsItWhereThePersonSaysAndAVaultMeansOnePassword) {
  house_.claude_shows(token_like('a'));
  auto wish = request();
  wish.place.vault = "Personal";
  ASSERT_TRUE(run(wish));
  EXPECT_EQ(house_.op.items().size(), 1U);
  EXPECT_THAT(house_.person.notices, Not(Contains(HasSubstr("kept in"))));
}

TEST_F(SetupTest, AStoreThatCannotBeUsedIsSaidBeforeTheConsent) {
  house_.files.available = {false, "the folder is not private", "chmod 700 x"};
  auto wish = request();
  wish.place.store = "file";
  const auto report = run(wish);
  EXPECT_EQ(report.error().reason, Reason::store_unavailable);
  EXPECT_EQ(report.error().remedy, "chmod 700 x");
  wish.place.store = "paper";
  EXPECT_EQ(run(wish).error().reason, Reason::invalid_argument);
  EXPECT_EQ(house_.terminals.started(), 0);
  expect_nothing_changed("");
}

TEST_F(SetupTest, IsAnErrorWhereATokenStands) {
  house_.sandbox.workspace("my-app", "[claude]\noauth_token = { file = \"~/x\" }\n");
  const auto report = run(request());
  EXPECT_EQ(report.error().reason, Reason::slot_exists);
  EXPECT_EQ(report.error().remedy, "jackinctl rotate my-app");
  EXPECT_EQ(house_.terminals.started(), 0);
  house_.sandbox.workspace("my-app",
                           "[claude]\nauth_forward = \"oauth_token\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$X\"\n");
  EXPECT_EQ(run(request()).error().reason, Reason::slot_exists);
}

TEST_F(SetupTest, TakesThePlaceOfAnotherMode) {
  house_.sandbox.workspace("my-app", "[claude]\nauth_forward = \"ignore\"\n");
  house_.claude_shows(token_like('a'));
  ASSERT_TRUE(run(request()));
  EXPECT_EQ(house_.configuration().effective(app_)->mode, config::AuthMode::oauth_token);
}

TEST_F(SetupTest, AnUnknownWorkspaceIsAnErrorAndIsMadeWhenAsked) {
  EXPECT_EQ(run(request("new-app")).error().reason, Reason::unknown_workspace);
  auto create = request("new-app");
  create.create = true;
  EXPECT_EQ(run(create).error().reason, Reason::invalid_argument) << "without a folder";
  create.workdir = house_.sandbox.home.path().string();
  house_.claude_shows(token_like('a'));
  const auto report = run(create);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(house_.sandbox.workspace_text("new-app"), HasSubstr("oauth_token"));
}

TEST_F(SetupTest, WhatGoesNotTogetherIsSaidFirst) {
  auto wish = request();
  wish.plain = true;
  wish.place.store = "file";
  EXPECT_EQ(run(wish).error().reason, Reason::invalid_argument);
  wish = request();
  wish.reuse = "file:/x";
  wish.plain = true;
  EXPECT_EQ(run(wish).error().reason, Reason::invalid_argument);
  wish = request();
  wish.scope = Scope::global();
  wish.create = true;
  wish.workdir = "/src";
  EXPECT_EQ(run(wish).error().reason, Reason::invalid_argument);
}

// What can go wrong on the way, each at its place. The person gives up when asked.
struct Fault {
  const char* name;
  std::function<void(test::House&)> arrange;
  Reason reason;
};

class SetupFault : public SetupTest, public testing::WithParamInterface<Fault> {};

TEST_P(SetupFault, LeavesConfigurationAndStoresAsTheyWere) {
  house_.person.answer = [] { return std::string("give_up"); };
  GetParam().arrange(house_);
  const auto report = run(request());
  ASSERT_FALSE(report);
  EXPECT_EQ(to_code(report.error().reason), to_code(GetParam().reason)) << report.error().message;
  expect_nothing_changed(GetParam().name);
  EXPECT_THAT(unfinished(), IsEmpty());
  EXPECT_EQ(house_.health().probe(app_)->verdict, health::Verdict::not_managed);
}

void shows_a_token(test::House& house) {
  house.claude_shows(token_like('a'));
}

INSTANTIATE_TEST_SUITE_P(
    EveryStep, SetupFault,
    testing::Values(Fault{"NoPlace",
                          [](auto& house) {
                            house.os_store.plan_fails = Error{Reason::store_unavailable, "no", {}};
                          },
                          Reason::store_unavailable},
                    Fault{"NoClaude", [](auto& house) { house.take_off_path("claude"); }, Reason::program_missing},
                    Fault{"ClaudeWithoutVersion",
                          [](auto& house) {
                            house.programs.answer_with([](const auto&) { return test::printed("hello\n"); });
                          },
                          Reason::program_failed},
                    Fault{"NoTerminalLeft", [](auto& house) { house.terminals.run_out(); }, Reason::io_failed},
                    Fault{"Refused", [](auto& house) { house.terminals.expect("OAuth error: access denied\r\n", 1); },
                          Reason::mint_refused},
                    Fault{"NobodyConsents",
                          [](auto& house) {
                            const auto claude = house.terminals.expect("Paste code here if prompted > ", 0, true);
                            claude->when_read = [&clock = house.sandbox.clock] { clock.advance(16min); };
                          },
                          Reason::timed_out},
                    Fault{"Rejected",
                          [](auto& house) {
                            shows_a_token(house);
                            house.upstream.reject();
                          },
                          Reason::token_rejected},
                    Fault{"StoreFails",
                          [](auto& house) {
                            shows_a_token(house);
                            house.os_store.put_fails = Error{Reason::store_failed, "no", {}};
                          },
                          Reason::store_failed},
                    Fault{"StoreFailsAfterStoringSomethingElse",
                          [](auto& house) {
                            shows_a_token(house);
                            house.os_store.put_fails_after = Error{Reason::timed_out, "no answer", {}};
                            house.os_store.reads_another = true;
                          },
                          Reason::read_back_mismatch},
                    Fault{"ReadBackFails",
                          [](auto& house) {
                            shows_a_token(house);
                            house.os_store.read_fails = Error{Reason::source_unreachable, "locked", {}};
                          },
                          Reason::source_unreachable},
                    Fault{"ReadBackDiffers",
                          [](auto& house) {
                            shows_a_token(house);
                            house.os_store.reads_another = true;
                          },
                          Reason::read_back_mismatch},
                    Fault{"FieldOfAnExistingItemDiffers",
                          [](auto& house) {
                            shows_a_token(house);
                            house.os_store.into_existing = true;
                            house.os_store.reads_another = true;
                          },
                          Reason::read_back_mismatch}),
    [](const auto& test) { return test.param.name; });

TEST_F(SetupTest, AConcurrentEditOfTheSameKeysWinsAndGivingUpDeletesTheToken) {
  house_.claude_shows(token_like('a'));
  const std::string theirs = "[claude]\nauth_forward = \"api_key\"\n";
  house_.person.when_step = [&](std::string_view step) {
    if (step == "wire") house_.sandbox.workspace("my-app", theirs);
  };
  house_.person.answer = [] { return std::string("give_up"); };
  const auto report = run(request());
  EXPECT_EQ(report.error().reason, Reason::config_conflict);
  EXPECT_EQ(house_.sandbox.workspace_text("my-app"), theirs);
  EXPECT_THAT(house_.os_store.items(), IsEmpty());
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(SetupTest, NothingIsDoneThatTheJournalCouldNotAnnounce) {
  const auto journal = [&](const char* sql) {
    SQLite::Database(house_.sandbox.paths.database().string(), SQLite::OPEN_READWRITE).exec(sql);
  };
  for (const std::string step : {"program", "verify", "store", "read_back"}) {
    if (step != "program") house_.claude_shows(token_like('a'));
    house_.person.when_step = [&](std::string_view reached) {
      if (reached == step) journal("CREATE TRIGGER full BEFORE INSERT ON step BEGIN SELECT RAISE(FAIL, 'full'); END");
    };
    EXPECT_FALSE(run(request())) << step;
    expect_nothing_changed(step);
    journal("DROP TRIGGER full");
  }
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(SetupTest, WhenTheStoreFailsAnotherOneIsOfferedAndNobodyConsentsTwice) {
  house_.claude_shows(token_like('a'));
  house_.os_store.put_fails = Error{Reason::store_failed, "the keyring is broken", {}};
  house_.op.available = {false, "not signed in", {}};
  house_.person.answer = [] { return std::string("file"); };
  const auto report = run(request());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->store, "file");
  EXPECT_THAT(house_.person.offered, ElementsAre("secret-service", "file", "give_up"));
  EXPECT_THAT(house_.person.questions, ElementsAre(HasSubstr("the keyring is broken")));
  EXPECT_EQ(house_.terminals.started(), 1);
  EXPECT_EQ(house_.files.items().begin()->second.token.view(), token_like('a'));
  EXPECT_EQ(secrets::reference_of(*house_.configuration().effective(app_)->source),
            house_.files.items().begin()->first);
}

TEST_F(SetupTest, TheSameStoreCanBeTriedAgain) {
  house_.claude_shows(token_like('a'));
  house_.os_store.put_fails = Error{Reason::store_unavailable, "locked", {}};
  house_.person.answer = [&] {
    house_.os_store.put_fails.reset();
    return std::string("secret-service");
  };
  ASSERT_TRUE(run(request()));
  EXPECT_EQ(house_.os_store.items().size(), 1U);
}

TEST_F(SetupTest, AWishForAPlaceIsAboutTheStoreThatWasAskedFor) {
  house_.claude_shows(token_like('a'));
  house_.op.put_fails = Error{Reason::store_failed, "no", {}};
  auto wish = request();
  wish.place.vault = "Personal";
  std::vector<std::string> answers{"file", "op"};
  house_.files.put_fails = house_.op.put_fails;
  house_.person.answer = [&] {
    const std::string answer = answers.back();
    if (answers.size() == 1) house_.files.put_fails.reset();
    answers.pop_back();
    return answer;
  };
  ASSERT_TRUE(run(wish));
  ASSERT_EQ(house_.op.planned.size(), 2U);
  EXPECT_EQ(house_.op.planned[1].vault, "Personal") << "it is the same store";
  ASSERT_EQ(house_.files.planned.size(), 1U);
  EXPECT_EQ(house_.files.planned[0].vault, "") << "files know no vaults";
}

TEST_F(SetupTest, AnItemThatWasStoredThoughTheAnswerWasLostCounts) {
  house_.claude_shows(token_like('a'));
  house_.os_store.put_fails_after = Error{Reason::timed_out, "no answer", {}};
  const auto report = run(request());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(house_.os_store.puts(), 1);
  EXPECT_THAT(house_.person.questions, IsEmpty());
}

TEST_F(SetupTest, WhatCannotBeTakenBackIsListedByDoctorWithTheCommandThatMendsIt) {
  house_.claude_shows(token_like('a'));
  house_.os_store.reads_another = true;
  house_.os_store.remove_fails = Error{Reason::source_unreachable, "the bus is gone", {}};
  house_.person.answer = [] { return std::string("file"); };
  const auto report = run(request());
  ASSERT_TRUE(report) << "the other store is as good";
  EXPECT_THAT(house_.person.notices, Contains(HasSubstr("may be left behind")));
  const auto found = examine();
  ASSERT_EQ(found.leftovers.size(), 1U);
  EXPECT_THAT(found.leftovers[0].message, HasSubstr("setup of 'my-app'"));
  EXPECT_THAT(found.leftovers[0].remedy, HasSubstr("jackin"));
  EXPECT_EQ(found.leftovers[0].severity, health::FindingSeverity::error);
}

TEST_F(SetupTest, AClientThatGoesBeforeTheCaptureCancels) {
  const auto script = house_.terminals.expect("Press Enter to open the browser\r\n", 0, true);
  script->when_read = [&] { house_.person.leave(); };
  const auto report = run(request());
  EXPECT_EQ(report.error().reason, Reason::cancelled);
  EXPECT_TRUE(script->ended);
  expect_nothing_changed("");
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(SetupTest, CancellingTheCallBeforeTheCaptureEndsItInAnOrderlyWay) {
  const auto script = house_.terminals.expect("Press Enter to open the browser\r\n", 0, true);
  lifecycle::Setup setup(house_.parts());
  test::Started<Result<TokenReport>> started(house_.sandbox.io, setup.run(request(), house_.person));
  bool reading = false;
  script->when_read = [&] { reading = true; };
  started.run_until([&] { return reading; });
  started.cancel();
  EXPECT_EQ(started.result().error().reason, Reason::cancelled);
  EXPECT_TRUE(script->ended);
  expect_nothing_changed("");
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(SetupTest, AClientThatGoesAfterTheCaptureCancelsNothing) {
  house_.claude_shows(token_like('a'));
  lifecycle::Setup setup(house_.parts());
  test::Started<Result<TokenReport>> started(house_.sandbox.io, setup.run(request(), house_.person));
  started.run_until([&] { return house_.person.has_seen_step("captured"); });
  house_.person.leave();
  started.run_until([&] { return house_.person.has_seen_step("verify"); });
  started.cancel();
  const auto report = started.result();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(house_.os_store.items().size(), 1U);
  EXPECT_TRUE(house_.configuration().effective(app_)->source);
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(SetupTest, StatusShowsWhetherItCanStillBeCancelled) {
  house_.claude_shows(token_like('a'));
  std::vector<std::string> seen;
  house_.person.when_step = [&](std::string_view step) {
    for (const auto& running : house_.operations().running()) {
      seen.push_back(std::string(step) + (running.captured ? " captured" : ""));
    }
  };
  ASSERT_TRUE(run(request()));
  EXPECT_THAT(seen, testing::IsSupersetOf({"mint", "verify captured", "wire captured"}));
}

TEST_F(SetupTest, ASecondSetupOfTheScopeIsBusyAtOnceAndAnotherScopeIsNot) {
  house_.sandbox.workspace("other", my_file);
  house_.terminals.expect("Press Enter\r\n", 0, true);
  lifecycle::Setup setup(house_.parts());
  test::Started<Result<TokenReport>> first(house_.sandbox.io, setup.run(request(), house_.person));
  first.run_until([&] { return house_.terminals.started() == 1; });

  test::FakePerson second(house_.sandbox.io.get_executor());
  const auto busy = test::await(house_.sandbox.io, setup.run(request(), second));
  EXPECT_EQ(busy.error().reason, Reason::busy);
  EXPECT_THAT(busy.error().message, HasSubstr("jackinctl (pid 4711)"));

  house_.claude_shows(token_like('b'));
  const auto other = test::await(house_.sandbox.io, setup.run(request("other"), second));
  EXPECT_TRUE(other) << other.error().message;

  first.cancel();
  EXPECT_EQ(first.result().error().reason, Reason::cancelled);
}

TEST_F(SetupTest, AnApiThatCannotBeAskedStopsNothing) {
  house_.claude_shows(token_like('a'));
  house_.upstream.fail();
  ASSERT_TRUE(run(request()));
  EXPECT_THAT(house_.person.notices, Contains(HasSubstr("could not be checked: the API could not be reached")));
  EXPECT_EQ(house_.health().probe(app_)->verdict, health::Verdict::ok);
}

TEST_F(SetupTest, AsksNoApiWhenToldNotTo) {
  house_.claude_shows(token_like('a'));
  auto quiet = request();
  quiet.verify = false;
  ASSERT_TRUE(run(quiet));
  EXPECT_THAT(house_.upstream.asked, IsEmpty());
  EXPECT_FALSE(house_.person.has_seen_step("verify"));
}

TEST_F(SetupTest, ATokenOfAnUnknownShapeCountsOnlyWhenTheApiAcceptsIt) {
  const std::string odd = token_like('a') + "longer";
  house_.claude_shows(odd);
  house_.upstream.fail();
  EXPECT_EQ(run(request()).error().reason, Reason::token_malformed);
  expect_nothing_changed("the API could not be asked");
  house_.claude_shows(odd);
  auto quiet = request();
  quiet.verify = false;
  EXPECT_EQ(run(quiet).error().reason, Reason::token_malformed);
  expect_nothing_changed("the API was not asked");
  house_.claude_shows(odd);
  house_.upstream.accept();
  EXPECT_TRUE(run(request()));
}

TEST_F(SetupTest, PlainKeepsTheTokenInTheFileAndTheFileFromOthers) {
  house_.claude_shows(token_like('a'));
  auto plain = request();
  plain.plain = true;
  const auto report = run(plain);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->store, "literal");
  EXPECT_FALSE(report->created);
  EXPECT_THAT(house_.sandbox.workspace_text("my-app"), HasSubstr(token_like('a')));
  struct stat status {};
  ASSERT_EQ(::stat((house_.sandbox.paths.workspaces_dir() / "my-app.toml").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  EXPECT_THAT(house_.os_store.items(), IsEmpty());
  EXPECT_THAT(house_.sandbox.database_bytes(), Not(HasSubstr("aaaaaaaaaaaa")));
}

TEST_F(SetupTest, AdoptsWhatIsThereWithoutMintingAndInventsNoExpiry) {
  house_.resolver->give("env:MY_TOKEN", token_like('a'));
  auto adopt = request();
  adopt.reuse = "env:MY_TOKEN";
  const auto report = run(adopt);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(step_names(), ElementsAre("resolve", "verify", "wire", "record"));
  EXPECT_EQ(house_.terminals.started(), 0);
  EXPECT_FALSE(report->created);
  EXPECT_FALSE(report->expires_on);
  EXPECT_EQ(report->claude_version, "");
  EXPECT_EQ(report->reference, "env:MY_TOKEN");
  EXPECT_FALSE(house_.health().token_of(app_)->minted_by_us);
  EXPECT_FALSE(house_.health().probe(app_)->expires_on);
}

TEST_F(SetupTest, AdoptsNothingThatIsGoneOrNoTokenOrRejected) {
  auto adopt = request();
  adopt.reuse = "file:/nowhere";
  const auto gone = run(adopt);
  EXPECT_EQ(gone.error().reason, Reason::source_gone);
  EXPECT_THAT(gone.error().remedy, testing::StartsWith("# once the token")) << "nothing is there to rotate";
  house_.resolver->give("file:/nowhere", "hunter2hunter2");
  const auto malformed = run(adopt);
  EXPECT_EQ(malformed.error().reason, Reason::token_malformed);
  EXPECT_THAT(malformed.error().remedy, testing::StartsWith("# once the token"));
  EXPECT_THAT(malformed.error().message, Not(HasSubstr("hunter2")));
  EXPECT_THAT(house_.upstream.asked, IsEmpty());
  house_.resolver->give("file:/nowhere", token_like('a'));
  house_.upstream.reject();
  EXPECT_EQ(run(adopt).error().reason, Reason::token_rejected);
  expect_nothing_changed("");
  adopt.reuse = token_like('a');
  const auto pasted = run(adopt);
  EXPECT_EQ(pasted.error().reason, Reason::invalid_argument);
  EXPECT_THAT(pasted.error().message, Not(HasSubstr("aaaa")));
  // The journal would remember it.
  adopt.reuse = "command:echo " + token_like('a');
  EXPECT_EQ(run(adopt).error().reason, Reason::invalid_argument);
  expect_nothing_changed("in a command");
}

TEST_F(SetupTest, AnItemThatAnotherOperationChangesIsBusyBeforeTheConsent) {
  house_.sandbox.workspace("other", my_file);
  auto held = house_.operations().begin("one", "setup", Scope::workspace("other").value(), {}, {}).value();
  ASSERT_TRUE(held.hold_item("op://vault/item"));
  house_.op.changes = "op://vault/item";
  auto wish = request();
  wish.place.store = "op";
  EXPECT_EQ(run(wish).error().reason, Reason::busy);
  EXPECT_EQ(house_.terminals.started(), 0);
  EXPECT_THAT(house_.op.items(), IsEmpty());
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(SetupTest, AFileThatCannotBeWrittenIsSaidBeforeTheConsent) {
  const auto file = house_.sandbox.paths.config_dir / "workspaces" / "my-app.toml";
  std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  EXPECT_EQ(run(request()).error().reason, Reason::permission_denied);
  EXPECT_EQ(house_.terminals.started(), 0);
  expect_nothing_changed("");
}

TEST_F(SetupTest, SaysSoWhenATokenWasMadeAndIsNotKept) {
  house_.claude_shows(token_like('a'));
  house_.os_store.reads_another = true;
  house_.person.answer = [] { return std::string("give_up"); };
  ASSERT_FALSE(run(request()));
  EXPECT_THAT(house_.person.notices, Contains(HasSubstr("at Anthropic it stays valid until you remove it at https:")));
}

TEST_F(SetupTest, DoctorListsATokenThatIsNotKeptWhenTheClientHasGone) {
  house_.os_store.put_fails = Error{Reason::store_failed, "it is full", {}};
  house_.claude_shows(token_like('a'));
  house_.person.when_step = [&](std::string_view step) {
    if (step == "store") house_.person.leave();
  };
  EXPECT_FALSE(run(request()));
  const auto discarded = test::await(house_.sandbox.io, discarded_tokens(house_.parts())).value();
  ASSERT_THAT(discarded, testing::SizeIs(1));
  EXPECT_EQ(discarded[0].fingerprint, Digest::of(token_like('a')).fingerprint());
  EXPECT_EQ(discarded[0].kind, "setup");
}

TEST_F(SetupTest, TwoOperationsOnOneItemAreBusy) {
  house_.sandbox.workspace("other", my_file);
  house_.resolver->give("env:MY_TOKEN", token_like('a'));
  auto held = house_.operations().begin("one", "rotate", Scope::workspace("other").value(), {}, {}).value();
  ASSERT_TRUE(held.hold_item("env:MY_TOKEN"));
  auto adopt = request();
  adopt.reuse = "env:MY_TOKEN";
  EXPECT_EQ(run(adopt).error().reason, Reason::busy);
}

TEST_F(SetupTest, WritesTheOlderPairForAnInstalledJackinAndSaysSo) {
  house_.put_on_path("jackin");
  house_.claude_shows(token_like('a'));
  const auto report = run(request());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->store, "1Password") << "the only store that the older pair can name";
  EXPECT_THAT(house_.sandbox.workspace_text("my-app"), HasSubstr("CLAUDE_CODE_OAUTH_TOKEN"));
  EXPECT_THAT(house_.sandbox.workspace_text("my-app"), Not(HasSubstr("oauth_token =")));
  EXPECT_THAT(house_.person.notices, Contains(HasSubstr("older form")));
}

TEST_F(SetupTest, SaysBeforeTheConsentWhenTheOlderPairCannotNameThePlace) {
  house_.put_on_path("jackin");
  auto wish = request();
  wish.place.store = "file";
  const auto report = run(wish);
  EXPECT_EQ(report.error().reason, Reason::unsupported);
  EXPECT_THAT(report.error().message, HasSubstr("bin/jackin"));
  EXPECT_EQ(house_.terminals.started(), 0);
  house_.settings.slot_style = config::SlotPreference::canonical;
  house_.claude_shows(token_like('a'));
  EXPECT_TRUE(run(wish));
}

// From the capture on the configuration cannot be written: what a person may do then.
class WiringFails : public SetupTest {
 protected:
  static constexpr const char* half_typed = "[claude\n";

  WiringFails() {
    house_.claude_shows(token_like('a'));
    house_.person.when_step = [this](std::string_view step) {
      if (step == "wire") house_.sandbox.workspace("my-app", half_typed);
    };
  }

  void expect_kept(const Result<TokenReport>& report) {
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().reason, Reason::config_invalid);
    ASSERT_EQ(house_.os_store.items().size(), 1U);
    const std::string reference = house_.os_store.items().begin()->first;
    EXPECT_THAT(report.error().message, HasSubstr("stays, unwired, in Fake secret-service"));
    EXPECT_THAT(report.error().message, HasSubstr(reference));
    EXPECT_EQ(report.error().remedy, "jackinctl setup my-app --reuse " + shell_quoted(reference));
    ASSERT_THAT(unfinished(), testing::SizeIs(1));
    EXPECT_EQ(unfinished()[0].outcome, "kept");
    EXPECT_THAT(house_.person.notices, Not(Contains(HasSubstr("was discarded"))));
    EXPECT_THAT(house_.sandbox.database_bytes(), Not(HasSubstr("aaaaaaaaaaaa")));
  }
};

TEST_F(WiringFails, IsTriedAgainForAWhileAndThenTheTokenIsKeptUnwired) {
  const auto started = house_.sandbox.clock.uptime();
  const auto report = run_in_time(request());
  expect_kept(report);
  EXPECT_GE(house_.sandbox.clock.uptime() - started, 30s);
  EXPECT_THAT(house_.person.notices, Contains(HasSubstr("tried again for 30 s: workspaces/my-app.toml:1:")));
  EXPECT_THAT(house_.person.offered, ElementsAre("try_again", "keep", "give_up"));
  EXPECT_THAT(house_.person.questions, ElementsAre(HasSubstr("stored in Fake secret-service")));
  EXPECT_EQ(house_.sandbox.workspace_text("my-app"), half_typed);
}

TEST_F(WiringFails, GoesOnAsSoonAsTheFileCanBeReadAgain) {
  house_.person.when_notice = [this](const std::string& message) {
    if (message.find("tried again") != message.npos) house_.sandbox.workspace("my-app", my_file);
  };
  const auto report = run_in_time(request());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(house_.person.questions, IsEmpty());
  EXPECT_THAT(unfinished(), IsEmpty());
  EXPECT_TRUE(house_.configuration().effective(app_)->source);
}

TEST_F(WiringFails, ThePersonMendsItAndTriesAgain) {
  house_.person.answer = [this] {
    house_.sandbox.workspace("my-app", my_file);
    return std::string("try_again");
  };
  ASSERT_TRUE(run_in_time(request()));
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(WiringFails, ThePersonKeepsItAndWiresItLaterAsWhatItIs) {
  house_.person.answer = [] { return std::string("keep"); };
  expect_kept(run_in_time(request()));
  const auto found = examine().leftovers;
  ASSERT_THAT(found, testing::SizeIs(1));
  EXPECT_EQ(found[0].code, "token_kept");
  EXPECT_EQ(found[0].severity, health::FindingSeverity::warning);
  EXPECT_THAT(found[0].remedy, testing::StartsWith("jackinctl setup my-app --reuse "));

  house_.sandbox.workspace("my-app", my_file);
  house_.person.when_step = nullptr;
  auto adopt = request();
  adopt.reuse = house_.os_store.items().begin()->first;
  const auto report = run(adopt);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->expires_on, parse_date("2027-11-23"));
  EXPECT_TRUE(house_.health().token_of(app_)->minted_by_us) << "so that a rotation deletes it";
  EXPECT_THAT(unfinished(), IsEmpty());
  EXPECT_EQ(house_.terminals.started(), 1) << "nobody consented twice";
}

TEST_F(WiringFails, ThePersonGivesItUpAndItIsTakenBack) {
  house_.person.answer = [] { return std::string("give_up"); };
  EXPECT_EQ(run_in_time(request()).error().reason, Reason::config_invalid);
  EXPECT_THAT(house_.os_store.items(), IsEmpty());
  EXPECT_THAT(unfinished(), IsEmpty());
  EXPECT_THAT(house_.person.notices, Contains(HasSubstr("at Anthropic it stays valid until you remove it at https:")));
}

TEST_F(WiringFails, APlainTokenFindsAPlaceInAStore) {
  auto plain = request();
  plain.plain = true;
  expect_kept(run_in_time(plain));
  EXPECT_EQ(house_.os_store.items().begin()->second.token.view(), token_like('a'));
}

TEST_F(WiringFails, AWorkspaceThatWasYetToBeMadeIsMadeByTheCommand) {
  house_.person.when_step = [this](std::string_view step) {
    if (step == "wire") house_.sandbox.workspace("new-app", half_typed);
  };
  auto create = request("new-app");
  create.create = true;
  create.workdir = "/src";
  const auto report = run_in_time(create);
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().remedy, testing::StartsWith("jackinctl setup new-app --create --workdir /src --reuse "));
}

TEST_F(WiringFails, NobodyConsentsInVainToWhatCannotBeWired) {
  house_.sandbox.workspace("my-app", half_typed);
  EXPECT_EQ(run(request()).error().reason, Reason::config_invalid);
  EXPECT_EQ(house_.terminals.started(), 0);
}

}  // namespace
}  // namespace jackin::lifecycle
