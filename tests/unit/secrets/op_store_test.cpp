// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/op_store.hpp"

#include "common/remedy_command.hpp"
#include "tests/unit/secrets/op_store_fixture.hpp"

namespace jackin::secrets {
namespace {

using test::FakeOp;

TEST_F(OpStoring, Put_ApiCredential_OnlyNeededCalls) {
  const Place place = plan(request());
  EXPECT_EQ(place.display, "1Password  Work/Claude my-app/credential");
  EXPECT_EQ(place.key.find("sk-ant"), std::string::npos);
  EXPECT_EQ(new_lines(),
            (Lines{"--version", "account list --format json", "vault list --format json --cache=false" + account}));

  const auto stored = put(place);
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(new_lines(), Lines{"item create - --vault " + vault_id + " --format json" + account});
  EXPECT_TRUE(stored->created);
  const auto& source = std::get<OpSource>(stored->source);
  const auto item = fake_.items().at(0);
  EXPECT_EQ(source.reference, "op://" + vault_id + "/" + item.id + "/credential");
  EXPECT_EQ(source.path, "Work/Claude my-app/credential");
  EXPECT_EQ(source.account, FakeOp::account_id);

  EXPECT_EQ(item.title, "Claude my-app");
  EXPECT_EQ(item.category, "API_CREDENTIAL");
  EXPECT_EQ(item.tags, (Lines{"jackin", "operation=" + operation, "workspace=my-app"}));
  EXPECT_EQ(item.fields.at("credential").value, token_text);
  EXPECT_EQ(item.fields.at("expires").value, "1826971260");    // 2027-11-23, 12:01 UTC
  EXPECT_EQ(item.fields.at("validFrom").value, "1795435260");  // 2026-11-23, the clock's day
  const std::string notes = item.fields.at("notesPlain").value;
  for (const auto* part : {"my-app", "builder", "2.1.197", "2026-11-23", "jackinctl rotate my-app --role builder"}) {
    EXPECT_NE(notes.find(part), std::string::npos) << part;
  }

  const auto back = await(store_->read_back(*stored, nullptr, client_));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_TRUE(back->same_as(token_));
  EXPECT_EQ(new_lines(), Lines{"read " + source.reference + " --no-newline --cache=false" + account});
}

TEST_F(OpStoring, Put_FieldAndSection_Created) {
  PlaceRequest wanted = request();
  wanted.field = "Claude token";
  wanted.section = "Agents";
  const StoredItem stored = put_now(wanted);
  const auto item = fake_.items().at(0);
  EXPECT_EQ(item.sections, Lines{"Agents"});
  EXPECT_EQ(item.fields.at("credential").value, "");
  EXPECT_TRUE(await(store_->read_back(stored, nullptr, client_))->same_as(token_));
  EXPECT_EQ(std::get<OpSource>(stored.source).path, "Work/Claude my-app/Agents/Claude token");
}

TEST_F(OpStoring, Put_SameName_ExistingUntouched) {
  put_now(request());
  PlaceRequest second = request();
  second.operation_id = "another2222222222222222224";
  put_now(second);
  EXPECT_EQ(fake_.items().size(), 2u);
}

TEST_F(OpStoring, Plan_NoVault_OwnVault) {
  PlaceRequest wanted = request();
  wanted.vault.clear();
  wanted.item_name.clear();
  EXPECT_EQ(plan(wanted).display, "1Password  Personal/Claude/credential");
}

TEST_F(OpStoring, Put_ServiceAccount_Works) {
  client_.set("OP_SERVICE_ACCOUNT_TOKEN", "ops_x");
  PlaceRequest wanted = request();
  wanted.vault.clear();
  const StoredItem stored = put_now(wanted);
  EXPECT_EQ(std::get<OpSource>(stored.source).account, "");
  EXPECT_TRUE(await(store_->read_back(stored, nullptr, client_)));
  EXPECT_TRUE(*await(store_->remove(stored.source, Removal::only_ours, client_)));
  for (const auto& line : fake_.lines()) EXPECT_EQ(line.find("--account"), std::string::npos) << line;
}

TEST_F(OpStoring, Plan_UnknownVault_ErrorListsVaults) {
  PlaceRequest wanted = request();
  wanted.vault = "Wrok";
  const auto refused = await(store_->plan(wanted, client_));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::invalid_argument);
  EXPECT_TRUE(refused.error().message.starts_with("1Password has no vault 'Wrok'. You can use: "))
      << refused.error().message;
  EXPECT_NE(refused.error().message.find("Personal"), std::string::npos);
  EXPECT_EQ(refused.error().remedy, Remedy::change_option(RequestOption::vault, {"Work"}));
  EXPECT_TRUE(fake_.items().empty());
}

TEST_F(OpStoring, ReadBack_Differs_False) {
  const StoredItem stored = put_now(request());
  fake_.settings({"KNOB read=wrong-value"});
  EXPECT_FALSE(await(store_->read_back(stored, nullptr, client_))->same_as(token_));
  fake_.settings({"KNOB read=empty-value"});
  EXPECT_EQ(await(store_->read_back(stored, nullptr, client_)).error().reason, Reason::source_invalid);
}

TEST_F(OpStoring, Put_OpDiesAfterCreate_ItemFound) {
  for (const auto* knob : {"die-before-output", "garbage", "empty", "truncated"}) {
    fake_.items("");
    fake_.settings({std::string("KNOB item.create=") + knob});
    const StoredItem stored = put_now(request());
    EXPECT_EQ(fake_.items().size(), 1u) << knob;
    EXPECT_TRUE(await(store_->read_back(stored, nullptr, client_))->same_as(token_)) << knob;
  }
}

TEST_F(OpStoring, Put_Conflict_SearchesTwinBeforeRetry) {
  const Place place = plan(request());
  new_lines();
  fake_.settings({"KNOB item.create@1=conflict", "KNOB item.create@2=conflict"});
  EXPECT_TRUE(put(place));
  const std::string create = "item create - --vault " + vault_id + " --format json" + account;
  const std::string search =
      "item list --vault " + vault_id + " --tags operation=" + operation + " --format json --cache=false" + account;
  EXPECT_EQ(new_lines(), (Lines{create, search, create, search, create}));
  EXPECT_EQ(fake_.items().size(), 1u);
}

TEST_F(OpStoring, Put_RetryAfterTimeout_NoTwin) {
  const Place place = plan(request());
  fake_.settings({"KNOB item.create@1=fail-before-output"});
  const auto failed = put(place);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().reason, Reason::store_unavailable);
  EXPECT_EQ(fake_.items().size(), 1u);
  EXPECT_TRUE(put(place));
  EXPECT_EQ(fake_.items().size(), 1u);
}

