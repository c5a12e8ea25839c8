// SPDX-License-Identifier: Apache-2.0
#include "common/remedy_command.hpp"
#include "common/words.hpp"
#include "tests/unit/lifecycle/setup_fixture.hpp"

namespace jackin::lifecycle {
namespace {

using test::token_like;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A fault at one step. The user answers every question with give_up.
struct Fault {
  const char* name;
  std::function<void(test::TestCore&)> arrange;
  Reason reason;
};

class SetupFault : public SetupTest, public testing::WithParamInterface<Fault> {};

TEST_P(SetupFault, Fault_ConfigurationAndStoresUnchanged) {
  core_.user.answer = [] { return ChoiceKey{ChoiceKind::give_up}; };
  GetParam().arrange(core_);
  const auto report = run(request());
  ASSERT_FALSE(report);
  EXPECT_EQ(to_code(report.error().reason), to_code(GetParam().reason)) << report.error().message;
  expect_nothing_changed(GetParam().name);
  EXPECT_THAT(unfinished(), IsEmpty());
  EXPECT_EQ(core_.probe(app_)->verdict, Verdict::not_managed);
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
  core_.user.when_step = [&](Step step) {
    if (step == Step::write_config) core_.sandbox.workspace("my-app", theirs);
  };
  core_.user.answer = [] { return ChoiceKey{ChoiceKind::give_up}; };
  const auto report = run(request());
  EXPECT_EQ(report.error().reason, Reason::config_conflict);
  EXPECT_EQ(core_.sandbox.workspace_text("my-app"), theirs);
  EXPECT_THAT(core_.os_store.items(), IsEmpty());
  EXPECT_THAT(unfinished(), IsEmpty());
}

// The state database refuses entries.
class JournalRefuses : public SetupTest {
 protected:
  void refuse_from(Step step) {
    core_.user.when_step = [this, step](Step reached) {
      if (reached != step) return;
      execute("CREATE TRIGGER full BEFORE INSERT ON step BEGIN SELECT RAISE(FAIL, 'full'); END");
    };
  }
  void accept() {
    core_.user.when_step = nullptr;
    execute("DROP TRIGGER IF EXISTS full");
  }
  void accept_when_told() {
    core_.user.when_notice = [this](const std::string& message) {
      if (message.find("tried again") != message.npos) accept();
    };
  }
  void execute(const char* sql) {
    SQLite::Database(core_.sandbox.paths.database().string(), SQLite::OPEN_READWRITE).exec(sql);
  }
};

TEST_F(JournalRefuses, Setup_NothingStoredYet_StepNotDone) {
  core_.user.answer = [] { return ChoiceKey{ChoiceKind::give_up}; };
  for (const Step at : {Step::program, Step::verify}) {
    const std::string step(word_of(at));
    if (at != Step::program) core_.claude_shows(token_like('a'));
    refuse_from(at);
    EXPECT_FALSE(run(request())) << step;
    expect_nothing_changed(step);
    accept();
  }
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(JournalRefuses, Setup_TokenStored_KeptAndFoundAtNextStart) {
  for (const Step at : {Step::store, Step::read_back}) {
    const std::string step(word_of(at));
    core_.claude_shows(token_like('a'));
    core_.user.steps.clear();
    refuse_from(at);
    const auto report = run_in_time(request());
    ASSERT_FALSE(report) << step;
    EXPECT_THAT(report.error().message, HasSubstr("is kept, not configured, in Fake secret-service")) << step;
    EXPECT_THAT(core_.user.offered, ElementsAre(ChoiceKey{ChoiceKind::try_again}, ChoiceKey{ChoiceKind::keep},
                                                ChoiceKey{ChoiceKind::give_up}))
        << step;
    EXPECT_THAT(core_.user.notices, Not(Contains(HasSubstr("was discarded")))) << step;
    ASSERT_EQ(core_.os_store.items().size(), 1U) << step;
    EXPECT_EQ(core_.sandbox.workspace_text("my-app"), my_file) << step;
    accept();
    core_.restart();
    Recovery recovery(core_.deps(), core_.sandbox.clock.uptime());
    ASSERT_TRUE(test::await(core_.sandbox.io, recovery.run({}))) << step;
    ASSERT_EQ(unfinished().size(), 1U) << step;
    EXPECT_EQ(unfinished()[0].outcome, Outcome::kept) << step;
    ASSERT_EQ(core_.os_store.items().size(), 1U) << step;
    EXPECT_EQ(command_line(report.error().remedy),
              "jackinctl setup my-app --reuse " + shell_quoted(core_.os_store.items().begin()->first));
    ASSERT_TRUE(core_.sandbox.database->end_operation(unfinished()[0].id, Outcome::done, core_.sandbox.clock.now()));
    core_.os_store.drop(secrets::parse_reference(core_.os_store.items().begin()->first).value());
  }
}

// The token may remain in the first store. The journal refuses the entry of the operation that continues.
TEST_F(JournalRefuses, Setup_NextOperationAcceptedLater_Continues) {
  core_.claude_shows(token_like('a'));
  core_.os_store.reads_another = true;
  core_.os_store.remove_fails = Error{Reason::source_unreachable, "the bus is gone", {}};
  core_.user.when_step = [this](Step step) {
    if (step == Step::read_back) {
      execute("CREATE TRIGGER full BEFORE INSERT ON operation BEGIN SELECT RAISE(FAIL, 'full'); END");
    }
  };
  core_.user.answer = [this] {
    accept();
    return ChoiceKey{ChoiceKind::use_store, SourceKind::file};
  };
  const auto report = run_in_time(request());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(core_.files.items().size(), 1U);
}

TEST_F(JournalRefuses, Setup_EntriesAcceptedAgain_Continues) {
  core_.claude_shows(token_like('a'));
  refuse_from(Step::read_back);
  accept_when_told();
  const auto report = run_in_time(request());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(core_.user.questions, IsEmpty());
  EXPECT_THAT(unfinished(), IsEmpty());
  EXPECT_TRUE(core_.configuration().effective(app_)->source);
}

TEST_F(JournalRefuses, Setup_UserTriesAgain_Continues) {
  core_.claude_shows(token_like('a'));
  refuse_from(Step::read_back);
  core_.user.answer = [this] {
    accept();
    return ChoiceKey{ChoiceKind::try_again};
  };
  ASSERT_TRUE(run_in_time(request()));
  EXPECT_THAT(core_.user.questions, ElementsAre(HasSubstr("stored in Fake secret-service")));
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(JournalRefuses, Setup_Plain_Continues) {
  core_.claude_shows(token_like('a'));
  refuse_from(Step::verify);
  accept_when_told();
  auto plain = request();
  plain.plain = true;
  const auto report = run_in_time(plain);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(core_.sandbox.workspace_text("my-app"), HasSubstr(token_like('a')));
}

TEST_F(SetupTest, Setup_StoreFails_OtherStoreOffered) {
  core_.claude_shows(token_like('a'));
  core_.os_store.put_fails = Error{Reason::store_failed, "the keyring is broken", {}};
  core_.op.available = {false, "not signed in", {}};
  core_.user.answer = [] { return ChoiceKey{ChoiceKind::use_store, SourceKind::file}; };
  const auto report = run(request());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->store, SourceKind::file);
  EXPECT_THAT(core_.user.offered,
              ElementsAre(ChoiceKey{ChoiceKind::try_again, SourceKind::secret_service},
                          ChoiceKey{ChoiceKind::use_store, SourceKind::file}, ChoiceKey{ChoiceKind::give_up}));
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
    return ChoiceKey{ChoiceKind::try_again, SourceKind::secret_service};
  };
  ASSERT_TRUE(run(request()));
  EXPECT_EQ(core_.os_store.items().size(), 1U);
}

TEST_F(SetupTest, Setup_OtherStore_PlaceRequestNotApplied) {
  core_.claude_shows(token_like('a'));
  core_.op.put_fails = Error{Reason::store_failed, "no", {}};
  auto requested = request();
  requested.place.vault = "Personal";
  std::vector<ChoiceKey> answers{{ChoiceKind::use_store, SourceKind::file}, {ChoiceKind::try_again, SourceKind::op}};
  core_.files.put_fails = core_.op.put_fails;
  core_.user.answer = [&] {
    const ChoiceKey answer = answers.back();
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
  EXPECT_EQ(core_.os_store.put_count(), 1);
  EXPECT_THAT(core_.user.questions, IsEmpty());
}

TEST_F(SetupTest, Setup_UndoFails_DoctorListsWithRemedy) {
  core_.claude_shows(token_like('a'));
  core_.os_store.reads_another = true;
  core_.os_store.remove_fails = Error{Reason::source_unreachable, "the bus is gone", {}};
  core_.user.answer = [] { return ChoiceKey{ChoiceKind::use_store, SourceKind::file}; };
  const auto report = run(request());
  ASSERT_TRUE(report) << "the other store is as good";
  EXPECT_THAT(core_.user.notices, Contains(HasSubstr("may remain in")));
  const auto found = examine();
  ASSERT_EQ(found.leftovers.size(), 1U);
  EXPECT_THAT(found.leftovers[0].message, HasSubstr("setup of 'my-app'"));
  EXPECT_THAT(command_line(found.leftovers[0].remedy), HasSubstr("jackin"));
  EXPECT_EQ(found.leftovers[0].severity, Severity::error);
}

TEST_F(SetupTest, Setup_TokenDiscarded_Reported) {
  core_.claude_shows(token_like('a'));
  core_.os_store.reads_another = true;
  core_.user.answer = [] { return ChoiceKey{ChoiceKind::give_up}; };
  ASSERT_FALSE(run(request()));
  EXPECT_THAT(core_.user.notices, Contains(HasSubstr("at Anthropic it stays valid until you remove it at https:")));
}

// No user chooses another store.
class NoAnswer : public SetupTest {
 protected:
  NoAnswer() {
    core_.os_store.put_fails = Error{Reason::store_failed, "it is busy", {}};
    core_.claude_shows(token_like('a'));
    core_.user.when_step = [this](Step step) {
      if (step == Step::store) core_.user.leave();
    };
  }
};

TEST_F(NoAnswer, Setup_StoreFailsOnce_TriedAgain) {
  core_.user.when_notice = [this](const std::string& message) {
    if (message.find("tried again for 30 s: it is busy") != message.npos) core_.os_store.put_fails.reset();
  };
  const auto report = run_in_time(request());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->store, SourceKind::secret_service);
  EXPECT_EQ(secrets::reference_of(*core_.configuration().effective(app_)->source),
            core_.os_store.items().begin()->first);
  EXPECT_THAT(core_.files.items(), IsEmpty());
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(NoAnswer, Setup_StoreKeepsFailing_KeptInFile) {
  const auto started = core_.sandbox.clock.uptime();
  const auto report = run_in_time(request());
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().reason, Reason::store_failed);
  EXPECT_GE(core_.sandbox.clock.uptime() - started, 30s);
  ASSERT_EQ(core_.files.items().size(), 1U);
  const std::string reference = core_.files.items().begin()->first;
  EXPECT_THAT(report.error().message, HasSubstr("is kept, not configured, in Fake file"));
  EXPECT_EQ(command_line(report.error().remedy), "jackinctl setup my-app --reuse " + shell_quoted(reference));
  EXPECT_EQ(core_.sandbox.workspace_text("my-app"), my_file) << "the user chose another store";
  ASSERT_THAT(unfinished(), testing::SizeIs(1));
  EXPECT_EQ(unfinished()[0].outcome, Outcome::kept);
  EXPECT_THAT(test::await(core_.sandbox.io, discarded_tokens(core_.deps())).value(), IsEmpty());
}

TEST_F(NoAnswer, Setup_UserCancelsQuestion_KeptInFileAtOnce) {
  core_.user.when_step = nullptr;
  const auto report = run(request());
  ASSERT_FALSE(report);
  EXPECT_EQ(core_.os_store.put_count(), 1);
  EXPECT_EQ(core_.files.items().size(), 1U);
  EXPECT_THAT(report.error().message, HasSubstr("is kept, not configured, in Fake file"));
  EXPECT_THAT(core_.user.notices, Contains(HasSubstr("is kept, not configured, in Fake file")));
  EXPECT_THAT(core_.user.notices, Not(Contains(HasSubstr("was discarded"))));
}

TEST_F(NoAnswer, Setup_StoreTimesOut_KeptInFileAtOnce) {
  for (const Reason reason : {Reason::timed_out, Reason::store_unavailable}) {
    SCOPED_TRACE(to_code(reason));
    core_.claude_shows(token_like('a'));
    core_.os_store.put_fails = Error{reason, "the approval timed out", {}};
    const auto puts = core_.os_store.put_count();
    ASSERT_FALSE(run(request()));
    EXPECT_EQ(core_.os_store.put_count(), puts + 1);
    ASSERT_EQ(core_.files.items().size(), 1U);
    core_.files.drop(secrets::parse_reference(core_.files.items().begin()->first).value());
  }
}

// A shutdown waits for 6 minutes at most. The attempt and the search would exceed them.
TEST_F(NoAnswer, Setup_StoreWaitsTooLong_KeptInFileBeforeSearch) {
  core_.os_store.on_put = [this] { core_.sandbox.clock.advance(300s); };
  core_.os_store.on_find = [this] { EXPECT_EQ(core_.files.items().size(), 1U); };
  const auto report = run(request());
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, HasSubstr("is kept, not configured, in Fake file"));
  EXPECT_EQ(core_.os_store.put_count(), 1);
  EXPECT_EQ(core_.files.items().size(), 1U);
  EXPECT_THAT(core_.user.notices, Contains(HasSubstr("a token may remain in Fake secret-service")));
  ASSERT_THAT(unfinished(), testing::SizeIs(2));
  EXPECT_EQ(unfinished()[1].outcome, Outcome::kept);
}

// On a shutdown the client stays connected, and its question ends without an answer.
TEST_F(NoAnswer, Setup_StoreWaitsTooLong_ClientConnected_KeptInFileBeforeSearch) {
  core_.user.when_step = nullptr;
  core_.os_store.on_put = [this] { core_.sandbox.clock.advance(300s); };
  core_.os_store.on_find = [this] { EXPECT_EQ(core_.files.items().size(), 1U); };
  const auto report = run(request());
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, HasSubstr("is kept, not configured, in Fake file"));
  EXPECT_EQ(core_.files.items().size(), 1U);
}

