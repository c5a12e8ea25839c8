// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/op_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "daemon/secrets/op_target.hpp"
#include "tests/fakes/op/fake_op.hpp"
#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::secrets {
namespace {

using test::FakeOp;
using Lines = std::vector<std::string>;

constexpr std::string_view token_text =
    "sk-ant-oat01-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdEfGhIjKlMnOpQrAA";
const std::string operation = "operation22222222222222224";
const std::string vault_id(FakeOp::work_id);
const std::string account = " --account " + std::string(FakeOp::account_id);
const std::string mine = "mine22222222222222222224aa";

constexpr std::string_view notes_item = R"({"title":"Keys","id":"mine22222222222222222224aa","vault":"Work",
  "category":"SECURE_NOTE","tags":["private"],"sections":[{"id":"sec","label":"Work keys"}],"fields":[
  {"id":"notesPlain","type":"STRING","purpose":"NOTES","label":"notesPlain","value":"do not \"lose\" me"},
  {"id":"old","section":{"id":"sec","label":"Work keys"},"type":"CONCEALED","label":"Claude","value":"old value"},
  {"id":"blank","type":"CONCEALED","label":"Blank"},
  {"id":"since","type":"DATE","label":"since","value":"1641038460"},
  {"id":"plain","type":"STRING","label":"shown","value":"x"}]})";

class OpStoring : public testing::Test {
 protected:
  // The runner uses the real clock. The test advances the store's clock, which determines its pauses and dates.
  asio::io_context io_;
  std::unique_ptr<Clock> real_clock_ = system_clock(io_.get_executor());
  std::unique_ptr<ProgramRunner> programs_ = system_program_runner(io_.get_executor(), *real_clock_);
  test::FakeClock clock_;
  FakeOp fake_;
  OpCli op_{*programs_, clock_};
  std::unique_ptr<Store> store_ = op_store(op_, clock_);
  Secret token_ = Secret::copy_of(token_text);
  Environment client_ = fake_.environment();

  ~OpStoring() override {
    for (const auto& call : fake_.calls()) {
      EXPECT_EQ(call.line.find("sk-ant"), std::string::npos);
      for (const auto& [name, value] : call.environment) EXPECT_EQ(value.find("sk-ant"), std::string::npos) << name;
      EXPECT_FALSE(call.overlaps) << call.line;
      EXPECT_NE(call.exit, 98) << call.line;
      const bool with_template = call.line.starts_with("item create") || call.line.starts_with("item edit");
      EXPECT_EQ(call.stdin_kind, with_template ? "fifo" : "null") << call.line;
    }
  }

  template <typename T>
  Result<T> await(Task<T> task) {
    return test::await(io_, std::move(task));
  }

  // Runs to the end, and advances the clock whenever the store waits on it.
  template <typename T>
  Result<T> await_turning(Task<T> task) {
    test::Started<Result<T>> started(io_, std::move(task));
    while (!started.has_ended()) {
      started.run_until([&] { return started.has_ended() || clock_.waiting() > 0; });
      if (!started.has_ended()) clock_.advance(std::chrono::seconds(5));
    }
    return started.result();
  }

  PlaceRequest request() const {
    PlaceRequest wanted;
    wanted.scope = *Scope::role("my-app", "builder");
    wanted.operation_id = operation;
    wanted.vault = "work";
    wanted.item_name = "Claude {ws}";
    wanted.expires_on = parse_date("2027-11-23");
    wanted.claude_version = "2.1.197";
    return wanted;
  }

  PlaceRequest into_item(std::string field, std::string section = {}) const {
    PlaceRequest wanted = request();
    wanted.item_name = mine;
    wanted.field = std::move(field);
    wanted.section = std::move(section);
    return wanted;
  }

  Place plan(const PlaceRequest& wanted) {
    auto place = await(store_->plan(wanted, client_));
    EXPECT_TRUE(place) << place.error().message << " / " << place.error().remedy;
    return std::move(*place);
  }

  Result<StoredItem> put(const Place& place) { return await_turning(store_->put(place, token_, client_)); }

  StoredItem put_now(const PlaceRequest& wanted) {
    auto item = put(plan(wanted));
    EXPECT_TRUE(item) << item.error().message;
    return std::move(*item);
  }

