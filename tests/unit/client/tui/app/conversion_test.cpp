// SPDX-License-Identifier: Apache-2.0
#include "client/tui/app/conversion.hpp"

#include <gtest/gtest.h>

namespace jackin::tui {
namespace {

v1::ProbeReply probe_of(const std::string& workspace, const std::string& role = {}) {
  v1::ProbeReply probe;
  probe.mutable_scope()->set_workspace(workspace);
  probe.mutable_scope()->set_role(role);
  probe.mutable_owner()->set_workspace(workspace);
  probe.set_decision(v1::DECISION_ALLOW);
  probe.set_verdict(v1::VERDICT_OK);
  probe.set_mode(v1::AUTH_MODE_OAUTH_TOKEN);
  probe.set_source("1Password Personal/Claude/credential");
  probe.set_source_kind(v1::SOURCE_KIND_OP);
  probe.set_days_left(190);
  probe.set_checked_at("2026-11-29T14:31:00Z");
  return probe;
}

TEST(RowOf, Probe_AllColumnsSet) {
  const auto row = row_of(probe_of("my-app"));
  ASSERT_TRUE(row);
  EXPECT_EQ(row->scope.str(), "my-app");
  EXPECT_EQ(row->mark, HealthMark::fine);
  EXPECT_EQ(row->mode, AuthMode::oauth_token);
  EXPECT_EQ(row->source, "1P Personal/Claude");
  EXPECT_EQ(row->source_kind, "1Password");
  EXPECT_EQ(row->source_detail, "Personal/Claude/credential");
  EXPECT_EQ(row->verdict, "ok");
  EXPECT_EQ(row->days_left, 190);
  EXPECT_EQ(row->lifetime_days, 365);
  EXPECT_TRUE(row->checked_at);
  EXPECT_TRUE(row->has_token);
  EXPECT_FALSE(row->has_details);
}

TEST(RowOf, InheritedToken_NoOwnToken) {
  v1::ProbeReply probe = probe_of("my-app", "reviewer");
  probe.mutable_owner()->clear_role();
  const auto row = row_of(probe);
  ASSERT_TRUE(row);
  EXPECT_FALSE(row->has_token);
  probe.clear_owner();
  EXPECT_FALSE(row_of(probe)->has_token);
}

TEST(RowOf, EachDecision_ItsMark) {
  v1::ProbeReply probe = probe_of("my-app");
  probe.set_decision(v1::DECISION_WARN);
  EXPECT_EQ(row_of(probe)->mark, HealthMark::soon);
  probe.set_decision(v1::DECISION_BLOCK);
  EXPECT_EQ(row_of(probe)->mark, HealthMark::blocked);
  probe.set_decision(v1::DECISION_ALLOW);
  probe.set_verdict(v1::VERDICT_NOT_MANAGED);
  EXPECT_EQ(row_of(probe)->mark, HealthMark::none);
}

TEST(RowOf, RemedyWithoutScope_ScopeOfTheRow) {
  v1::ProbeReply probe = probe_of("my-app");
  probe.mutable_remedy()->set_action(v1::REMEDY_ACTION_ROTATE);
  const auto row = row_of(probe);
  EXPECT_EQ(key_of(row->remedy), Action::rotate);
  EXPECT_EQ(command_of(row->remedy), "jackinctl rotate my-app");
}

TEST(RowOf, InvalidName_NoRow) {
  EXPECT_FALSE(row_of(probe_of("a/b")));
}

TEST(RowOf, ControlCharacters_Removed) {
  v1::ProbeReply probe = probe_of("my-app");
  probe.set_summary("a\x1b[2Jb");
  EXPECT_EQ(row_of(probe)->summary.find('\x1b'), std::string::npos);
}

TEST(RowOf, Details_CanDeleteOnlyUnsharedTokenCreatedByJackind) {
  v1::DetailsReply details;
  *details.mutable_probe() = probe_of("my-app");
  details.mutable_probe()->set_created_by_jackind(true);
  details.add_holders()->set_pid(812);
  details.add_history()->set_verdict(v1::VERDICT_REJECTED);
  details.mutable_history(0)->set_at("2026-11-29T14:31:00Z");
  details.set_recorded_at("2026-06-07T10:00:00Z");
  auto row = row_of(details);
  ASSERT_TRUE(row);
  EXPECT_TRUE(row->has_details);
  EXPECT_TRUE(row->can_delete);
  EXPECT_EQ(row->holders.at(0).pid, 812);
  EXPECT_EQ(row->history, (std::vector<std::string>{"rejected since 2026-11-29 14:31 UTC", "set up 2026-06-07"}));

  v1::DetailsReply shared = details;
  shared.add_shared_with()->set_workspace("tools");
  EXPECT_FALSE(row_of(shared)->can_delete);
  EXPECT_EQ(row_of(shared)->shared_with.at(0).str(), "tools");
  v1::DetailsReply adopted = details;
  adopted.mutable_probe()->set_created_by_jackind(false);
  EXPECT_FALSE(row_of(adopted)->can_delete);
  v1::DetailsReply inherited = details;
  inherited.mutable_probe()->mutable_owner()->Clear();
  EXPECT_FALSE(row_of(inherited)->can_delete);
}

TEST(ShortSource, EachKind_Shortened) {
  EXPECT_EQ(short_source(SourceKind::op, "1Password Work/Claude CI/ci/credential"), "1P Work/Claude CI");
  EXPECT_EQ(short_source(SourceKind::file, "file ~/.local/share/jackind/tokens/infra.token"), "file infra.token");
  EXPECT_EQ(short_source(SourceKind::secret_service, "Secret Service jackind/docs"), "Secret Service");
  EXPECT_EQ(short_source(SourceKind::env, "environment variable TOKEN"), "env TOKEN");
  EXPECT_EQ(short_source(std::nullopt, "something new"), "something new");
}

TEST(OperationOf, RunningAndEndedOperation_Converted) {
  v1::Operation operation;
  operation.set_id("op-7");
  operation.set_kind(v1::OPERATION_KIND_ROTATE);
  operation.mutable_scope()->set_workspace("infra");
  operation.set_step(v1::STEP_MINT);
  operation.set_waits_for(v1::WAITS_FOR_CONSENT);
  operation.mutable_client()->set_pid(4711);
  operation.mutable_client()->set_command("jackinctl");
  operation.set_started_at("2026-11-29T14:31:00Z");
  auto seen = operation_of(operation);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->kind, OperationKind::rotate);
  EXPECT_EQ(seen->step, Step::mint);
  EXPECT_EQ(seen->waits, WaitsFor::consent);
  EXPECT_EQ(seen->started_by, "jackinctl[4711]");
  EXPECT_FALSE(seen->outcome);

