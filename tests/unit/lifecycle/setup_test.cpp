// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/setup.hpp"

#include "common/recorded_reference.hpp"
#include "common/remedy_command.hpp"
#include "common/words.hpp"
#include "daemon/mint/mint.hpp"
#include "tests/unit/lifecycle/setup_fixture.hpp"

namespace jackin::lifecycle {
namespace {

using test::token_like;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

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
  EXPECT_EQ(report->store, SourceKind::secret_service);
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
    const auto answer = core_.probe(app_).value();
    EXPECT_EQ(answer.verdict, Verdict::ok);
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
  EXPECT_THAT(core_.user.notices, Contains(HasSubstr("stored in Fake secret-service")));
}

TEST_F(SetupTest, Setup_NoOsStore_UsesFiles) {
  core_.os_store.available = {false, "no bus", {}};
  core_.claude_shows(token_like('a'));
  ASSERT_TRUE(run(request()));
  EXPECT_EQ(core_.files.items().size(), 1U);
}

TEST_F(SetupTest, Setup_OsStoreDoesNotAnswer_FilesNotUsed) {
  core_.os_store.available = {false, "it gave no answer in time", Remedy::try_again()};
  core_.os_store.available.unclear = true;
  const auto report = run(request());
  EXPECT_EQ(report.error().reason, Reason::store_unavailable);
  EXPECT_THAT(command_line(report.error().remedy), HasSubstr("--store file"));
  EXPECT_EQ(core_.terminals.started(), 0);
  expect_nothing_changed("");
}

TEST_F(SetupTest, Setup_StoreNotRunning_StartedOnlyWhenNamed) {
  core_.os_store.available = {false, "it does not run", {}};
  core_.os_store.available.startable = true;
  core_.claude_shows(token_like('a'));
  auto requested = request();
  requested.place.store = SourceKind::secret_service;
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
  core_.settings.store_default = SourceKind::file;
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
  EXPECT_THAT(core_.user.notices, Not(Contains(HasSubstr("will be stored in"))));
}

TEST_F(SetupTest, Setup_StoreUnusable_RefusedBeforeConsent) {
  core_.files.available = {false, "the folder is not private", Remedy::set_access("x", PathAccess::private_folder)};
  auto requested = request();
  requested.place.store = SourceKind::file;
  const auto report = run(requested);
  EXPECT_EQ(report.error().reason, Reason::store_unavailable);
  EXPECT_EQ(command_line(report.error().remedy), "chmod 700 x");
  requested.place.store = SourceKind::keychain;  // not in this build
  EXPECT_EQ(run(requested).error().reason, Reason::invalid_argument);
  EXPECT_EQ(core_.terminals.started(), 0);
  expect_nothing_changed("");
}

TEST_F(SetupTest, Setup_TokenExists_Refused) {
  core_.sandbox.workspace("my-app", "[claude]\noauth_token = { file = \"~/x\" }\n");
  const auto report = run(request());
  EXPECT_EQ(report.error().reason, Reason::slot_exists);
  EXPECT_EQ(command_line(report.error().remedy), "jackinctl rotate my-app");
  EXPECT_EQ(core_.terminals.started(), 0);
  core_.sandbox.workspace("my-app",
                          "[claude]\nauth_forward = \"oauth_token\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$X\"\n");
  EXPECT_EQ(run(request()).error().reason, Reason::slot_exists);
}

TEST_F(SetupTest, Setup_OtherMode_Replaced) {
  core_.sandbox.workspace("my-app", "[claude]\nauth_forward = \"ignore\"\n");
  core_.claude_shows(token_like('a'));
  ASSERT_TRUE(run(request()));
  EXPECT_EQ(core_.configuration().effective(app_)->mode, AuthMode::oauth_token);
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
  requested.place.store = SourceKind::file;
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
  requested.place.store = SourceKind::file;
  requested.place.vault = "Personal";
  EXPECT_EQ(run(requested).error().reason, Reason::invalid_argument);
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
  run_until_claude_waits(started, *script);
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
  started.run_until([&] { return core_.user.has_seen_step(Step::captured); });
  core_.user.leave();
  started.run_until([&] { return core_.user.has_seen_step(Step::verify); });
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
  core_.user.when_step = [&](Step step) {
    for (const auto& running : core_.operations().running()) {
      seen.push_back(std::string(word_of(step)) + (running.captured ? " captured" : ""));
    }
  };
  ASSERT_TRUE(run(request()));
  EXPECT_THAT(seen, testing::IsSupersetOf({"mint", "verify captured", "write_config captured"}));
}

TEST_F(SetupTest, Setup_Ended_ResultPublished) {
  core_.claude_shows(token_like('a'));
  std::vector<std::size_t> numbers;
  std::size_t count = 0;
  core_.user.when_step = [&](Step) {
    const auto running = core_.operations().running().at(0);
    EXPECT_EQ(running.id, core_.user.operation);
    numbers.push_back(running.step_number());
    count = running.plan.size();
  };
  const auto report = run(request());
  ASSERT_TRUE(report);
  // The mint reports the capture before the operation is marked as captured.
  EXPECT_THAT(numbers, ElementsAre(1, 2, 2, 4, 5, 6, 7, 8));
  EXPECT_EQ(count, 8U);
  const auto recent = core_.operations().recent(core_.sandbox.clock.now());
  ASSERT_EQ(recent.size(), 1U);
  EXPECT_EQ(recent[0].id, core_.user.operation);
  EXPECT_EQ(recent[0].result->outcome, Outcome::done);
  ASSERT_TRUE(recent[0].result->report);
  EXPECT_EQ(recent[0].result->report->fingerprint, report->fingerprint);
  EXPECT_FALSE(recent[0].result->error);
}

TEST_F(SetupTest, Setup_Fails_ErrorPublished) {
  auto wanted = request();
  wanted.scope = Scope::workspace("unknown").value();
  const auto report = run(wanted);
  ASSERT_FALSE(report);
  const auto recent = core_.operations().recent(core_.sandbox.clock.now());
  ASSERT_EQ(recent.size(), 1U);
  EXPECT_EQ(recent[0].result->outcome, Outcome::failed);
  EXPECT_EQ(recent[0].result->error->reason, Reason::unknown_workspace);
}

TEST_F(SetupTest, Setup_OtherClientCancels_BeforeCaptureOnly) {
  const auto script = core_.terminals.expect("Press Enter to open the browser\r\n", 0, true);
  lifecycle::Setup setup(core_.deps());
  {
    test::Started<Result<TokenReport>> started(core_.sandbox.io, setup.run(request(), core_.user));
    run_until_claude_waits(started, *script);
    EXPECT_TRUE(core_.operations().cancel(core_.user.operation));
    EXPECT_EQ(started.result().error().reason, Reason::cancelled);
  }
  expect_nothing_changed("");
  EXPECT_EQ(core_.operations().cancel(core_.user.operation).error().reason, Reason::unknown_operation);
  core_.claude_shows(token_like('a'));
  core_.user.when_step = [&](Step step) {
    if (step != Step::verify) return;
    EXPECT_EQ(core_.operations().cancel(core_.user.operation).error().reason, Reason::unsupported);
  };
  EXPECT_TRUE(run(request()));
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
  EXPECT_EQ(core_.probe(app_)->verdict, Verdict::ok);
}

TEST_F(SetupTest, Setup_SocketMoved_RelayUsesNewSocket) {
  const auto claude = core_.claude_shows(token_like('a'));
  core_.deps().socket = [] { return std::filesystem::path("/elsewhere/jackind.sock"); };
  ASSERT_TRUE(run(request()));
  EXPECT_EQ(claude->call.environment.value_of(mint::relay_socket_variable), "/elsewhere/jackind.sock");
}

TEST_F(SetupTest, Setup_NoVerify_ApiNotAsked) {
  core_.claude_shows(token_like('a'));
  auto quiet = request();
  quiet.verify = false;
  ASSERT_TRUE(run(quiet));
  EXPECT_THAT(core_.upstream.asked, IsEmpty());
  EXPECT_FALSE(core_.user.has_seen_step(Step::verify));
}

TEST_F(SetupTest, Setup_UnknownShape_ApiAccepts_Configured) {
  core_.claude_shows(token_like('a') + "longer");
  EXPECT_TRUE(run(request()));
}

TEST_F(SetupTest, Setup_UnknownShape_ApiRejects_NothingStored) {
  core_.claude_shows(token_like('a') + "longer");
  core_.upstream.reject();
  EXPECT_EQ(run(request()).error().reason, Reason::token_rejected);
  expect_nothing_changed("the API rejects it");
}

TEST_F(SetupTest, Setup_UnknownShape_ApiSilent_KeptUntilApiAccepts) {
  core_.claude_shows(token_like('a') + "longer");
  core_.upstream.fail();
  const auto report = run(request());
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().reason, Reason::token_malformed);
  EXPECT_THAT(report.error().message, HasSubstr("is kept, not configured, in Fake secret-service"));
  EXPECT_EQ(core_.sandbox.workspace_text("my-app"), my_file);
  ASSERT_EQ(core_.os_store.items().size(), 1U);
  ASSERT_THAT(unfinished(), testing::SizeIs(1));
  EXPECT_EQ(unfinished()[0].outcome, Outcome::kept);
  EXPECT_THAT(core_.user.notices, Not(Contains(HasSubstr("was discarded"))));
  auto adopt = request();
  adopt.reuse = core_.os_store.items().begin()->first;
  EXPECT_EQ(command_line(report.error().remedy), "jackinctl setup my-app --reuse " + shell_quoted(adopt.reuse));
  EXPECT_EQ(run(adopt).error().reason, Reason::token_malformed) << "the API is silent still";
  EXPECT_EQ(core_.sandbox.workspace_text("my-app"), my_file);
  core_.upstream.accept();
  ASSERT_TRUE(run(adopt));
  EXPECT_TRUE(core_.health().token_of(app_)->minted_by_us);
  EXPECT_THAT(unfinished(), IsEmpty());
  EXPECT_EQ(core_.terminals.started(), 1) << "the user consented once";
}