TEST_F(SetupTest, Setup_StoreWaitsTooLong_TriedAgain_FirstTokenRecorded) {
  core_.claude_shows(token_like('a'));
  core_.os_store.on_put = [this] { core_.sandbox.clock.advance(300s); };
  core_.os_store.on_find = [] { ADD_FAILURE() << "the search can wait as long"; };
  core_.os_store.put_fails_after = Error{Reason::timed_out, "no answer", {}};
  core_.user.answer = [this] {
    core_.os_store.on_put = nullptr;
    core_.os_store.put_fails_after.reset();
    return ChoiceKey{ChoiceKind::try_again, SourceKind::secret_service};
  };
  const auto report = run(request());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(core_.os_store.items().size(), 2U);
  ASSERT_THAT(unfinished(), testing::SizeIs(1));
  EXPECT_EQ(unfinished()[0].outcome, Outcome::stuck);
  core_.os_store.on_find = nullptr;
  EXPECT_EQ(recover().at(0).outcome, Outcome::undone);
  ASSERT_EQ(core_.os_store.items().size(), 1U);
  EXPECT_EQ(core_.os_store.items().begin()->first, report->reference);
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(NoAnswer, Setup_PlanWaits_NotStoredAgain) {
  core_.user.when_notice = [this](const std::string& message) {
    if (message.find("tried again for 30 s") == message.npos) return;
    core_.os_store.on_plan = [this] { core_.sandbox.clock.advance(300s); };
  };
  const auto report = run_in_time(request());
  ASSERT_FALSE(report);
  EXPECT_EQ(core_.os_store.planned.size(), 2U);
  EXPECT_EQ(core_.os_store.put_count(), 1);
  EXPECT_THAT(report.error().message, HasSubstr("is kept, not configured, in Fake file"));
}

TEST_F(NoAnswer, Setup_ReadBackFailsLate_KeptInFileBeforeDeletion) {
  core_.os_store.put_fails.reset();
  core_.os_store.on_put = [this] { core_.sandbox.clock.advance(300s); };
  core_.os_store.read_fails = Error{Reason::source_unreachable, "locked", {}};
  const auto report = run(request());
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, HasSubstr("is kept, not configured, in Fake file"));
  EXPECT_EQ(core_.files.items().size(), 1U);
  EXPECT_EQ(core_.os_store.items().size(), 1U) << "recovery deletes it";
  ASSERT_THAT(unfinished(), testing::SizeIs(2));
  EXPECT_EQ(unfinished()[0].outcome, Outcome::stuck);
  core_.os_store.read_fails.reset();
  EXPECT_EQ(recover().at(0).outcome, Outcome::undone);
  EXPECT_THAT(core_.os_store.items(), IsEmpty());
  EXPECT_EQ(core_.files.items().size(), 1U);
  ASSERT_THAT(unfinished(), testing::SizeIs(1));
  EXPECT_EQ(unfinished()[0].outcome, Outcome::kept);
}