TEST_F(OpStoring, FindByOperation_AfterCrash_Found) {
  const Place place = plan(request());
  EXPECT_FALSE(await(store_->find_by_operation(operation, place.key, client_))->has_value());
  const StoredItem stored = put_now(request());
  const auto after_crash = op_store(op_, clock_, false);
  const auto found = await(after_crash->find_by_operation(operation, place.key, client_));
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->source, stored.source);
  EXPECT_TRUE((*found)->created);
  EXPECT_TRUE(*await(after_crash->remove((*found)->source, Removal::only_ours, client_)));
  EXPECT_TRUE(fake_.items().empty());
}

TEST_F(OpStoring, FindByOperation_Twin_Deleted) {
  const std::string ours = R"("vault":"Work","tags":["jackin","operation=operation22222222222222224"])";
  fake_.items(R"({"title":"A",)" + ours + R"(},{"title":"B",)" + ours +
              R"(},{"title":"C","vault":"Work","tags":["operation=operation22222222222222224"]},
                {"title":"D","vault":"Work","tags":["jackin","operation=operation22222222222222224/x"]})");
  const auto found = await(store_->find_by_operation(operation, plan(request()).key, client_));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(found->has_value());
  EXPECT_EQ(fake_.items().size(), 3u);
  EXPECT_EQ(fake_.items().at(0).title, "A");
}