TEST_F(SetupTest, Setup_UnknownShape_ApiNotAsked_Kept) {
  for (const bool plain : {false, true}) {
    core_.claude_shows(token_like('a') + "longer");
    auto quiet = request();
    quiet.verify = false;
    quiet.plain = plain;
    const auto report = run(quiet);
    EXPECT_EQ(report.error().reason, Reason::token_malformed);
    EXPECT_THAT(report.error().message, HasSubstr("is kept, not configured, in Fake secret-service")) << plain;
    EXPECT_EQ(core_.sandbox.workspace_text("my-app"), my_file) << plain;
    EXPECT_EQ(core_.os_store.items().size(), plain ? 2U : 1U);
  }
}

TEST_F(SetupTest, Setup_Plain_LiteralInPrivateFile) {
  core_.claude_shows(token_like('a'));
  auto plain = request();
  plain.plain = true;
  const auto report = run(plain);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->store, SourceKind::literal);
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
  EXPECT_FALSE(core_.probe(app_)->expires_on);
}

TEST_F(SetupTest, Setup_AdoptWithJackinsStamp_ExpiryTaken) {
  const std::string reference = "op://v/i/credential";
  core_.resolver->give(reference, token_like('j'));
  test::write_file(core_.sandbox.paths.jackin_expiry_stamp("my-app"), "2027-08-01\n");
  const auto adopted = [&](const std::string& text) {
    core_.sandbox.workspace("my-app", text);
    auto wanted = request();
    wanted.reuse = reference;
    const auto report = run(wanted);
    EXPECT_TRUE(report) << report.error().message;
    EXPECT_EQ(report && report->expires_on, report && report->expiry_estimated);
    return report ? report->expires_on : std::nullopt;
  };
  EXPECT_EQ(adopted(""), parse_date("2027-08-01"));
  EXPECT_EQ(adopted("[roles.dev.claude]\noauth_token = { file = \"~/x\" }\n"), std::nullopt)
      << "the stamp may be about the role's token";
  test::write_file(core_.sandbox.paths.jackin_expiry_stamp("my-app"), "soon\n");
  EXPECT_EQ(adopted(""), std::nullopt);
  test::write_file(core_.sandbox.paths.jackin_expiry_stamp("my-app"),
                   "2027-08-01\n" + std::string(std::size_t{5} << 20, 'x'));
  EXPECT_EQ(adopted(""), std::nullopt) << "too large to be a stamp";
}