  operation.mutable_result()->set_outcome(v1::OPERATION_OUTCOME_DONE);
  operation.mutable_result()->mutable_report()->set_fingerprint("a3f9c2b81e74");
  seen = operation_of(operation);
  EXPECT_EQ(std::get<TokenReport>(*seen->outcome).fingerprint, "a3f9c2b81e74");

  operation.mutable_result()->set_outcome(v1::OPERATION_OUTCOME_FAILED);
  operation.mutable_result()->mutable_error()->set_reason("mint_refused");
  EXPECT_EQ(std::get<Error>(*operation_of(operation)->outcome).reason, Reason::mint_refused);
}

TEST(StepOf, ProgramStep_NameRemovedFromDetail) {
  v1::StepReached step;
  step.set_step(v1::STEP_PROGRAM);
  step.set_detail("claude 2.1.197  /usr/bin/claude");
  EXPECT_EQ(step_of(1, step)->detail, "2.1.197  /usr/bin/claude");
  step.set_step(static_cast<v1::Step>(99));
  EXPECT_FALSE(step_of(1, step));
}

TEST(QuestionOf, Choices_KeysConvertedBothWays) {
  v1::Question question;
  v1::Choice& choice = *question.add_choices();
  choice.mutable_key()->set_kind(v1::CHOICE_KIND_USE_STORE);
  choice.mutable_key()->set_store(v1::SOURCE_KIND_FILE);
  choice.set_text("keep it in a file");
  const Question asked = question_of(question);
  ASSERT_EQ(asked.choices.size(), 1U);
  EXPECT_EQ(asked.choices[0].key, (ChoiceKey{ChoiceKind::use_store, SourceKind::file}));
  const v1::Choice answer = choice_of(asked.choices[0].key);
  EXPECT_EQ(answer.key().kind(), v1::CHOICE_KIND_USE_STORE);
  EXPECT_EQ(answer.key().store(), v1::SOURCE_KIND_FILE);
}

TEST(StoresOf, SomeStoresUnavailable_PlainTextAfterAvailableStores) {
  v1::ListStoresReply reply;
  v1::Store& op = *reply.add_stores();
  op.set_kind(v1::SOURCE_KIND_OP);
  op.set_message("op is not installed");
  v1::Store& file = *reply.add_stores();
  file.set_kind(v1::SOURCE_KIND_FILE);
  file.set_available(true);
  file.set_is_default(true);
  const auto stores = stores_of(reply);
  ASSERT_EQ(stores.size(), 3U);
  EXPECT_EQ(stores[0].kind, SourceKind::file);
  EXPECT_TRUE(stores[0].is_default);
  EXPECT_EQ(stores[1].kind, SourceKind::literal);
  EXPECT_EQ(stores[2].note, "op is not installed");
}

TEST(OptionsOf, PlainText_NoStoreSet) {
  StartSetup start;
  start.place.store = SourceKind::literal;
  EXPECT_TRUE(options_of(start).plain);
  EXPECT_FALSE(options_of(start).store);
  start.place = {.store = SourceKind::op, .account = "A", .vault = "V", .item = "I", .section = "S", .field = "F"};
  const auto options = options_of(start);
  EXPECT_FALSE(options.plain);
  EXPECT_EQ(options.store, SourceKind::op);
  EXPECT_EQ(options.op_account + options.vault + options.item_name + options.section + options.field, "AVISF");
}

TEST(AnswerOf, Items_CategoriesInWords) {
  v1::OpItemsReply reply;
  reply.add_items()->set_category("API_CREDENTIAL");
  reply.add_items()->set_category("SECURE_NOTE");
  const Message answer = answer_of(7, reply);
  const auto& items = std::get<ItemsArrived>(answer);
  EXPECT_EQ(items.ticket, 7U);
  EXPECT_EQ(items.items[0].category, "API credential");
  EXPECT_EQ(items.items[1].category, "secure note");
}

}  // namespace
}  // namespace jackin::tui