TEST_F(OpStoring, Put_ReportedButNotStored_Fails) {
  const Place place = plan(request());
  fake_.settings({"KNOB item.create=server-error"});
  const auto failed = put(place);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().reason, Reason::store_failed);
  fake_.settings({"KNOB item.create=ignore-stdin"});
  EXPECT_EQ(put(place).error().reason, Reason::store_failed);
  EXPECT_TRUE(fake_.items().empty());
}

TEST_F(OpStoring, Remove_Own_Deleted) {
  const StoredItem stored = put_now(request());
  EXPECT_TRUE(*await(store_->is_ours(stored.source, client_)));
  EXPECT_TRUE(*await(store_->remove(stored.source, Removal::only_ours, client_)));
  EXPECT_TRUE(fake_.items().empty());
  EXPECT_EQ(fake_.deleted(), 1u);
  EXPECT_FALSE(*await(store_->remove(stored.source, Removal::only_ours, client_)));
}

TEST_F(OpStoring, Remove_OwnByNames_Deleted) {
  put_now(request());
  const CredentialSource by_names = OpSource{"op://Work/claude my-app/credential", {}, {}};
  EXPECT_TRUE(*await(store_->is_ours(by_names, client_)));
  EXPECT_TRUE(*await(store_->remove(by_names, Removal::only_ours, client_)));
  EXPECT_FALSE(*await(store_->remove(by_names, Removal::only_ours, client_)));
}

TEST_F(OpStoring, Remove_Foreign_Refused) {
  fake_.items(std::string(notes_item) +
              R"(,{"title":"Half","id":"half22222222222222222224aa","vault":"Work","tags":["jackin"]})");
  for (const auto& id : {mine, std::string("half22222222222222222224aa")}) {
    const CredentialSource source = OpSource{"op://" + vault_id + "/" + id + "/credential", {}, {}};
    EXPECT_FALSE(*await(store_->is_ours(source, client_)));
    const auto refused = await(store_->remove(source, Removal::only_ours, client_));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, Reason::not_ours);
  }
  EXPECT_EQ(await(store_->remove(FileSource{"~/x"}, Removal::only_ours, client_)).error().reason, Reason::not_ours);
  EXPECT_EQ(await(store_->remove(OpSource{"op://nonsense", {}, {}}, Removal::only_ours, client_)).error().reason,
            Reason::invalid_argument);
  EXPECT_EQ(fake_.items().size(), 2u);
  for (const auto& line : fake_.lines()) EXPECT_FALSE(line.starts_with("item delete")) << line;
}

TEST_F(OpStoring, JackinsItem_KnownByItsTags) {
  fake_.items(R"({"title":"Claude — my-app","id":"jjjj22222222222222222224aa","vault":"Work",)"
              R"("tags":["jackin","workspace=my-app"]})");
  const CredentialSource source = OpSource{"op://" + vault_id + "/jjjj22222222222222222224aa/credential", {}, {}};
  const auto is_for = [&](const Scope& scope) { return await(store_->is_jackins(source, scope, client_)).value(); };
  EXPECT_TRUE(is_for(*Scope::workspace("my-app")));
  EXPECT_TRUE(is_for(*Scope::role("my-app", "dev")));
  EXPECT_FALSE(is_for(*Scope::workspace("other")));
  EXPECT_FALSE(is_for(Scope::global()));
  EXPECT_FALSE(await(store_->is_ours(source, client_)).value());
  EXPECT_EQ(await(store_->remove(source, Removal::only_ours, client_)).error().reason, Reason::not_ours);
  EXPECT_FALSE(await(store_->is_jackins(FileSource{"~/x"}, *Scope::workspace("my-app"), client_)).value());
}