  Lines new_lines() {
    Lines all = fake_.lines();
    const Lines added(all.begin() + static_cast<std::ptrdiff_t>(seen_), all.end());
    seen_ = all.size();
    return added;
  }

 private:
  std::size_t seen_ = 0;
};

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
  EXPECT_EQ(refused.error().remedy, "jackinctl setup SCOPE --vault Work");
  EXPECT_TRUE(fake_.items().empty());
}

TEST_F(OpStoring, ReadBack_Differs_False) {
  const StoredItem stored = put_now(request());
  fake_.settings({"KNOB read=wrong-value"});
  EXPECT_FALSE(await(store_->read_back(stored, nullptr, client_))->same_as(token_));
  fake_.settings({"KNOB read=empty-value"});
  EXPECT_EQ(await(store_->read_back(stored, nullptr, client_)).error().reason, Reason::source_invalid);
}

// --- twins -----------------------------------------------------------------------------------------------------------

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

// --- removing --------------------------------------------------------------------------------------------------------

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
  EXPECT_NE(failed.error().remedy.find("op item delete "), std::string::npos);
}

// --- existing items --------------------------------------------------------------------------------------------------

// Everything that the item had before, except the version and the times.
void expect_untouched(const FakeOp::Item& item) {
  EXPECT_EQ(item.tags, Lines{"private"});
  EXPECT_EQ(item.fields.at("notesPlain").value, "do not \"lose\" me");
  EXPECT_EQ(item.fields.at("since").value, "1641038460");
  EXPECT_EQ(item.fields.at("plain").value, "x");
  EXPECT_EQ(item.sections, Lines{"Work keys"});
}

TEST_F(OpStoring, PutIntoItem_FieldWrittenAndPutBack) {
  fake_.items(notes_item);
  const Place place = plan(into_item("claude", "work keys"));
  EXPECT_EQ(place.display, "1Password  Work/Keys/Work keys/Claude");
  auto stored = put(place);
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_FALSE(stored->created);
  EXPECT_EQ(std::get<OpSource>(stored->source).reference, "op://" + vault_id + "/" + mine + "/sec/old");
  EXPECT_EQ(fake_.items().at(0).fields.at("old").value, token_text);
  expect_untouched(fake_.items().at(0));
  EXPECT_TRUE(await(store_->read_back(*stored, nullptr, client_))->same_as(token_));
  EXPECT_FALSE(*await(store_->is_ours(stored->source, client_)));

  const auto back = await(store_->put_back(*stored, place.key, client_));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(fake_.items().at(0).fields.at("old").value, "old value");
  expect_untouched(fake_.items().at(0));
  EXPECT_TRUE(await(store_->put_back(*stored, place.key, client_)));
}

TEST_F(OpStoring, PutIntoItem_Conflict_ItemReadAgain) {
  fake_.items(notes_item);
  const Place place = plan(into_item("claude", "work keys"));
  fake_.settings({"KNOB item.edit@1=conflict"});
  new_lines();
  test::Started<Result<StoredItem>> putting(io_, store_->put(place, token_, client_));
  putting.run_until([&] { return putting.has_ended() || clock_.waiting() > 0; });
  // The change that caused the conflict.
  std::string changed(notes_item);
  changed.replace(changed.find("\"x\""), 3, "\"theirs\"");
  fake_.items(changed);
  clock_.advance(std::chrono::seconds(5));
  const auto stored = putting.result();
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(fake_.items().at(0).fields.at("old").value, token_text);
  EXPECT_EQ(fake_.items().at(0).fields.at("plain").value, "theirs");
  const Lines lines = new_lines();
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_TRUE(lines[2].starts_with("item get"));
}

TEST_F(OpStoring, PutIntoItem_ThreeConflicts_Fails) {
  fake_.items(notes_item);
  const Place place = plan(into_item("claude", "work keys"));
  fake_.settings({"KNOB item.edit=conflict"});
  const auto stored = put(place);
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().reason, Reason::store_unavailable);
  EXPECT_EQ(fake_.items().at(0).fields.at("old").value, "old value");
}

