// SPDX-License-Identifier: Apache-2.0
#include "client/core/place_walk.hpp"
#include "proto/enum_conversion.hpp"

#include <gtest/gtest.h>

namespace jackin::client {
namespace {

const std::string item_id = "mine22222222222222222224aa";

v1::ListStoresReply stores() {
  v1::ListStoresReply reply;
  v1::Store& op = *reply.add_stores();
  op.set_kind(v1::SOURCE_KIND_OP);
  op.set_name("1Password");
  op.set_available(true);
  v1::Store& file = *reply.add_stores();
  file.set_kind(v1::SOURCE_KIND_FILE);
  file.set_name("file");
  file.set_available(true);
  file.set_is_default(true);
  v1::Store& keychain = *reply.add_stores();
  keychain.set_kind(v1::SOURCE_KIND_KEYCHAIN);
  keychain.set_message("not on this system");
  return reply;
}

v1::OpAccountsReply accounts(const std::vector<std::string>& ids) {
  v1::OpAccountsReply reply;
  for (const std::string& id : ids) reply.add_accounts()->set_id(id);
  return reply;
}

v1::OpVaultsReply vaults() {
  v1::OpVaultsReply reply;
  reply.add_vaults()->set_id("own");
  v1::OpVault& work = *reply.add_vaults();
  work.set_id("work");
  work.set_is_default(true);
  return reply;
}

v1::OpItemsReply items() {
  v1::OpItemsReply reply;
  v1::OpItemEntry& notes = *reply.add_items();
  notes.set_id(item_id);
  notes.set_title("Notes");
  notes.set_usable(true);
  v1::OpItemEntry& login = *reply.add_items();
  login.set_id("login2222222222222222222224");
  login.set_reason("a login");
  return reply;
}

// Notes: a section with a field that has a value, and a field that cannot hold a token.
v1::OpItemReply notes() {
  v1::OpItemReply reply;
  reply.mutable_item()->set_title("Notes");
  v1::OpSection& section = *reply.add_sections();
  section.set_id("sec");
  section.set_label("Work keys");
  v1::OpField& old = *reply.add_fields();
  old.set_id("old");
  old.set_section("sec");
  old.set_label("Claude");
  old.set_has_value(true);
  old.set_usable(true);
  v1::OpField& plain = *reply.add_fields();
  plain.set_id("notesPlain");
  plain.set_label("notesPlain");
  plain.set_reason("not concealed");
  return reply;
}

v1::StorePlace op_place(const std::string& account = {}, const std::string& vault = {}, const std::string& item = {}) {
  v1::StorePlace place;
  place.set_store(v1::SOURCE_KIND_OP);
  place.set_op_account(account);
  place.set_vault(vault);
  place.set_item_name(item);
  return place;
}

template <typename Query>
bool wants(const PlaceWalk& walk) {
  const auto* const query = std::get_if<PlaceQuery>(&walk.current());
  return query != nullptr && std::holds_alternative<Query>(*query);
}

bool is_chosen(const PlaceWalk& walk) {
  return std::holds_alternative<PlaceChosen>(walk.current());
}

PlaceChoice choice_of(const PlaceWalk& walk) {
  const auto* const choice = std::get_if<PlaceChoice>(&walk.current());
  EXPECT_NE(choice, nullptr);
  return choice != nullptr ? *choice : PlaceChoice{};
}

PlaceName name_of(const PlaceWalk& walk) {
  const auto* const name = std::get_if<PlaceName>(&walk.current());
  EXPECT_NE(name, nullptr);
  return name != nullptr ? *name : PlaceName{};
}

std::string chosen(const PlaceWalk& walk) {
  const v1::StorePlace& place = walk.place();
  return word_of_proto(place.store()) + "|" + place.op_account() + "|" + place.vault() + "|" + place.item_name() + "|" +
         place.section() + "|" + place.field();
}

// A walk that has reached the sections of the item Notes.
PlaceWalk in_notes() {
  PlaceWalk walk(op_place("A", "work"));
  EXPECT_TRUE(walk.take(items()));
  EXPECT_TRUE(walk.choose(0));
  EXPECT_TRUE(walk.take(notes()));
  return walk;
}

TEST(PlaceWalk, Begin_StoresListed) {
  PlaceWalk walk({});
  EXPECT_TRUE(wants<v1::ListStoresRequest>(walk));
  ASSERT_TRUE(walk.take(stores()));
  const PlaceChoice choice = choice_of(walk);
  EXPECT_EQ(choice.part, PlacePart::store);
  EXPECT_EQ(choice.preset, 1U);
  EXPECT_EQ(choice.options.at(2).reason, "not on this system");
  EXPECT_FALSE(walk.choose(2)) << "it cannot be used";
  EXPECT_FALSE(walk.choose(9));
  EXPECT_TRUE(walk.choose(1));
  EXPECT_TRUE(is_chosen(walk));
  EXPECT_EQ(chosen(walk), "file|||||");
}

TEST(PlaceWalk, NoUsableStore_Error) {
  PlaceWalk walk({});
  const auto taken = walk.take(v1::ListStoresReply());
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().reason, Reason::store_unavailable);
}

TEST(PlaceWalk, AnswerToOtherQuery_Rejected) {
  PlaceWalk walk({});
  EXPECT_FALSE(walk.take(vaults()));
  EXPECT_TRUE(wants<v1::ListStoresRequest>(walk));
}

TEST(PlaceWalk, Account_AskedOnlyIfSeveral) {
  PlaceWalk one(op_place());
  EXPECT_TRUE(wants<v1::OpAccountsRequest>(one));
  ASSERT_TRUE(one.take(accounts({"A"})));
  EXPECT_TRUE(wants<v1::OpVaultsRequest>(one));
  EXPECT_EQ(one.place().op_account(), "A");

  PlaceWalk several(op_place());
  ASSERT_TRUE(several.take(accounts({"A", "B"})));
  EXPECT_EQ(choice_of(several).part, PlacePart::account);
  EXPECT_TRUE(several.choose(1));
  EXPECT_EQ(several.place().op_account(), "B");

  PlaceWalk service(op_place());
  v1::OpAccountsReply reply;
  reply.set_service_account(true);
  ASSERT_TRUE(service.take(reply));
  EXPECT_TRUE(wants<v1::OpVaultsRequest>(service));
  EXPECT_EQ(service.place().op_account(), "");
}

TEST(PlaceWalk, Choice_PassedToNextQuery) {
  PlaceWalk walk(op_place("A"));
  ASSERT_TRUE(walk.take(vaults()));
  EXPECT_EQ(choice_of(walk).preset, 1U);
  EXPECT_TRUE(walk.choose(1));
  ASSERT_TRUE(wants<v1::OpItemsRequest>(walk));
  const auto& query = std::get<v1::OpItemsRequest>(std::get<PlaceQuery>(walk.current()));
  EXPECT_EQ(query.account(), "A");
  EXPECT_EQ(query.vault(), "work");
}

TEST(PlaceWalk, NewItem_PartsNamed) {
  PlaceWalk walk(op_place("A", "work"));
  ASSERT_TRUE(walk.take(items()));
  const PlaceChoice choice = choice_of(walk);
  EXPECT_EQ(choice.options.back().kind, PlaceOption::Kind::create);
  EXPECT_EQ(choice.preset, choice.options.size() - 1);
  EXPECT_TRUE(walk.choose(choice.options.size() - 1));
  EXPECT_EQ(name_of(walk).preset, "Claude");
  EXPECT_EQ(walk.name("Mine"), NameProblem::none);
  EXPECT_TRUE(name_of(walk).may_be_empty);
  EXPECT_EQ(walk.name(""), NameProblem::none);
  EXPECT_EQ(name_of(walk).preset, "credential");
  EXPECT_EQ(walk.name("token"), NameProblem::none);
  EXPECT_TRUE(is_chosen(walk));
  EXPECT_EQ(chosen(walk), "op|A|work|Mine||token");
}

TEST(PlaceWalk, NewItem_Defaults) {
  PlaceWalk walk(op_place("A", "work"));
  ASSERT_TRUE(walk.take(v1::OpItemsReply()));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(walk.name(""), NameProblem::none);
  EXPECT_TRUE(is_chosen(walk));
  EXPECT_EQ(chosen(walk), "op|A|work|Claude||");
}

TEST(PlaceWalk, GivenItem_TitleIsNewIdIsExisting) {
  EXPECT_EQ(name_of(PlaceWalk(op_place("A", "work", "Mine"))).part, PlacePart::section);
  EXPECT_TRUE(wants<v1::OpItemRequest>(PlaceWalk(op_place("A", "work", item_id))));
}

TEST(PlaceWalk, ExistingField_Chosen) {
  PlaceWalk walk = in_notes();
  const PlaceChoice sections = choice_of(walk);
  EXPECT_EQ(sections.item_title, "Notes");
  EXPECT_EQ(sections.options.front().kind, PlaceOption::Kind::no_section);
  EXPECT_TRUE(walk.choose(1));
  EXPECT_TRUE(choice_of(walk).options.front().has_value);
  EXPECT_TRUE(walk.choose(0));
  EXPECT_TRUE(is_chosen(walk));
  EXPECT_EQ(chosen(walk), "op|A|work|" + item_id + "|sec|old");
}

TEST(PlaceWalk, NewField_TakenNameRejected) {
  PlaceWalk walk = in_notes();
  EXPECT_TRUE(walk.choose(0));
  EXPECT_FALSE(walk.choose(0)) << "notesPlain is not concealed";
  EXPECT_TRUE(walk.choose(1));
  // 1Password would find "Claude" in the section.
  EXPECT_EQ(walk.name("claude"), NameProblem::taken);
  EXPECT_EQ(walk.name(""), NameProblem::none);
  EXPECT_EQ(chosen(walk), "op|A|work|" + item_id + "||credential");
}

TEST(PlaceWalk, NewSection_NewFieldNamed) {
  PlaceWalk walk = in_notes();
  EXPECT_TRUE(walk.choose(2));
  EXPECT_EQ(walk.name("WORK KEYS"), NameProblem::taken);
  EXPECT_EQ(walk.name(""), NameProblem::empty);
  EXPECT_EQ(walk.name("Other"), NameProblem::none);
  EXPECT_EQ(walk.name("Claude"), NameProblem::none) << "in a new section no name is taken";
  EXPECT_EQ(chosen(walk), "op|A|work|" + item_id + "|Other|Claude");
}

TEST(PlaceWalk, Back_LastAnswerUndone) {
  PlaceWalk walk = in_notes();
  EXPECT_TRUE(walk.choose(2));
  EXPECT_EQ(walk.name("Other"), NameProblem::none);
  EXPECT_TRUE(walk.back());
  EXPECT_EQ(name_of(walk).part, PlacePart::section);
  EXPECT_EQ(walk.place().section(), "");
  EXPECT_TRUE(walk.back());
  EXPECT_EQ(choice_of(walk).part, PlacePart::section);
  EXPECT_TRUE(walk.back());
  EXPECT_EQ(choice_of(walk).part, PlacePart::item);
  EXPECT_EQ(walk.place().item_name(), "");
  EXPECT_FALSE(walk.back());
}

}  // namespace
}  // namespace jackin::client