TEST_F(OpStoring, Remove_VaultNotVisible_NotTreatedAsGone) {
  const StoredItem stored = put_now(request());
  fake_.settings({"KNOB *=vault-missing:Work"});
  EXPECT_EQ(await(store_->remove(stored.source, Removal::only_ours, client_)).error().reason,
            Reason::source_unreachable);
  EXPECT_EQ(await(store_->is_ours(stored.source, client_)).error().reason, Reason::source_unreachable);
  const CredentialSource by_names = OpSource{"op://Work/Claude my-app/credential", {}, {}};
  EXPECT_EQ(await(store_->remove(by_names, Removal::only_ours, client_)).error().reason, Reason::source_unreachable);
  EXPECT_EQ(await(store_->is_ours(by_names, client_)).error().reason, Reason::source_unreachable);
  fake_.settings({"KNOB *=offline"});
  EXPECT_EQ(await(store_->remove(stored.source, Removal::only_ours, client_)).error().reason,
            Reason::source_unreachable);
  EXPECT_EQ(fake_.items().size(), 1u);
}

TEST_F(OpStoring, Remove_NothingDeleted_Fails) {
  const StoredItem stored = put_now(request());
  fake_.settings({"KNOB item.delete=server-error"});
  const auto failed = await(store_->remove(stored.source, Removal::only_ours, client_));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().reason, Reason::store_failed);
  EXPECT_NE(command_line(failed.error().remedy).find("op item delete "), std::string::npos);
}

TEST_F(OpStoring, OutlivesDaemon_OpWithOtherGroup) {
  const test::TempDir folder;
  const std::string op = folder / "op";
  test::write_file(op, "#!/bin/sh\n");
  ASSERT_EQ(chmod(op.c_str(), 0755), 0);
  Environment client;
  client.set("PATH", folder.path().string());
  EXPECT_EQ(test::await(io_, store_->outlives_daemon(client)), std::chrono::seconds(0));
  ASSERT_EQ(chmod(op.c_str(), 02755), 0);
  EXPECT_EQ(test::await(io_, store_->outlives_daemon(client)), OpCli::attended_limit);
  EXPECT_EQ(test::await(io_, store_->outlives_daemon(Environment())), std::chrono::seconds(0));
}

TEST_F(OpStoring, Availability_NeverPrompts) {
  const auto available = [&] { return test::await(io_, store_->availability(client_)); };
  fake_.settings({"SESSION=prompt:hang"});
  EXPECT_TRUE(available().usable);
  fake_.settings({"KNOB account.list=no-accounts"});
  EXPECT_FALSE(available().usable);
  EXPECT_NE(command_line(available().remedy), "");
  client_.set("PATH", fake_.home().string());
  EXPECT_FALSE(available().usable);
  EXPECT_NE(available().message, "");
}

TEST_F(OpStoring, Unattended_NeverPrompts) {
  const Place place = plan(request());
  fake_.settings({"SESSION=prompt:hang"});
  const auto unattended = op_store(op_, clock_, false);
  const auto found = await(unattended->find_by_operation(operation, place.key, client_));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().reason, Reason::store_unavailable);
}

TEST(OpTargets, Key_RoundTrip) {
  OpTarget target{"A", "v", "Vau\"lt", "i", "Tit\nle", "s", "Se", "f", "Fi", true, false};
  EXPECT_EQ(*op_target_from(to_key(target)), target);
  EXPECT_EQ(to_key(target).find('\n'), std::string::npos);
  for (const auto* text : {"", "x", "[]", "{}", "{\"vault\":1,\"field\":\"f\"}", "/some/path"}) {
    EXPECT_FALSE(op_target_from(text)) << text;
  }
}

TEST_F(OpStoring, Successor_OfOwn_NewItemLikeIt) {
  PlaceRequest wanted = request();
  wanted.field = "OAuth token";
  wanted.section = "Claude";
  const StoredItem first = put_now(wanted);
  PlaceRequest next;
  next.scope = wanted.scope;
  next.operation_id = "another2222222222222222224";
  const auto place = await(store_->plan_successor(first.source, next, client_));
  ASSERT_TRUE(place) << place.error().message;
  EXPECT_FALSE(place->replaces);
  EXPECT_EQ(place->display, "1Password  Work/Claude my-app/Claude/OAuth token");
  const auto second = put(*place);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_TRUE(second->created);
  EXPECT_NE(second->source, first.source);
  ASSERT_EQ(fake_.items().size(), 2U);
  EXPECT_EQ(std::get<OpSource>(second->source).account, FakeOp::account_id);
}