TEST_F(NoAnswer, Setup_OtherStoresFail_LateTokenKept) {
  core_.files.put_fails = std::exchange(core_.os_store.put_fails, std::nullopt);
  core_.os_store.on_put = [this] { core_.sandbox.clock.advance(300s); };
  core_.os_store.put_fails_after = Error{Reason::timed_out, "no answer", {}};
  ASSERT_FALSE(run(request()));
  EXPECT_THAT(core_.user.notices, Contains(HasSubstr("is kept if it is found in Fake secret-service")));
  EXPECT_THAT(core_.user.notices, Not(Contains(HasSubstr("was discarded"))));
  ASSERT_THAT(unfinished(), testing::SizeIs(1));
  EXPECT_EQ(unfinished()[0].outcome, Outcome::stuck);
  EXPECT_EQ(recover().at(0).outcome, Outcome::kept);
  EXPECT_EQ(core_.os_store.items().size(), 1U);
  EXPECT_THAT(test::await(core_.sandbox.io, discarded_tokens(core_.deps())).value(), IsEmpty());
}

TEST_F(NoAnswer, Setup_OtherStoresFail_NothingFound_Discarded) {
  core_.files.put_fails = core_.os_store.put_fails;
  core_.os_store.on_put = [this] { core_.sandbox.clock.advance(300s); };
  ASSERT_FALSE(run(request()));
  EXPECT_EQ(recover().at(0).outcome, Outcome::undone);
  EXPECT_THAT(test::await(core_.sandbox.io, discarded_tokens(core_.deps())).value(), testing::SizeIs(1));
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(SetupTest, Setup_ShapeUnknownAndClientGone_NoStorePlanned) {
  auto plain = request();
  plain.plain = true;
  core_.claude_shows(token_like('a') + "longer");
  core_.upstream.fail();
  core_.user.when_step = [this](Step step) {
    if (step == Step::verify) core_.user.leave();
  };
  const auto report = run(plain);
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, HasSubstr("is kept, not configured, in Fake file"));
  EXPECT_THAT(core_.op.planned, IsEmpty());
  EXPECT_THAT(core_.os_store.planned, IsEmpty());
}