TEST_F(SetupTest, Setup_AdoptCommand_ArgumentsNotPublished) {
  core_.resolver->give("command:get-token --password hunter2", token_like('a'));
  auto adopt = request();
  adopt.reuse = "command:get-token --password hunter2";
  const auto report = run(adopt);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->reference, adopt.reuse);
  const auto published = core_.operations().recent(core_.sandbox.clock.now());
  ASSERT_EQ(published.size(), 1U);
  EXPECT_EQ(published[0].result->report->reference, recorded_reference(adopt.reuse));
  EXPECT_THAT(published[0].result->report->reference, Not(HasSubstr("hunter2")));
  EXPECT_THAT(published[0].detail, Not(HasSubstr("hunter2")));
}

TEST_F(SetupTest, Setup_AdoptGoneMalformedOrRejected_Refused) {
  auto adopt = request();
  adopt.reuse = "file:/nowhere";
  const auto gone = run(adopt);
  EXPECT_EQ(gone.error().reason, Reason::source_gone);
  EXPECT_THAT(command_line(gone.error().remedy), testing::StartsWith("# once the source contains only the token"))
      << "the scope has no token to rotate";
  core_.resolver->give("file:/nowhere", "hunter2hunter2");
  const auto malformed = run(adopt);
  EXPECT_EQ(malformed.error().reason, Reason::token_malformed);
  EXPECT_THAT(command_line(malformed.error().remedy), testing::StartsWith("# once the source contains only the token"));
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
  auto held = core_.operations().begin("one", OperationKind::setup, Scope::workspace("other").value(), {}, {}).value();
  ASSERT_TRUE(held.hold_item("op://vault/item"));
  core_.op.changes = "op://vault/item";
  auto requested = request();
  requested.place.store = SourceKind::op;
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

TEST_F(SetupTest, Setup_SameItem_Busy) {
  core_.sandbox.workspace("other", my_file);
  core_.resolver->give("env:MY_TOKEN", token_like('a'));
  auto held = core_.operations().begin("one", OperationKind::rotate, Scope::workspace("other").value(), {}, {}).value();
  ASSERT_TRUE(held.hold_item("env:MY_TOKEN"));
  auto adopt = request();
  adopt.reuse = "env:MY_TOKEN";
  EXPECT_EQ(run(adopt).error().reason, Reason::busy);
}

TEST_F(SetupTest, Setup_JackinInstalled_OlderPairFor1Password) {
  core_.sandbox.put_on_path("jackin");
  core_.claude_shows(token_like('a'));
  auto requested = request();
  requested.place.store = SourceKind::op;
  const auto report = run(requested);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->slot_style, SlotStyle::bridge);
  EXPECT_THAT(core_.sandbox.workspace_text("my-app"), HasSubstr("CLAUDE_CODE_OAUTH_TOKEN"));
  EXPECT_THAT(core_.sandbox.workspace_text("my-app"), Not(HasSubstr("oauth_token =")));
  EXPECT_THAT(core_.user.notices, Contains(HasSubstr("older form")));
}

