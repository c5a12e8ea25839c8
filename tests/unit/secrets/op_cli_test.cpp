// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/op_cli.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/remedy_command.hpp"
#include "tests/fakes/components/fake_programs.hpp"
#include "tests/fakes/op/fake_op.hpp"
#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/token_forms.hpp"

namespace jackin::secrets {
namespace {

using test::FakeOp;
using Lines = std::vector<std::string>;

const std::string cli_vault(FakeOp::work_id);
const std::string some_item = "jgou2ypa4ceurm4fetya3kptau";

constexpr std::string_view whole_item = R"({"id":"jgou2ypa4ceurm4fetya3kptau","title":"T",
  "vault":{"id":"work2222222222222222222224","name":"Work"},"category":"API_CREDENTIAL","fields":[]})";

// The driver over a runner with scripted answers: its calls, their arguments and the interpretation of the answers.
class Scripted : public testing::Test {
 protected:
  Scripted() {
    programs_.answer_with([this](const ProgramCall& call) -> Result<ProgramResult> {
      last_ = {call.environment, call.limit, call.input ? std::string(call.input->view()) : "(none)"};
      const std::string words = call.arguments.front() == "--version" ? "--version" : words_of(call);
      if (words == "--version") return test::printed(version_ + "\n");
      if (answers_.empty()) return test::printed("[]\n");
      auto next = std::move(answers_.front());
      answers_.erase(answers_.begin());
      return next;
    });
  }

  static std::string words_of(const ProgramCall& call) {
    std::string words;
    for (const auto& argument : call.arguments) words += argument + " ";
    return words;
  }

  void then(Result<ProgramResult> answer) { answers_.push_back(std::move(answer)); }
  void then_fails(const std::string& errors, int code = 1) {
    ProgramResult result = test::printed("", code);
    result.errors = OutsideText("[ERROR] 2026/11/23 12:00:00 " + errors);
    then(std::move(result));
  }

  // The calls so far, without the path of op.
  Lines calls() const {
    Lines lines;
    for (const auto& line : programs_.calls()) lines.push_back(line.substr(line.find("/op ") + 4));
    return lines;
  }

  OpCaller caller(bool attended = true) {
    OpCaller caller;
    caller.client = fake_.environment();
    caller.attended = attended;
    caller.use = OpUse::source;
    return caller;
  }

  struct Last {
    Environment environment;
    std::chrono::seconds limit{};
    std::string input;
  };

  asio::io_context io_;
  test::FakeClock clock_;
  FakeOp fake_;  // for a program that can be found; it is never run
  test::FakePrograms programs_;
  OpCli op_{programs_, clock_};
  std::string version_ = "2.39.0";
  std::vector<Result<ProgramResult>> answers_;
  Last last_;
};

TEST_F(Scripted, Arguments_IdsAndKnownAccount) {
  OpCaller asking = caller();
  asking.account = "my.1password.com";
  const Secret text = Secret::copy_of("{}");
  (void)test::await(io_, op_.accounts(asking));
  (void)test::await(io_, op_.vaults(asking));
  (void)test::await(io_, op_.items(asking, cli_vault, "operation=x"));
  (void)test::await(io_, op_.items(asking, cli_vault));
  (void)test::await(io_, op_.item(asking, cli_vault, some_item));
  (void)test::await(io_, op_.document(asking, cli_vault, some_item));
  (void)test::await(io_, op_.create(asking, cli_vault, text));
  (void)test::await(io_, op_.edit(asking, cli_vault, some_item, text));
  (void)test::await(io_, op_.remove(asking, cli_vault, some_item));
  (void)test::await(io_, op_.read(asking, "op://v/i/f", false));
  (void)test::await(io_, op_.read(asking, "op://v/i/f", true));
  (void)test::await(io_, op_.whoami(asking));
  const std::string account = " --account my.1password.com";
  EXPECT_EQ(
      calls(),
      (Lines{"account list --format json", "vault list --format json --cache=false" + account,
             "item list --vault " + cli_vault + " --tags operation=x --format json --cache=false" + account,
             "item list --vault " + cli_vault + " --format json --cache=false" + account,
             "item get " + some_item + " --vault " + cli_vault + " --format json --cache=false" + account, "--version",
             "item get " + some_item + " --vault " + cli_vault + " --format json --cache=false --reveal" + account,
             "item create - --vault " + cli_vault + " --format json" + account,
             "item edit " + some_item + " - --vault " + cli_vault + " --format json" + account,
             "item delete " + some_item + " --vault " + cli_vault + account, "read op://v/i/f --no-newline" + account,
             "read op://v/i/f --no-newline --cache=false" + account, "whoami --format json" + account}));
}