TEST_F(NoAnswer, Setup_FileStoreFails_KeptInOtherStore) {
  core_.files.put_fails = std::exchange(core_.os_store.put_fails, std::nullopt);
  auto into_file = request();
  into_file.place.store = SourceKind::file;
  const auto report = run_in_time(into_file);
  ASSERT_FALSE(report);
  EXPECT_EQ(core_.os_store.items().size(), 1U);
  EXPECT_THAT(report.error().message, HasSubstr("is kept, not configured, in Fake secret-service"));
  EXPECT_EQ(core_.sandbox.workspace_text("my-app"), my_file);
}

TEST_F(NoAnswer, Setup_AllStoresFail_DoctorListsToken) {
  core_.files.put_fails = core_.os_store.put_fails;
  EXPECT_FALSE(run_in_time(request()));
  const auto discarded = test::await(core_.sandbox.io, discarded_tokens(core_.deps())).value();
  ASSERT_THAT(discarded, testing::SizeIs(1));
  EXPECT_EQ(discarded[0].fingerprint, Digest::of(token_like('a')).fingerprint());
  EXPECT_EQ(discarded[0].kind, OperationKind::setup);
}

// After the capture the configuration cannot be written: the choices of the user.
class ConfigNotWritten : public SetupTest {
 protected:
  static constexpr const char* half_typed = "[claude\n";