TEST_F(OpStoring, ReadFrom_ByNamesOrIds_Same) {
  const StoredItem stored = put_now(request());
  const std::string item = fake_.items().at(0).id;
  const auto op = [](const std::string& text) { return CredentialSource(OpSource{text, {}, {}}); };
  const std::vector<CredentialSource> others{op("op://" + vault_id + "/" + item + "/notesPlain"),
                                             op("op://Work/claude MY-APP/credential"),
                                             op("op://" + vault_id + "/Claude my-app/credential"),
                                             op("op://Work/Another/credential"),
                                             op("op://Personal/Claude my-app/credential"),
                                             op("op://nonsense"),
                                             EnvSource{"TOKEN"}};
  const auto by_ids = await(store_->read_from(stored.source, others, client_));
  ASSERT_TRUE(by_ids) << by_ids.error().message;
  EXPECT_EQ(*by_ids, (std::vector<bool>{true, true, true, false, false, false, false}));
  const auto by_names = await(store_->read_from(op("op://Work/Claude my-app/credential"), others, client_));
  ASSERT_TRUE(by_names) << by_names.error().message;
  EXPECT_EQ(*by_names, *by_ids);
}

TEST_F(OpStoring, ReadFrom_ByIds_NoCall) {
  const StoredItem stored = put_now(request());
  new_lines();
  const std::vector<CredentialSource> others{OpSource{"op://" + vault_id + "/" + mine + "/credential", {}, {}}};
  EXPECT_EQ(*await(store_->read_from(stored.source, others, client_)), std::vector<bool>{false});
  EXPECT_TRUE(new_lines().empty());
}

TEST_F(OpStoring, ReadFrom_NotVisible_Fails) {
  const StoredItem stored = put_now(request());
  fake_.settings({"KNOB item.get=locked"});
  const std::vector<CredentialSource> others{OpSource{"op://Work/Claude my-app/credential", {}, {}}};
  EXPECT_FALSE(await(store_->read_from(stored.source, others, client_)));
}

TEST_F(OpStoring, SearchCommand_FindsItem) {
  const std::string new_item = store_->search_command(operation, plan(request()).key);
  EXPECT_TRUE(new_item.starts_with("op item list --vault " + vault_id + " --tags operation=" + operation + account))
      << new_item;
  fake_.items(notes_item);
  const std::string existing = store_->search_command(operation, plan(into_item("claude", "work keys")).key);
  EXPECT_TRUE(existing.starts_with("op item get " + mine + " --vault " + vault_id + account)) << existing;
  EXPECT_EQ(existing.find("delete"), std::string::npos) << existing;
}

TEST_F(OpStoring, ChangedItem_NamesItem) {
  EXPECT_EQ(store_->changed_item(plan(request()).key), "");
  fake_.items(notes_item);
  EXPECT_EQ(store_->changed_item(plan(into_item("claude", "work keys")).key), "op://" + vault_id + "/" + mine);
  EXPECT_EQ(store_->changed_item(plan(into_item("new one")).key), "op://" + vault_id + "/" + mine);
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

TEST_F(OpStoring, PutBack_EmptyField_EmptiedAgain) {
  fake_.items(notes_item);
  const Place place = plan(into_item("Blank"));
  const auto stored = put(place);
  ASSERT_TRUE(stored);
  EXPECT_EQ(fake_.items().at(0).fields.at("blank").value, token_text);
  EXPECT_TRUE(await(store_->put_back(*stored, place.key, client_)));
  EXPECT_EQ(fake_.items().at(0).fields.at("blank").value, "");
  expect_untouched(fake_.items().at(0));
}

TEST_F(OpStoring, PutBack_NewFieldAndSection_Removed) {
  fake_.items(notes_item);
  const Place place = plan(into_item("Fresh", "New section"));
  const auto stored = put(place);
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(fake_.items().at(0).sections, (Lines{"Work keys", "New section"}));
  EXPECT_TRUE(await(store_->read_back(*stored, nullptr, client_))->same_as(token_));
  // After a crash nothing is in memory.
  const auto after_crash = op_store(op_, clock_);
  const auto found = await(after_crash->find_by_operation(operation, place.key, client_));
  ASSERT_TRUE(found && *found);
  EXPECT_TRUE(await(after_crash->put_back(**found, place.key, client_)));
  EXPECT_EQ(fake_.items().at(0).fields.size(), 5u);
  expect_untouched(fake_.items().at(0));
}

TEST_F(OpStoring, PutBack_FailedWrite_OldValueRestored) {
  fake_.items(notes_item);
  const Place place = plan(into_item("old"));
  fake_.settings({"KNOB item.edit@1=fail-before-output"});
  EXPECT_FALSE(put(place));
  const auto found = await(store_->find_by_operation(operation, place.key, client_));
  ASSERT_TRUE(found && *found);
  EXPECT_FALSE((*found)->created);
  ASSERT_TRUE((*found)->overwritten);
  EXPECT_TRUE(await(store_->put_back(**found, place.key, client_)));
  EXPECT_EQ(fake_.items().at(0).fields.at("old").value, "old value");
}

TEST_F(OpStoring, PutBack_OldValueUnknown_Refused) {
  fake_.items(notes_item);
  const Place place = plan(into_item("old"));
  ASSERT_TRUE(put(place));
  const auto after_crash = op_store(op_, clock_);
  const auto found = await(after_crash->find_by_operation(operation, place.key, client_));
  ASSERT_TRUE(found && *found);
  const auto refused = await(after_crash->put_back(**found, place.key, client_));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::not_ours);
  EXPECT_NE(refused.error().remedy.find("Item History"), std::string::npos);
}

