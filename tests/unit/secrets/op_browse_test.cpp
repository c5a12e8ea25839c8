// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/op_browse.hpp"

#include <gtest/gtest.h>

#include "tests/fakes/op/fake_op.hpp"
#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"

namespace jackin::secrets {
namespace {

using test::FakeOp;
using Lines = std::vector<std::string>;

const std::string work_vault(FakeOp::work_id);
const std::string account_id(FakeOp::account_id);
const std::string note_id = "mine22222222222222222224aa";

constexpr std::string_view items_there = R"(
  {"title":"Zoo","id":"login2222222222222222224aa","vault":"Work","category":"LOGIN","fields":[]},
  {"title":"Notes","id":"mine22222222222222222224aa","vault":"Work","category":"SECURE_NOTE",
   "sections":[{"id":"sec","label":"Work keys"}],"fields":[
    {"id":"notesPlain","type":"STRING","purpose":"NOTES","label":"notesPlain","value":"sk-ant-oat01-never"},
    {"id":"old","section":{"id":"sec","label":"Work keys"},"type":"CONCEALED","label":"Claude","value":"sk-ant-old"},
    {"id":"blank","type":"CONCEALED","label":"Blank"},
    {"id":"no/id","type":"CONCEALED","label":"Odd"}]},
  {"title":"Api","id":"apix22222222222222222224aa","vault":"Work","fields":[]},
  {"title":"Gone","id":"gone22222222222222222224aa","vault":"Work","state":"ARCHIVED","fields":[]},
  {"title":"Elsewhere","id":"else22222222222222222224aa","vault":"Personal","fields":[]})";

class OpBrowsing : public testing::Test {
 protected:
  asio::io_context io_;
  std::unique_ptr<Clock> real_clock_ = system_clock(io_.get_executor());
  std::unique_ptr<ProgramRunner> programs_ = system_program_runner(io_.get_executor(), *real_clock_);
  test::FakeClock clock_;
  FakeOp fake_;
  OpCli op_{*programs_, clock_};
  OpBrowse browse_{op_};
  Environment client_ = fake_.environment();

  template <typename T>
  Result<T> await(Task<T> task) {
    return test::await(io_, std::move(task));
  }
};

TEST_F(OpBrowsing, Accounts_Listed) {
  const auto one = await(browse_.accounts(client_));
  ASSERT_TRUE(one) << one.error().message;
  ASSERT_EQ(one->accounts.size(), 1u);
  EXPECT_EQ(one->accounts[0].id, account_id);
  EXPECT_EQ(one->accounts[0].name, "wendy@example.com at my.1password.com");
  EXPECT_TRUE(one->accounts[0].is_default);
  EXPECT_FALSE(one->service_account);
}

TEST_F(OpBrowsing, Accounts_EnvironmentChooses_Marked) {
  fake_.world(R"({"accounts":[{"url":"a.1password.com","email":"a@x"},{"url":"b.1password.com","email":"b@x"}],
    "vaults":[]})");
  const auto none = await(browse_.accounts(client_));
  ASSERT_TRUE(none) << none.error().message;
  EXPECT_FALSE(none->accounts[0].is_default);
  EXPECT_FALSE(none->accounts[1].is_default);
  client_.set("OP_ACCOUNT", "b.1password.com");
  const auto chosen = await(browse_.accounts(client_));
  ASSERT_TRUE(chosen) << chosen.error().message;
  EXPECT_FALSE(chosen->accounts[0].is_default);
  EXPECT_TRUE(chosen->accounts[1].is_default);
}

TEST_F(OpBrowsing, Accounts_ServiceAccount_None) {
  client_.set("OP_SERVICE_ACCOUNT_TOKEN", "ops_x");
  const auto choices = await(browse_.accounts(client_));
  ASSERT_TRUE(choices) << choices.error().message;
  EXPECT_TRUE(choices->service_account);
  EXPECT_TRUE(choices->accounts.empty());
}