  ConfigNotWritten() {
    core_.claude_shows(token_like('a'));
    core_.user.when_step = [this](Step step) {
      if (step == Step::write_config) core_.sandbox.workspace("my-app", half_typed);
    };
  }

  void expect_kept(const Result<TokenReport>& report) {
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().reason, Reason::config_invalid);
    ASSERT_EQ(core_.os_store.items().size(), 1U);
    const std::string reference = core_.os_store.items().begin()->first;
    EXPECT_THAT(report.error().message, HasSubstr("is kept, not configured, in Fake secret-service"));
    EXPECT_THAT(report.error().message, HasSubstr(reference));
    EXPECT_EQ(command_line(report.error().remedy), "jackinctl setup my-app --reuse " + shell_quoted(reference));
    ASSERT_THAT(unfinished(), testing::SizeIs(1));
    EXPECT_EQ(unfinished()[0].outcome, Outcome::kept);
    EXPECT_THAT(core_.user.notices, Not(Contains(HasSubstr("was discarded"))));
    EXPECT_THAT(core_.sandbox.database_bytes(), Not(HasSubstr("aaaaaaaaaaaa")));
  }
};

TEST_F(ConfigNotWritten, Setup_Retried_ThenTokenKept) {
  const auto started = core_.sandbox.clock.uptime();
  const auto report = run_in_time(request());
  expect_kept(report);
  EXPECT_GE(core_.sandbox.clock.uptime() - started, 30s);
  EXPECT_THAT(core_.user.notices,
              Contains(HasSubstr("tried again for 30 s: syntax error in workspaces/my-app.toml, line 1, ")));
  EXPECT_THAT(core_.user.offered, ElementsAre(ChoiceKey{ChoiceKind::try_again}, ChoiceKey{ChoiceKind::keep},
                                              ChoiceKey{ChoiceKind::give_up}));
  EXPECT_THAT(core_.user.questions, ElementsAre(HasSubstr("stored in Fake secret-service")));
  EXPECT_EQ(core_.sandbox.workspace_text("my-app"), half_typed);
}