TEST_F(OpStoring, PutBack_FieldChangedSince_Refused) {
  fake_.items(notes_item);
  const Place place = plan(into_item("old"));
  const auto stored = put(place);
  ASSERT_TRUE(stored);
  token_ = Secret::copy_of("somebody else's");
  ASSERT_TRUE(put(place));
  token_ = Secret::copy_of(token_text);
  EXPECT_EQ(await(store_->put_back(*stored, place.key, client_)).error().reason, Reason::not_ours);
  EXPECT_EQ(fake_.items().at(0).fields.at("old").value, "somebody else's");
}

TEST_F(OpStoring, PutIntoItem_EditIgnoredByOp_Fails) {
  fake_.items(notes_item);
  const Place place = plan(into_item("Blank"));
  fake_.settings({"KNOB item.edit=ignore-stdin"});
  EXPECT_EQ(put(place).error().reason, Reason::store_failed);
  expect_untouched(fake_.items().at(0));
}

TEST_F(OpStoring, PutIntoItem_UnsuitableItemOrField_Refused) {
  fake_.items(std::string(notes_item) +
              R"(,{"title":"Login","id":"log222222222222222222224aa","vault":"Work","category":"LOGIN"},
                {"title":"Old","id":"old222222222222222222224aa","vault":"Work","state":"ARCHIVED"},
                {"title":"Own","id":"own222222222222222222224aa","vault":"Work","category":"CUSTOM"})");
  for (const auto* id : {"log222222222222222222224aa", "old222222222222222222224aa", "own222222222222222222224aa",
                         "none22222222222222222224aa"}) {
    PlaceRequest wanted = request();
    wanted.item_name = id;
    const auto refused = await(store_->plan(wanted, client_));
    ASSERT_FALSE(refused) << id;
    EXPECT_EQ(refused.error().reason, Reason::invalid_argument) << id;
    EXPECT_NE(refused.error().remedy, "") << id;
  }
  EXPECT_EQ(await(store_->plan(into_item("shown"), client_)).error().reason, Reason::invalid_argument);
  for (const auto& line : fake_.lines()) EXPECT_FALSE(line.starts_with("item edit")) << line;
}

// --- availability, places --------------------------------------------------------------------------------------------

TEST_F(OpStoring, Availability_NeverPrompts) {
  const auto available = [&] { return test::await(io_, store_->availability(client_)); };
  fake_.settings({"SESSION=prompt:hang"});
  EXPECT_TRUE(available().usable);
  fake_.settings({"KNOB account.list=no-accounts"});
  EXPECT_FALSE(available().usable);
  EXPECT_NE(available().remedy, "");
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

// --- successors ------------------------------------------------------------------------------------------------------

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
  EXPECT_EQ(place.error().remedy, "jackinctl rotate my-app --role builder --vault Work");
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