TEST_F(OpBrowsing, Accounts_NoneKnown_Remedy) {
  fake_.world(R"({"accounts":[],"vaults":[]})");
  const auto choices = await(browse_.accounts(client_));
  ASSERT_FALSE(choices);
  EXPECT_EQ(choices.error().reason, Reason::store_unavailable);
  EXPECT_FALSE(choices.error().remedy.empty());
}

TEST_F(OpBrowsing, Vaults_Listed_OwnMarked) {
  const auto vaults = await(browse_.vaults(client_, account_id));
  ASSERT_TRUE(vaults) << vaults.error().message;
  ASSERT_EQ(vaults->size(), 2u);
  EXPECT_EQ((*vaults)[0].name, "Personal");
  EXPECT_TRUE((*vaults)[0].is_default);
  EXPECT_EQ((*vaults)[1].id, work_vault);
  EXPECT_FALSE((*vaults)[1].is_default);
}

TEST_F(OpBrowsing, Vaults_NotSignedIn_Remedy) {
  fake_.settings({"SESSION=closed"});
  const auto vaults = await(browse_.vaults(client_, {}));
  ASSERT_FALSE(vaults);
  EXPECT_EQ(vaults.error().reason, Reason::store_unavailable);
  EXPECT_FALSE(vaults.error().remedy.empty());
}

TEST_F(OpBrowsing, Vaults_None_Unavailable) {
  fake_.settings({"KNOB vault.list=vault-missing"});
  const auto vaults = await(browse_.vaults(client_, {}));
  ASSERT_FALSE(vaults);
  EXPECT_EQ(vaults.error().reason, Reason::store_unavailable);
}

TEST_F(OpBrowsing, Items_SuitableOnesFirst) {
  fake_.items(items_there);
  const auto found = await(browse_.items(client_, account_id, "work"));
  ASSERT_TRUE(found) << found.error().message;
  Lines titles;
  for (const auto& item : *found) titles.push_back(item.title + (item.usable ? "" : ": " + item.reason));
  EXPECT_EQ(titles, (Lines{"Api", "Notes", "Zoo: a login: its passkey would be lost"}));
  EXPECT_EQ((*found)[1].id, note_id);
  EXPECT_EQ((*found)[1].category, "SECURE_NOTE");
}

TEST_F(OpBrowsing, Items_EmptyVault_None) {
  const auto found = await(browse_.items(client_, {}, work_vault));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(found->empty());
}

TEST_F(OpBrowsing, Item_SectionsAndFields_NoValues) {
  fake_.items(items_there);
  const auto contents = await(browse_.item(client_, account_id, work_vault, note_id));
  ASSERT_TRUE(contents) << contents.error().message;
  EXPECT_EQ(contents->item.title, "Notes");
  ASSERT_EQ(contents->sections.size(), 1u);
  EXPECT_EQ(contents->sections[0].label, "Work keys");
  Lines fields;
  for (const auto& field : contents->fields) {
    fields.push_back(field.section + "/" + field.label + (field.has_value ? "!" : "") +
                     (field.usable ? "" : ": " + field.reason));
    EXPECT_EQ((field.id + field.label + field.reason).find("sk-ant"), std::string::npos);
  }
  EXPECT_EQ(fields,
            (Lines{"sec/Claude!", "/Blank", "/notesPlain!: not concealed", "/Odd: cannot be named in a reference"}));
}

TEST_F(OpBrowsing, Item_Missing_InvalidArgument) {
  for (const char* id : {"none22222222222222222224aa", "Notes"}) {
    const auto contents = await(browse_.item(client_, account_id, work_vault, id));
    ASSERT_FALSE(contents) << id;
    EXPECT_EQ(contents.error().reason, Reason::invalid_argument) << id;
  }
}

TEST_F(OpBrowsing, Items_AccountAndVaultById) {
  fake_.items(items_there);
  ASSERT_TRUE(await(browse_.items(client_, "my.1password.com", work_vault)));
  EXPECT_EQ(fake_.lines(),
            (Lines{"--version", "account list --format json",
                   "item list --vault " + work_vault + " --format json --cache=false --account " + account_id}));
}

}  // namespace
}  // namespace jackin::secrets