TEST_F(SetupTest, Setup_SignOfJackin_ExternalSlotForOtherStores) {
  const auto& paths = core_.sandbox.paths;
  const std::vector<std::pair<std::string, std::function<void()>>> signs{
      {"program", [&] { core_.sandbox.put_on_path("jackin"); }},
      {"version", [&] { core_.sandbox.workspace("other", "version = \"v1alpha8\"\n"); }},
      {"role", [&] { core_.sandbox.write_configuration("config.toml", "[roles.agent-smith]\ngit = \"x\"\n"); }},
      {"data", [&] { std::filesystem::create_directories(paths.home_dir / "data"); }},
  };
  for (const auto& [name, make] : signs) {
    core_.sandbox.workspace("my-app", my_file);
    make();
    core_.claude_shows(token_like('a'));
    const auto report = run(request());
    ASSERT_TRUE(report) << name << ": " << report.error().message;
    EXPECT_EQ(report->store, SourceKind::secret_service) << name;
    EXPECT_EQ(report->slot_style, SlotStyle::external) << name;
    EXPECT_THAT(text(), HasSubstr("CLAUDE_CODE_OAUTH_TOKEN = \"$JACKIND_TOKEN_my_2dapp\"")) << name;
    EXPECT_THAT(text(), Not(HasSubstr("oauth_token ="))) << name;
    EXPECT_EQ(secrets::reference_of(*core_.configuration().effective(app_)->source), report->reference) << name;
    EXPECT_EQ(core_.probe(app_)->verdict, Verdict::ok) << name;
    EXPECT_THAT(core_.user.notices, Contains(HasSubstr("jackind-slots.toml"))) << name;
    core_.sandbox.take_off_path("jackin");
    core_.sandbox.workspace("other", "");
    core_.sandbox.write_configuration("config.toml", "");
    std::filesystem::remove_all(paths.home_dir / "data");
    core_.sandbox.write_configuration("jackind-slots.toml", "");
  }
  core_.sandbox.workspace("my-app", my_file);
  core_.claude_shows(token_like('a'));
  EXPECT_EQ(run(request())->slot_style, SlotStyle::canonical) << "no sign; config.lock is jackind's own too";
}