TEST_F(ConfigNotWritten, Setup_FileReadableAgain_Continues) {
  core_.user.when_notice = [this](const std::string& message) {
    if (message.find("tried again") != message.npos) core_.sandbox.workspace("my-app", my_file);
  };
  const auto report = run_in_time(request());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(core_.user.questions, IsEmpty());
  EXPECT_THAT(unfinished(), IsEmpty());
  EXPECT_TRUE(core_.configuration().effective(app_)->source);
}

TEST_F(ConfigNotWritten, Setup_UserFixesFile_TriesAgain) {
  core_.user.answer = [this] {
    core_.sandbox.workspace("my-app", my_file);
    return ChoiceKey{ChoiceKind::try_again};
  };
  ASSERT_TRUE(run_in_time(request()));
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(ConfigNotWritten, Setup_UserKeepsToken_WrittenLater) {
  core_.user.answer = [] { return ChoiceKey{ChoiceKind::keep}; };
  expect_kept(run_in_time(request()));
  const auto found = examine().leftovers;
  ASSERT_THAT(found, testing::SizeIs(1));
  EXPECT_EQ(found[0].code, "token_kept");
  EXPECT_EQ(found[0].severity, Severity::warning);
  EXPECT_THAT(command_line(found[0].remedy), testing::StartsWith("jackinctl setup my-app --reuse "));

  core_.sandbox.workspace("my-app", my_file);
  core_.user.when_step = nullptr;
  auto adopt = request();
  adopt.reuse = core_.os_store.items().begin()->first;
  const auto report = run(adopt);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->expires_on, parse_date("2027-11-23"));
  EXPECT_TRUE(core_.health().token_of(app_)->minted_by_us) << "so that a rotation deletes it";
  EXPECT_THAT(unfinished(), IsEmpty());
  EXPECT_EQ(core_.terminals.started(), 1) << "the user consented only once";
}

