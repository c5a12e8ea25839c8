// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/op_store.hpp"

#include <gtest/gtest.h>

#include "common/remedy_command.hpp"
#include "daemon/secrets/op_places.hpp"
#include "tests/fakes/op/fake_op.hpp"
#include "tests/support/await.hpp"

namespace jackin::secrets {
namespace {

using test::FakeOp;
using Lines = std::vector<std::string>;

constexpr std::string_view two_items = R"json(
  {"title":"Claude","id":"claude2222222222222222224a","vault":"Work","sections":[{"id":"sec","label":"Mine"}],"fields":[
    {"id":"credential","type":"CONCEALED","label":"credential","value":"sk-ant-oat01-abc"},
    {"id":"fid","section":{"id":"sec","label":"Mine"},"type":"CONCEALED","label":"Token","value":"other"},
    {"id":"empty","type":"CONCEALED","label":"empty"},
    {"id":"lines","type":"STRING","label":"lines","value":"a\nb"},
    {"id":"w1","type":"STRING","label":"twin","value":"1"},{"id":"w2","type":"STRING","label":"twin","value":"2"}]},
  {"title":"Twin","vault":"Work","id":"twina22222222222222222224a"},{"title":"twin","vault":"Work"},
  {"title":"Fünf (5)","vault":"Work","id":"funf22222222222222222224aa","fields":[
    {"id":"credential","type":"CONCEALED","label":"credential","value":"x"}]})json";

const std::string reference = "op://" + std::string(FakeOp::work_id) + "/claude2222222222222222224a/credential";

class OpResolving : public testing::Test {
 protected:
  OpResolving() { fake_.items(two_items); }

  OpSource source(std::string named = reference) const { return {std::move(named), "Work/Claude/credential", {}}; }

  Result<Secret> resolve(const OpSource& op, bool attended = true, bool fresh = false) {
    const ResolveContext context{fake_.environment(), attended, fresh};
    const CredentialSource credential = op;
    return test::await(io_, resolver_->resolve(credential, context));
  }

  Result<SeenToken> look(const OpSource& op, bool fresh = false) {
    const ResolveContext context{fake_.environment(), true, fresh};
    const CredentialSource credential = op;
    return test::await(io_, resolver_->resolve_with_expiry(credential, context));
  }

  Result<OpSource> with_ids(std::string named, std::string account = {}) {
    OpPlaces places(op_);
    const OpSource wanted{std::move(named), {}, std::move(account)};
    const OpCaller asking{fake_.environment(), {}, true, OpUse::source};
    return test::await(io_, places.with_ids(asking, wanted));
  }

  asio::io_context io_;
  std::unique_ptr<Clock> clock_ = system_clock(io_.get_executor());
  std::unique_ptr<ProgramRunner> programs_ = system_program_runner(io_.get_executor(), *clock_);
  FakeOp fake_;
  OpCli op_{*programs_, *clock_};
  std::unique_ptr<SourceResolver> resolver_ = op_resolver(fake_.environment(), op_);
};

TEST_F(OpResolving, Inputs_DependOnAccountAndProgram) {
  Environment client = fake_.environment();
  const auto inputs = [&](const OpSource& op) {
    const CredentialSource credential = op;
    return test::await(io_, resolver_->inputs(credential, {client, true, false})).value();
  };
  OpSource with_account = source();
  with_account.account = "work";
  const Inputs before = inputs(source());
  const Inputs before_with_account = inputs(with_account);
  client.set("LANG", "C");
  client.set("TERM", "dumb");
  EXPECT_EQ(inputs(source()), before);
  client.set("OP_ACCOUNT", "private");
  EXPECT_FALSE(inputs(source()) == before);
  // The source's own account takes precedence over the variable.
  EXPECT_EQ(inputs(with_account), before_with_account);
  const Inputs as_private = inputs(source());
  for (const char* const name : {"OP_CONFIG_DIR", "HOME", "OP_SESSION_x"}) {
    const Environment kept = client;
    client.set(name, "/elsewhere");
    EXPECT_FALSE(inputs(source()) == as_private) << name;
    EXPECT_FALSE(inputs(with_account) == before_with_account) << name;
    client = kept;
  }
  client.set("OP_SERVICE_ACCOUNT_TOKEN", "ops_one");
  const Inputs one = inputs(source());
  EXPECT_FALSE(one == as_private);
  client.set("OP_SERVICE_ACCOUNT_TOKEN", "ops_two");
  EXPECT_FALSE(inputs(source()) == one);
  // The key is a digest, which contains nothing of the credential.
  EXPECT_EQ(one.hex().find("ops_"), std::string::npos);
}

TEST_F(OpResolving, Resolve_OneCall) {
  const auto token = resolve(source());
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->view(), "sk-ant-oat01-abc");
  EXPECT_EQ(fake_.lines(), Lines{"read " + reference + " --no-newline"});
}