TEST_F(SetupTest, Setup_OtherWorkspaceIsNotToml_NotRefused) {
  core_.sandbox.workspace("other", "[half");
  core_.claude_shows(token_like('a'));
  EXPECT_EQ(run(request())->slot_style, SlotStyle::canonical);
}

TEST_F(SetupTest, Setup_SignOfJackinUnreadable_RefusedBeforeConsent) {
  const auto data = core_.sandbox.paths.home_dir / "data";
  core_.sandbox.global("version = \"v1alpha8\"\n[half");
  EXPECT_EQ(run(request()).error().reason, Reason::config_invalid);
  core_.sandbox.global("");
  std::filesystem::create_directories(data.parent_path());
  std::filesystem::create_symlink("/nowhere/data", data);
  EXPECT_THAT(run(request()).error().message, HasSubstr("/nowhere/data, which does not exist"));
  EXPECT_EQ(core_.terminals.started(), 0);
  expect_nothing_changed("");
  core_.sandbox.workspace("other", "[half");
  core_.sandbox.put_on_path("jackin");
  core_.claude_shows(token_like('a'));
  EXPECT_EQ(run(request())->slot_style, SlotStyle::external) << "there is a sign";
}

TEST_F(SetupTest, Doctor_FileThatJackinRefuses_NamedWithSignOfJackin) {
  core_.sandbox.workspace("other", "workdir = \"/a\"\n[env]\nX = { op = \"op://v/i/f\" }\n");
  const auto messages = [&] {
    std::vector<std::string> all;
    const auto findings = test::await(core_.sandbox.io, jackin_refusals(core_.deps(), core_.client));
    for (const auto& finding : findings) all.push_back(finding.message);
    return all;
  };
  EXPECT_THAT(messages(), IsEmpty());
  core_.sandbox.put_on_path("jackin");
  EXPECT_THAT(messages(), ElementsAre("jackin refuses the whole configuration: workspaces/other.toml:3:1: 'X' in an "
                                      "[env] has 'op' without 'path'"));
}

TEST_F(SetupTest, Setup_SlotsFileBroken_RefusedBeforeConsent) {
  core_.settings.slot_style = config::SlotPreference::external;
  core_.sandbox.write_configuration("jackind-slots.toml", "[broken\n");
  EXPECT_EQ(run(request()).error().reason, Reason::config_invalid);
  EXPECT_EQ(core_.terminals.started(), 0);
  expect_nothing_changed("");
}

