// SPDX-License-Identifier: Apache-2.0
#include "common/remedy_command.hpp"
#include "tests/unit/secrets/op_store_fixture.hpp"

namespace jackin::secrets {
namespace {

using test::FakeOp;

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
  const std::string new_item = command_line(store_->finds(operation, plan(request()).key));
  EXPECT_TRUE(new_item.starts_with("op item list --vault " + vault_id + " --tags operation=" + operation + account))
      << new_item;
  fake_.items(notes_item);
  const std::string existing = command_line(store_->finds(operation, plan(into_item("claude", "work keys")).key));
  EXPECT_TRUE(existing.starts_with("op item get " + mine + " --vault " + vault_id + account)) << existing;
  EXPECT_EQ(existing.find("delete"), std::string::npos) << existing;
}

TEST_F(OpStoring, ChangedItem_NamesItem) {
  EXPECT_EQ(store_->changed_item(plan(request()).key), "");
  fake_.items(notes_item);
  EXPECT_EQ(store_->changed_item(plan(into_item("claude", "work keys")).key), "op://" + vault_id + "/" + mine);
  EXPECT_EQ(store_->changed_item(plan(into_item("new one")).key), "op://" + vault_id + "/" + mine);
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
  EXPECT_NE(command_line(refused.error().remedy).find("Item History"), std::string::npos);
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
    EXPECT_NE(command_line(refused.error().remedy), "") << id;
  }
  EXPECT_EQ(await(store_->plan(into_item("shown"), client_)).error().reason, Reason::invalid_argument);
  for (const auto& line : fake_.lines()) EXPECT_FALSE(line.starts_with("item edit")) << line;
}

}  // namespace
}  // namespace jackin::secrets