TEST_F(Scripted, Errors_QuoteNothingOfToken) {
  const Secret token = Secret::copy_of(test::sample_token);
  const Secret text = Secret::copy_of("{}");
  OpCaller asking = caller();
  asking.tokens = {&token};
  for (const auto& form : test::forms_of_token(test::sample_token)) {
    then_fails("failed: " + form.text);
    EXPECT_EQ(
        test::shown_piece(test::await(io_, op_.create(asking, cli_vault, text)).error().message, test::sample_token),
        "")
        << form.name;
    then_fails("failed: " + form.text);
    EXPECT_EQ(
        test::shown_piece(test::await(io_, op_.read(asking, "op://v/i/f", true)).error().message, test::sample_token),
        "")
        << form.name;
  }
}

TEST_F(Scripted, Token_OnlyOnStdin) {
  const Secret text = Secret::copy_of("{\"sk-ant-oat01-x\"}");
  (void)test::await(io_, op_.create(caller(), cli_vault, text));
  EXPECT_EQ(last_.input, text.view());
  for (const auto& line : calls()) EXPECT_EQ(line.find("sk-ant"), std::string::npos);
  (void)test::await(io_, op_.vaults(caller()));
  EXPECT_EQ(last_.input, "(none)");
}

TEST_F(Scripted, Environment_OnlyOpVariables) {
  OpCaller asking = caller();
  for (const auto* name : {"OP_ACCOUNT", "OP_CONFIG_DIR", "OP_SESSION_abc", "OP_CACHE", "XDG_RUNTIME_DIR", "LANG",
                           "OP_CONNECT_HOST", "OP_CONNECT_TOKEN", "OP_DEBUG", "OP_FORMAT", "TERM", "LD_PRELOAD"}) {
    asking.client.set(name, "x");
  }
  (void)test::await(io_, op_.vaults(asking));
  Lines names;
  for (const auto& [name, value] : last_.environment.variables()) names.push_back(name);
  EXPECT_EQ(names, (Lines{"HOME", "LANG", "OP_ACCOUNT", "OP_CACHE", "OP_CONFIG_DIR", "OP_SESSION_abc", "PATH",
                          "XDG_RUNTIME_DIR"}));
}

TEST_F(Scripted, ServiceAccount_GetsNothingOfUserAccount) {
  OpCaller asking = caller(false);
  asking.account = "my.1password.com";
  asking.client.set("OP_SERVICE_ACCOUNT_TOKEN", "ops_x");
  asking.client.set("OP_ACCOUNT", "x");
  asking.client.set("OP_SESSION_abc", "x");
  (void)test::await(io_, op_.vaults(asking));
  EXPECT_EQ(calls(), Lines{"vault list --format json --cache=false"});
  EXPECT_EQ(last_.environment.value_of("OP_BIOMETRIC_UNLOCK_ENABLED"), "false");
  EXPECT_FALSE(last_.environment.has("OP_ACCOUNT"));
  EXPECT_FALSE(last_.environment.has("OP_SESSION_abc"));
}