TEST_F(SetupTest, Setup_ExternalVariableOfRenamedWorkspace_AnotherName) {
  core_.settings.slot_style = config::SlotPreference::external;
  core_.claude_shows(token_like('a'));
  ASSERT_TRUE(run(request()));
  core_.sandbox.workspace("renamed", text());
  core_.sandbox.workspace("my-app", my_file);
  core_.claude_shows(token_like('b'));
  ASSERT_TRUE(run(request()));
  EXPECT_THAT(text(), HasSubstr("$JACKIND_TOKEN_my_2dapp_no2"));
  const auto of = [&](const std::string& name) {
    return secrets::reference_of(*core_.configuration().effective(*Scope::workspace(name))->source);
  };
  EXPECT_NE(of("renamed"), of("my-app"));
}

// The token of `other` stays its own, however it names the variable.
TEST_F(SetupTest, Setup_VariableMayBeNamedElsewhere_AnotherName) {
  core_.settings.slot_style = config::SlotPreference::external;
  const auto theirs = core_.os_store.keep("theirs", token_like('t'));
  const std::string pair = "[claude]\nauth_forward = \"oauth_token\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = ";
  const std::string theirs_pair = pair + "\"$JACKIND_TOKEN_my_2dapp\"\n";
  const std::vector<std::pair<std::string, std::string>> own_files{
      {"not named", my_file},
      {"in mode ignore",
       "[claude]\nauth_forward = \"ignore\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$JACKIND_TOKEN_my_2dapp\"\n"},
      {"on demand", "[env]\nCLAUDE_CODE_OAUTH_TOKEN = { value = \"$JACKIND_TOKEN_my_2dapp\", on_demand = true }\n"}};
  for (const auto& [name, own_file] : own_files) {
    for (const std::string& broken : {std::string(), std::string("[half written")}) {
      core_.sandbox.write_configuration(
          "jackind-slots.toml",
          "[tokens.JACKIND_TOKEN_my_2dapp]\noauth_token = { os_store = \"jackin\", account = \"theirs\" }\n");
      core_.sandbox.workspace("other", theirs_pair + broken);
      core_.sandbox.workspace("my-app", own_file);
      core_.claude_shows(token_like('a'));
      const auto report = run(request());
      ASSERT_TRUE(report) << name << broken << ": " << report.error().message;
      EXPECT_THAT(text(), HasSubstr("$JACKIND_TOKEN_my_2dapp_no")) << name << broken;
      core_.sandbox.workspace("other", theirs_pair);
      const auto of = [&](const Scope& scope) {
        return secrets::reference_of(*core_.configuration().effective(scope)->source);
      };
      EXPECT_EQ(of(other_), secrets::reference_of(theirs)) << name << broken;
      EXPECT_EQ(of(app_), report->reference) << name << broken;
    }
  }
}

TEST_F(SetupTest, Setup_GlobalExternal_OnlyOnRequest) {
  core_.sandbox.put_on_path("jackin");
  core_.sandbox.workspace("other", "");
  core_.claude_shows(token_like('a'));
  auto global = request_for<SetupRequest>(Scope::global());
  global.place.store = SourceKind::file;
  EXPECT_EQ(run(global).error().reason, Reason::unsupported);
  core_.settings.slot_style = config::SlotPreference::external;
  const auto report = run(global);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->slot_style, SlotStyle::external);
  EXPECT_THAT(core_.user.notices, Contains(AllOf(HasSubstr("'my-app'"), HasSubstr("'other'"))));
}

TEST_F(SetupTest, Setup_OlderPairCannotNamePlace_RefusedBeforeConsent) {
  core_.settings.slot_style = config::SlotPreference::bridge;
  auto requested = request();
  requested.place.store = SourceKind::file;
  const auto report = run(requested);
  EXPECT_EQ(report.error().reason, Reason::unsupported);
  EXPECT_EQ(core_.terminals.started(), 0);
  core_.settings.slot_style = config::SlotPreference::canonical;
  core_.claude_shows(token_like('a'));
  EXPECT_TRUE(run(requested));
}

}  // namespace
}  // namespace jackin::lifecycle