TEST_F(ConfigNotWritten, Setup_UserGivesUp_TokenRemoved) {
  core_.user.answer = [] { return ChoiceKey{ChoiceKind::give_up}; };
  EXPECT_EQ(run_in_time(request()).error().reason, Reason::config_invalid);
  EXPECT_THAT(core_.os_store.items(), IsEmpty());
  EXPECT_THAT(unfinished(), IsEmpty());
  EXPECT_THAT(core_.user.notices, Contains(HasSubstr("at Anthropic it stays valid until you remove it at https:")));
}

TEST_F(ConfigNotWritten, Setup_Plain_TokenKeptInStore) {
  auto plain = request();
  plain.plain = true;
  expect_kept(run_in_time(plain));
  EXPECT_EQ(core_.os_store.items().begin()->second.token.view(), token_like('a'));
}

TEST_F(ConfigNotWritten, Setup_PlainAndClientGone_NoStorePlanned) {
  auto plain = request();
  plain.plain = true;
  core_.user.when_step = [this](Step step) {
    if (step != Step::write_config) return;
    core_.sandbox.workspace("my-app", half_typed);
    core_.user.leave();
  };
  const auto report = run_in_time(plain);
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, HasSubstr("is kept, not configured, in Fake file"));
  EXPECT_THAT(core_.os_store.planned, IsEmpty());
  EXPECT_EQ(core_.files.items().size(), 1U);
}

TEST_F(ConfigNotWritten, Setup_NewWorkspace_CommandCreatesIt) {
  core_.user.when_step = [this](Step step) {
    if (step == Step::write_config) core_.sandbox.workspace("new-app", half_typed);
  };
  auto create = request("new-app");
  create.create = true;
  create.workdir = "/src";
  const auto report = run_in_time(create);
  ASSERT_FALSE(report);
  EXPECT_THAT(command_line(report.error().remedy),
              testing::StartsWith("jackinctl setup new-app --create --workdir /src --reuse "));
}

// The default store was not checked before the mint.
TEST_F(ConfigNotWritten, Setup_Plain_DefaultStoreFails_KeptInFile) {
  auto plain = request();
  plain.plain = true;
  for (const bool can_be_planned : {false, true}) {
    core_.user.steps.clear();  // until the next capture no time passes
    core_.claude_shows(token_like('a'));
    core_.os_store.available.usable = can_be_planned;
    core_.os_store.available.unclear = !can_be_planned;
    core_.os_store.put_fails = Error{Reason::store_failed, "it is busy", {}};
    const auto report = run_in_time(plain);
    ASSERT_FALSE(report);
    ASSERT_EQ(core_.files.items().size(), 1U) << report.error().message;
    const std::string reference = core_.files.items().begin()->first;
    EXPECT_THAT(report.error().message, HasSubstr("is kept, not configured, in Fake file"));
    EXPECT_EQ(command_line(report.error().remedy), "jackinctl setup my-app --reuse " + shell_quoted(reference));
    EXPECT_THAT(core_.user.notices, Not(Contains(HasSubstr("was discarded"))));
    core_.sandbox.workspace("my-app", my_file);
    core_.files.drop(secrets::parse_reference(reference).value());
  }
}

TEST_F(ConfigNotWritten, Setup_BrokenBefore_RefusedBeforeConsent) {
  core_.sandbox.workspace("my-app", half_typed);
  EXPECT_EQ(run(request()).error().reason, Reason::config_invalid);
  EXPECT_EQ(core_.terminals.started(), 0);
}

}  // namespace
}  // namespace jackin::lifecycle