TEST_F(Scripted, Limit_FiveMinutesAttended_ElseThirtySeconds) {
  (void)test::await(io_, op_.vaults(caller()));
  EXPECT_EQ(last_.limit, std::chrono::minutes(5));
  (void)test::await(io_, op_.accounts(caller()));
  EXPECT_EQ(last_.limit, std::chrono::seconds(30));
  (void)test::await(io_, op_.whoami(caller()));
  EXPECT_EQ(last_.limit, std::chrono::seconds(30));
  (void)test::await(io_, op_.vaults(caller(false)));
  EXPECT_EQ(last_.limit, std::chrono::seconds(30));
  OpCaller service = caller();
  service.client.set("OP_SERVICE_ACCOUNT_TOKEN", "ops_x");
  (void)test::await(io_, op_.vaults(service));
  EXPECT_EQ(last_.limit, std::chrono::seconds(30));
}

TEST_F(Scripted, Unattended_NeverPrompts) {
  then_fails("account is not signed in");
  const auto refused = test::await(io_, op_.vaults(caller(false)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::source_unreachable);
  EXPECT_EQ(calls(), Lines{"whoami --format json"});
  then(test::printed("{}"));
  EXPECT_TRUE(test::await(io_, op_.vaults(caller(false))));
  EXPECT_EQ(calls().back(), "vault list --format json --cache=false");
}

TEST_F(Scripted, OldVersion_RejectedBeforeItGetsToken) {
  for (const auto* version : {"2.22.1", "1.14.0", "2.9.0"}) {
    version_ = version;
    const auto refused = test::await(io_, op_.create(caller(), cli_vault, Secret::copy_of("{}")));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, Reason::unsupported);
    EXPECT_NE(command_line(refused.error().remedy), "");
  }
  EXPECT_EQ(calls(), (Lines{"--version", "--version", "--version"}));
  version_ = "2.23.0-beta.01";
  (void)test::await(io_, op_.create(caller(), cli_vault, Secret::copy_of("{}")));
  EXPECT_EQ(calls().back(), "item create - --vault " + cli_vault + " --format json");
}

TEST_F(Scripted, Version_ReadOnce) {
  EXPECT_TRUE(test::await(io_, op_.version(caller())));
  EXPECT_EQ(test::await(io_, op_.version(caller()))->str(), "2.39.0");
  EXPECT_EQ(calls(), Lines{"--version"});
}

TEST_F(Scripted, VersionBefore2_30_NoReveal) {
  version_ = "2.29.0";
  then(test::printed(whole_item));
  EXPECT_TRUE(test::await(io_, op_.document(caller(), cli_vault, some_item)));
  EXPECT_EQ(calls().back(), "item get " + some_item + " --vault " + cli_vault + " --format json --cache=false");
}

TEST_F(Scripted, Conflict_RetriedTwiceWithPause) {
  for (int i = 0; i < 3; ++i) then_fails("unable to process line 1: DB: (409) (Conflict), Internal server conflict.");
  OpCaller asking = caller();
  asking.use = OpUse::store;
  test::Started<Result<>> removing(io_, op_.remove(asking, cli_vault, some_item));
  for (int i = 0; i < 2; ++i) {
    removing.run_until([&] { return clock_.waiting() == 1; });
    clock_.advance(std::chrono::seconds(2));
  }
  const auto removed = removing.result();
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().reason, Reason::store_unavailable);
  EXPECT_EQ(calls().size(), 3u);
}

TEST_F(Scripted, Conflict_OnCreate_NotRetried) {
  then_fails("unable to process line 1: DB: (409) (Conflict), Internal server conflict.");
  const auto created = test::await(io_, op_.create(caller(), cli_vault, Secret::copy_of("{}")));
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().reason, Reason::busy);
}