TEST_F(OpStoring, Successor_OfOwnByIds_OneLook) {
  const StoredItem first = put_now(request());
  const std::string id = fake_.items().at(0).id;
  new_lines();
  PlaceRequest next = request();
  next.operation_id = "another2222222222222222224";
  ASSERT_TRUE(await(store_->plan_successor(first.source, next, client_)));
  EXPECT_EQ(new_lines(), Lines{"item get " + id + " --vault " + vault_id + " --format json --cache=false" + account});
}

TEST_F(OpStoring, Successor_OfForeign_SameField) {
  fake_.items(notes_item);
  const CredentialSource theirs = OpSource{"op://Work/Keys/Work keys/Claude", {}, {}};
  PlaceRequest next;
  next.scope = *Scope::workspace("my-app");
  next.operation_id = operation;
  const auto place = await(store_->plan_successor(theirs, next, client_));
  ASSERT_TRUE(place) << place.error().message;
  EXPECT_TRUE(place->replaces);
  const auto stored = put(*place);
  ASSERT_TRUE(stored);
  EXPECT_FALSE(stored->created);
  EXPECT_EQ(fake_.items().at(0).fields.at("old").value, token_text);
  ASSERT_TRUE(await(store_->put_back(*stored, place->key, client_)));
  EXPECT_EQ(fake_.items().at(0).fields.at("old").value, "old value");
}

TEST_F(OpStoring, Successor_FieldMissing_Refused) {
  fake_.items(notes_item);
  const auto place = await(store_->plan_successor(OpSource{"op://Work/Keys/gone", {}, {}}, request(), client_));
  ASSERT_FALSE(place);
  EXPECT_EQ(place.error().reason, Reason::source_gone);
  EXPECT_EQ(command_line(place.error().remedy), "jackinctl rotate my-app --role builder --vault Work");
}

TEST_F(OpStoring, Successor_ItemMissing_NewItemOfSameName) {
  const StoredItem first = put_now(request());
  ASSERT_TRUE(await(store_->remove(first.source, Removal::only_ours, client_)));
  const auto place = await(store_->plan_successor(first.source, request(), client_));
  ASSERT_TRUE(place) << place.error().message;
  EXPECT_FALSE(place->replaces);
  EXPECT_EQ(place->display, "1Password  Work/Claude my-app/credential");
}

TEST_F(OpStoring, Successor_NotVisible_Fails) {
  const StoredItem first = put_now(request());
  fake_.settings({"KNOB *=offline"});
  const auto place = await(store_->plan_successor(first.source, request(), client_));
  ASSERT_FALSE(place);
  EXPECT_EQ(place.error().reason, Reason::source_unreachable);
}

TEST_F(OpStoring, Canonical_ById) {
  fake_.items(notes_item);
  const auto source = await(store_->canonical(OpSource{"op://work/keys/claude", {}, {}}, client_));
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_EQ(std::get<OpSource>(*source), (OpSource{"op://" + vault_id + "/" + mine + "/sec/old",
                                                   "Work/Keys/Work keys/Claude", std::string(FakeOp::account_id)}));
}

TEST_F(OpStoring, Remove_ForeignOnRequest_Deleted) {
  fake_.items(notes_item);
  const CredentialSource theirs = OpSource{"op://Work/Keys/Claude", {}, std::string(FakeOp::account_id)};
  EXPECT_EQ(await(store_->remove(theirs, Removal::only_ours, client_)).error().reason, Reason::not_ours);
  EXPECT_TRUE(*await(store_->remove(theirs, Removal::whatever_it_is, client_)));
  EXPECT_TRUE(fake_.items().empty());
}

}  // namespace
}  // namespace jackin::secrets