TEST_F(OpResolving, Resolve_KnownAccount_Named) {
  OpSource op = source();
  op.account = FakeOp::account_id;
  EXPECT_TRUE(resolve(op));
  EXPECT_EQ(fake_.lines(), Lines{"read " + reference + " --no-newline --account " + op.account});
}

TEST_F(OpResolving, Resolve_Fresh_BypassesCache) {
  EXPECT_TRUE(resolve(source(), true, true));
  EXPECT_EQ(fake_.lines(), Lines{"read " + reference + " --no-newline --cache=false"});
}

TEST_F(OpResolving, Resolve_Unattended_ChecksSessionFirst) {
  EXPECT_TRUE(resolve(source(), false));
  EXPECT_EQ(fake_.lines(), (Lines{"whoami --format json", "read " + reference + " --no-newline"}));
  fake_.settings({"SESSION=prompt:hang"});
  const auto refused = resolve(source(), false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::source_unreachable);
  EXPECT_EQ(fake_.lines().size(), 3u);
}

TEST_F(OpResolving, Resolve_ItemMissing_Gone) {
  const std::string gone = "op://" + std::string(FakeOp::work_id) + "/gone22222222222222222222a/credential";
  const auto missing = resolve(source(gone));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().reason, Reason::source_gone);
  EXPECT_NE(command_line(missing.error().remedy), "");
  EXPECT_EQ(fake_.lines(), (Lines{"read " + gone + " --no-newline", "vault list --format json --cache=false",
                                  "read " + gone + " --no-newline --cache=false"}));
  EXPECT_EQ(resolve(source(reference + "x")).error().reason, Reason::source_gone);
}

TEST_F(OpResolving, Resolve_VaultMissing_Unreachable) {
  fake_.settings({"KNOB *=vault-missing:Work"});
  EXPECT_EQ(resolve(source()).error().reason, Reason::source_unreachable);
  fake_.settings({"KNOB vault.list=vault-missing:Work"});
  EXPECT_EQ(resolve(source(reference + "x")).error().reason, Reason::source_unreachable);
  fake_.settings({"KNOB vault.list=offline"});
  EXPECT_EQ(resolve(source(reference + "x")).error().reason, Reason::source_unreachable);
  fake_.settings({"KNOB vault.list=garbage"});
  EXPECT_NE(resolve(source(reference + "x")).error().reason, Reason::source_gone);
}

TEST_F(OpResolving, Resolve_StaleCache_NotMisled) {
  fake_.settings({"KNOB read@1=error:\"x\" isn't an item in the \"Work\" vault."});
  const auto token = resolve(source());
  ASSERT_TRUE(token);
  EXPECT_EQ(token->view(), "sk-ant-oat01-abc");
}

TEST_F(OpResolving, Resolve_NotASecret_Rejected) {
  const std::string item = "op://" + std::string(FakeOp::work_id) + "/claude2222222222222222224a/";
  for (const auto* field : {"empty", "lines", "twin"}) {
    EXPECT_EQ(resolve(source(item + field)).error().reason, Reason::source_invalid) << field;
  }
  EXPECT_EQ(resolve(source("op://Work/Claude")).error().reason, Reason::source_invalid);
}

constexpr std::string_view with_expiry = R"json(
  {"title":"Claude","id":"claude2222222222222222224a","vault":"Work","sections":[{"id":"sec","label":"Mine"}],"fields":[
    {"id":"credential","type":"CONCEALED","label":"credential","value":"sk-ant-oat01-abc"},
    {"id":"fid","section":{"id":"sec","label":"Mine"},"type":"CONCEALED","label":"Token","value":"other"},
    {"id":"expires","type":"DATE","label":"expires","value":"1827144060"},
    {"id":"lines","type":"STRING","label":"lines","value":"a\nb"},
    {"id":"empty","type":"CONCEALED","label":"empty"},
    {"id":"w1","type":"STRING","label":"twin","value":"1"},{"id":"w2","type":"STRING","label":"twin","value":"2"}]})json";