TEST_F(Scripted, UnreadableAnswer_ErrorNamesItemAndNoValue) {
  then(test::printed("<html>sk-ant-oat01-secret</html>"));
  const auto item = test::await(io_, op_.item(caller(), cli_vault, some_item));
  ASSERT_FALSE(item);
  EXPECT_EQ(item.error().reason, Reason::program_failed);
  EXPECT_NE(item.error().message.find(some_item), std::string::npos);
  EXPECT_EQ(item.error().message.find("secret"), std::string::npos);
}

TEST_F(Scripted, StoppedCall_Unreachable) {
  for (const OpUse use : {OpUse::source, OpUse::store}) {
    OpCaller asking = caller();
    asking.use = use;
    then(failure(Reason::timed_out, "op did not finish within 300 s and was stopped"));
    const auto stopped = test::await(io_, op_.vaults(asking));
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().reason, use == OpUse::source ? Reason::source_unreachable : Reason::store_unavailable);
    EXPECT_NE(command_line(stopped.error().remedy).find("approve"), std::string::npos);
  }
}

// Programs that hang until they are stopped.
class HangingPrograms final : public ProgramRunner {
 public:
  explicit HangingPrograms(Clock& clock) : clock_(clock) {}
  Task<FoundProgram> locate(std::string name, std::string search_path) override {
    co_return locate_program(name, search_path);
  }
  Task<ProgramResult> run(ProgramCall call) override {
    ++started;
    (void)co_await clock_.wait(call.limit);
    co_return failure(Reason::timed_out, "stopped");
  }
  int started = 0;

 private:
  Clock& clock_;
};

TEST_F(Scripted, SameAccount_WaitIsLimited) {
  HangingPrograms hanging(clock_);
  OpCli op(hanging, clock_);
  const OpCaller attended = caller();
  const OpCaller unattended = caller(false);
  test::Started<Result<std::vector<OpVault>>> first(io_, op.vaults(attended));
  first.run_until([&] { return clock_.waiting() == 1; });
  test::Started<Result<std::vector<OpVault>>> second(io_, op.vaults(unattended));
  second.run_until([&] { return clock_.waiting() == 2; });
  clock_.advance(OpCli::unattended_limit);
  const auto refused = second.result();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::source_unreachable);
  EXPECT_NE(refused.error().message.find("has not answered"), std::string::npos);
  EXPECT_FALSE(first.has_ended());
  clock_.advance(OpCli::attended_limit);
  EXPECT_FALSE(first.result());
  EXPECT_EQ(hanging.started, 1);
}

TEST_F(Scripted, ProgramMissing_Remedy) {
  OpCaller asking = caller();
  asking.client.set("PATH", fake_.home().string());
  const auto missing = test::await(io_, op_.version(asking));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().reason, Reason::program_missing);
  EXPECT_NE(command_line(missing.error().remedy).find("1Password CLI"), std::string::npos);
}

// The driver over the stand-in for op, run for real.
class Real : public testing::Test {
 protected:
  OpCaller caller(bool attended = true) {
    OpCaller caller;
    caller.client = fake_.environment();
    caller.attended = attended;
    caller.use = OpUse::source;
    return caller;
  }

  template <typename T>
  Result<T> await(Task<T> task) {
    return test::await(io_, std::move(task));
  }

  asio::io_context io_;
  std::unique_ptr<Clock> clock_ = system_clock(io_.get_executor());
  std::unique_ptr<ProgramRunner> programs_ = system_program_runner(io_.get_executor(), *clock_);
  FakeOp fake_;
  OpCli op_{*programs_, *clock_};
};

TEST_F(Real, Commands_Succeed) {
  EXPECT_EQ(await(op_.version(caller()))->str(), "2.39.0");
  EXPECT_EQ(await(op_.whoami(caller()))->account_id, FakeOp::account_id);
  EXPECT_EQ(await(op_.accounts(caller()))->at(0).url, "my.1password.com");
  const auto vaults = await(op_.vaults(caller()));
  ASSERT_TRUE(vaults);
  EXPECT_EQ(vaults->at(1).id, FakeOp::work_id);
  EXPECT_TRUE(await(op_.items(caller(), cli_vault))->empty());
  for (const auto& call : fake_.calls()) EXPECT_EQ(call.stdin_kind, "null") << call.line;
}