TEST_F(OpResolving, Look_TokenAndExpiry_OneCall) {
  fake_.items(with_expiry);
  for (const auto* named : {"op://work/claude/Credential", "op://Work/claude2222222222222222224a/credential"}) {
    const auto seen = look(source(named));
    ASSERT_TRUE(seen) << seen.error().message;
    EXPECT_EQ(seen->token.view(), "sk-ant-oat01-abc");
    EXPECT_EQ(seen->expires_on, parse_date("2027-11-25"));
  }
  EXPECT_EQ(look(source("op://Work/Claude/Mine/token"))->token.view(), "other");
  EXPECT_TRUE(look(source(), true));
  EXPECT_EQ(fake_.lines(), (Lines{"item get claude --vault work --format json",
                                  "item get claude2222222222222222224a --vault Work --format json",
                                  "item get Claude --vault Work --format json",
                                  "item get claude2222222222222222224a --vault " + std::string(FakeOp::work_id) +
                                      " --format json --cache=false"}));
}

TEST_F(OpResolving, Look_ExpiryInNotes_OnlyOfThisToken) {
  const auto noted = [&](const std::string& prefix) {
    fake_.items(R"json({"title":"Claude","id":"claude2222222222222222224a","vault":"Work","fields":[
      {"id":"notesPlain","type":"STRING","purpose":"NOTES","label":"notesPlain","value":"Managed by jackin\nworkspace = app\nexpires_estimate = 2027-08-01\ntoken_sha256_prefix = )json" +
                prefix + R"json(\n(Edit at your own risk)"},
      {"id":"credential","type":"CONCEALED","label":"credential","value":"sk-ant-oat01-abc"}]})json");
    const ResolveContext context{fake_.environment(), true, true};
    const CredentialSource credential = source("op://Work/Claude/credential");
    const auto token = Digest::of("sk-ant-oat01-abc").fingerprint();
    const auto expiry = test::await(io_, resolver_->expiry(credential, token, context));
    const auto seen = look(source("op://Work/Claude/credential"), true);
    EXPECT_TRUE(expiry && seen);
    EXPECT_TRUE(!*expiry || (*expiry)->estimated);
    EXPECT_EQ(*expiry ? std::optional((*expiry)->day) : std::nullopt, seen->expires_on);
    return seen->expires_on;
  };
  EXPECT_EQ(noted(Digest::of("sk-ant-oat01-abc").fingerprint().str()), parse_date("2027-08-01"));
  EXPECT_EQ(noted(Digest::of("an earlier token").fingerprint().str()), std::nullopt);
  EXPECT_EQ(noted("sk-ant-oat01"), std::nullopt);
}

TEST_F(OpResolving, Look_Concealed_RevealFromThenOn) {
  fake_.items(with_expiry);
  fake_.settings({"CONCEAL=yes"});
  const std::string get = "item get Claude --vault Work --format json";
  for (int i = 0; i < 2; ++i) {
    const auto seen = look(source("op://Work/Claude/credential"));
    ASSERT_TRUE(seen) << seen.error().message;
    EXPECT_EQ(seen->token.view(), "sk-ant-oat01-abc");
    EXPECT_EQ(seen->expires_on, parse_date("2027-11-25"));
  }
  EXPECT_EQ(fake_.lines(),
            (Lines{get, "--version", "read op://Work/Claude/credential --no-newline", get + " --reveal"}));
}

TEST_F(OpResolving, Look_UnclearField_LeftToOpRead) {
  fake_.items(with_expiry);
  const auto reason = [&](const std::string& named) {
    const auto seen = look(source(named));
    return seen ? Reason::internal : seen.error().reason;
  };
  EXPECT_EQ(reason("op://Work/Claude/empty"), Reason::source_invalid);
  EXPECT_EQ(reason("op://Work/Claude/twin"), Reason::source_invalid);
  EXPECT_EQ(reason("op://Work/Claude/lines"), Reason::source_invalid);
  EXPECT_EQ(reason("op://Work/Claude/nothing"), Reason::source_gone);
  EXPECT_EQ(reason("op://Work/Nothing/credential"), Reason::source_gone);
  EXPECT_EQ(reason("op://Nothing/Claude/credential"), Reason::source_unreachable);
  EXPECT_EQ(reason("op://Work/--help/credential"), Reason::source_gone);
  EXPECT_EQ(look(source("op://Work/Claude/credential?attribute=value"))->token.view(), "sk-ant-oat01-abc");
  fake_.settings({"KNOB item.get=garbage"});
  EXPECT_EQ(look(source())->token.view(), "sk-ant-oat01-abc");
}