TEST_F(Real, SessionFaults_Unreachable) {
  for (const auto* knob :
       {"not-signed-in", "session-expired", "locked", "app-absent", "app-reset", "delegated-session", "no-accounts",
        "several-accounts", "offline", "deadline", "rate-limited", "rate-limited-2023", "prompt:0:timeout",
        "prompt:0:dismissed", "unauthorized", "vault-missing", "exit:4", "panic"}) {
    fake_.settings({std::string("KNOB read=") + knob});
    const auto value = await(op_.read(caller(), "op://Work/x/credential", true));
    ASSERT_FALSE(value) << knob;
    EXPECT_EQ(value.error().reason, Reason::source_unreachable) << knob << ": " << value.error().message;
  }
  for (const auto* knob : {"forbidden", "no-permission"}) {
    fake_.settings({std::string("KNOB read=") + knob});
    EXPECT_EQ(await(op_.read(caller(), "op://Work/x/credential", true)).error().reason, Reason::source_denied) << knob;
  }
}

TEST_F(Real, NoiseOrSlowness_NotMisled) {
  fake_.items(R"({"title":"T","vault":"Work","fields":[{"id":"credential","type":"CONCEALED","label":"credential",
                "value":"the value\n"}]})");
  for (const auto* knob : {"noise", "drip:0", "grandchild"}) {
    fake_.settings({std::string("KNOB read=") + knob});
    const auto value = await(op_.read(caller(), "op://Work/T/credential", true));
    ASSERT_TRUE(value) << knob << ": " << value.error().message;
    EXPECT_EQ(value->view(), "the value\n") << knob;
  }
}

TEST_F(Real, SameAccount_OneCallAtATime) {
  const OpCaller asking = caller();
  test::Started<Result<std::vector<OpVault>>> first(io_, op_.vaults(asking));
  test::Started<Result<OpIdentity>> second(io_, op_.whoami(asking));
  EXPECT_TRUE(first.result());
  EXPECT_TRUE(second.result());
  const auto calls = fake_.calls();
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_FALSE(calls[0].overlaps || calls[1].overlaps);
}

TEST_F(Real, HangingCall_Cancelled_NextContinues) {
  fake_.settings({"KNOB vault.list@1=hang-with-grandchild"});
  const OpCaller asking = caller();
  test::Started<Result<std::vector<OpVault>>> hanging(io_, op_.vaults(asking));
  test::Started<Result<std::vector<OpVault>>> waiting(io_, op_.vaults(asking));
  // The call has started its program.
  io_.restart();
  io_.poll();
  hanging.cancel();
  EXPECT_EQ(hanging.result().error().reason, Reason::cancelled);
  fake_.settings({});
  EXPECT_TRUE(waiting.result());
}

TEST_F(Real, ConcealedValue_NotWrittenBack) {
  fake_.items(R"({"title":"T","vault":"Work","id":"jgou2ypa4ceurm4fetya3kptau","fields":[{"id":"credential",
                "type":"CONCEALED","label":"credential","value":"v"}]})");
  fake_.settings({"CONCEAL=yes", "VERSION=2.29.0"});
  const auto concealed = await(op_.document(caller(), cli_vault, some_item));
  ASSERT_FALSE(concealed);
  EXPECT_EQ(concealed.error().reason, Reason::unsupported);
  fake_.settings({"CONCEAL=yes", "VERSION=2.34.0"});
  OpCli newer(*programs_, *clock_);
  EXPECT_TRUE(await(newer.document(caller(), cli_vault, some_item)));
}

}  // namespace
}  // namespace jackin::secrets