TEST_F(OpResolving, Look_OpUnreachable_NoFurtherCall) {
  for (const auto* knob : {"offline", "locked", "not-signed-in", "rate-limited"}) {
    fake_.settings({std::string("KNOB *=") + knob});
    const std::size_t before = fake_.lines().size();
    EXPECT_EQ(look(source()).error().reason, Reason::source_unreachable) << knob;
    EXPECT_EQ(fake_.lines().size(), before + 1) << knob;
  }
}

TEST_F(OpResolving, MayPrompt_UnlessServiceAccount) {
  EXPECT_TRUE(resolver_->may_prompt(source()));
  Environment daemon = fake_.environment();
  daemon.set("OP_SERVICE_ACCOUNT_TOKEN", "ops_x");
  EXPECT_FALSE(op_resolver(daemon, op_)->may_prompt(source()));
  EXPECT_FALSE(resolver_->serves(EnvSource{"X"}));
}

TEST_F(OpResolving, WithIds_NamesReplaced) {
  const auto by_name = with_ids("op://work/claude/Credential");
  ASSERT_TRUE(by_name) << by_name.error().message;
  EXPECT_EQ(*by_name, (OpSource{reference, "Work/Claude/credential", std::string(FakeOp::account_id)}));
  const auto in_section = with_ids("op://Work/Claude/Mine/token", "my.1password.com");
  ASSERT_TRUE(in_section) << in_section.error().message;
  EXPECT_EQ(in_section->reference, "op://" + std::string(FakeOp::work_id) + "/claude2222222222222222224a/sec/fid");
  EXPECT_EQ(in_section->path, "Work/Claude/Mine/Token");
  EXPECT_EQ(with_ids(reference)->reference, reference);
  const auto unusual = with_ids("op://Work/Fünf (5)/credential");
  ASSERT_TRUE(unusual);
  EXPECT_EQ(unusual->reference, "op://" + std::string(FakeOp::work_id) + "/funf22222222222222222224aa/credential");
}

TEST_F(OpResolving, WithIds_AmbiguousName_Explained) {
  const auto twins = with_ids("op://Work/Twin/credential");
  ASSERT_FALSE(twins);
  EXPECT_EQ(twins.error().reason, Reason::invalid_argument);
  EXPECT_NE(command_line(twins.error().remedy).find("twina22222222222222222224a"), std::string::npos);
  EXPECT_EQ(with_ids("op://Work/Claude/twin").error().reason, Reason::invalid_argument);
  EXPECT_EQ(with_ids("op://Work/Claude/nothing").error().reason, Reason::invalid_argument);
  EXPECT_EQ(with_ids("op://Work/Nothing/credential").error().reason, Reason::source_gone);
  const auto vault = with_ids("op://Nothing/Claude/credential");
  EXPECT_EQ(vault.error().reason, Reason::invalid_argument);
  EXPECT_NE(vault.error().message.find("Personal"), std::string::npos);
  EXPECT_EQ(with_ids(reference, "nobody@example.com").error().reason, Reason::invalid_argument);
  EXPECT_EQ(with_ids(reference + "?attribute=type").error().reason, Reason::invalid_argument);
}

TEST_F(OpResolving, WithIds_AccountSelected) {
  fake_.world(R"({"accounts":[{"url":"my.1password.com","account_uuid":"FIRST"},
    {"url":"work.1password.com","account_uuid":"SECOND","shorthand":"work","email":"w@work.example"}],
    "vaults":[{"name":"Personal"},{"name":"Team","account":"work"}]})");
  OpPlaces places(op_);
  OpCaller asking{fake_.environment(), {}, true, OpUse::store};
  const auto account = [&](const std::string& wanted) { return test::await(io_, places.account(asking, wanted)); };
  for (const auto* name : {"SECOND", "work", "work.1password.com", "w@work.example"})
    EXPECT_EQ(*account(name), "SECOND");
  EXPECT_EQ(account("").error().reason, Reason::invalid_argument);
  EXPECT_NE(command_line(account("").error().remedy).find("work.1password.com"), std::string::npos);
  asking.client.set("OP_ACCOUNT", "work");
  EXPECT_EQ(*account(""), "SECOND");
  asking.client.set("OP_SERVICE_ACCOUNT_TOKEN", "ops_x");
  EXPECT_EQ(*account(""), "");
  EXPECT_EQ(account("work").error().reason, Reason::invalid_argument);
}

}  // namespace
}  // namespace jackin::secrets
