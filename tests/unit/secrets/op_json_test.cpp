// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/op_json.hpp"

#include <gtest/gtest.h>

#include "daemon/secrets/op_reference.hpp"

namespace jackin::secrets {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::year;

// The output of op 2.x for an API credential, values replaced.
constexpr std::string_view recorded = R"({
  "id": "jgou2ypa4ceurm4fetya3kptau",
  "title": "Example API Credential",
  "tags": ["jackin", "operation=abc"],
  "version": 3,
  "vault": { "id": "gshlsjsajnawtnjynzgwmiebge", "name": "Test Data" },
  "category": "API_CREDENTIAL",
  "last_edited_by": "5GHHPJK5HZC5BAT7WDUXW57G44",
  "created_at": "2022-05-04T01:08:14Z",
  "updated_at": "2023-08-22T15:17:40.152167-07:00",
  "additional_information": "other",
  "sections": [{"id": "add more"}, {"id": "Section_abc", "label": "Mine"}],
  "fields": [
    {"id":"notesPlain","type":"STRING","purpose":"NOTES","label":"notesPlain","reference":"op://…/notesPlain"},
    {"id":"username","type":"STRING","label":"username","value":"U","reference":"op://…/username"},
    {"id":"credential","section":null,"type":"CONCEALED","label":"credential","value":"s\u0026cret \u00e9","reference":"op://…"},
    {"id":"validFrom","type":"DATE","label":"valid from","value":"1641038460","reference":"op://…/valid from"},
    {"id":"expires","type":"DATE","label":"läuft ab","value":"1656590460","reference":"op://…/expires"},
    {"id":"expires","section":{"id":"Section_abc","label":"Mine"},"type":"DATE","label":"expires","value":"0"},
    {"value":"first","id":"abc","section":{"id":"Section_abc","label":"Mine"},"type":"CONCEALED","label":"Token",
     "entropy":64.5,"totp":"123456","password_details":{"entropy":64,"generated":false,"strength":"GOOD"}}
  ]
})";

OpItem recorded_item() {
  auto item = parse_op_item(recorded, "the item");
  EXPECT_TRUE(item) << item.error().message;
  return std::move(*item);
}

TEST(OpJson, ParseItem_Recorded_NoValues) {
  const OpItem item = recorded_item();
  EXPECT_EQ(item.id, "jgou2ypa4ceurm4fetya3kptau");
  EXPECT_EQ(item.vault_id, "gshlsjsajnawtnjynzgwmiebge");
  EXPECT_EQ(item.vault_name, "Test Data");
  EXPECT_EQ(item.category, "API_CREDENTIAL");
  EXPECT_FALSE(item.archived);
  EXPECT_TRUE(item.has_tag("jackin"));
  EXPECT_FALSE(item.has_tag("operation"));
  ASSERT_EQ(item.fields.size(), 7u);
  EXPECT_FALSE(item.fields[0].has_value);
  EXPECT_EQ(item.fields[0].purpose, "NOTES");
  EXPECT_TRUE(item.fields[2].has_value);
  EXPECT_EQ(item.fields[2].section, "");
  EXPECT_EQ(item.fields[6].section, "Section_abc");
  EXPECT_EQ(item.fields[6].label, "Token");
  EXPECT_EQ(item.sections.size(), 2u);
}

TEST(OpJson, ParseItem_DatesAndTimes) {
  const OpItem item = recorded_item();
  EXPECT_EQ(item.expires, Date(year(2022) / 6 / 30));
  EXPECT_EQ(item.valid_from, Date(year(2022) / 1 / 1));
  EXPECT_EQ(item.updated_at, parse_moment("2023-08-22T22:17:40Z"));
  EXPECT_EQ(parse_op_date("-631108740"), Date(year(1950) / 1 / 1));
  EXPECT_EQ(parse_op_date("2027-01-01"), Date(year(2027) / 1 / 1));
  for (const auto* text : {"", "soon", "12a", "99999999999999", "1e9", "1656590460 "})
    EXPECT_FALSE(parse_op_date(text));
}

TEST(OpJson, FieldValue_OnlyRequestedOne) {
  EXPECT_EQ(op_field_value(recorded, 2, "x")->view(), "s&cret é");
  EXPECT_EQ(op_field_value(recorded, 6, "x")->view(), "first");
  EXPECT_TRUE(op_field_value(recorded, 0, "x")->empty());
  EXPECT_FALSE(op_field_value(recorded, 7, "x"));
}

TEST(OpJson, FindFields_IdBeforeLabel_WithinSection) {
  const OpItem item = recorded_item();
  using Positions = std::vector<std::size_t>;
  EXPECT_EQ(item.find_fields("credential", ""), Positions{2});
  EXPECT_EQ(item.find_fields("TOKEN", ""), Positions{6});
  EXPECT_EQ(item.find_fields("token", "mine"), Positions{6});
  EXPECT_EQ(item.find_fields("credential", "mine"), Positions{});
  EXPECT_EQ(item.find_fields("expires", ""), (Positions{4, 5}));
  EXPECT_EQ(item.find_fields("expires", "Section_abc"), Positions{5});
  EXPECT_EQ(item.find_sections("MINE"), Positions{1});
  EXPECT_EQ(item.find_sections("add more"), Positions{0});
}

TEST(OpJson, ParseItem_ConcealedPlaceholder_Detected) {
  auto item = parse_op_item(R"({"id":"jgou2ypa4ceurm4fetya3kptau","vault":{"id":"gshlsjsajnawtnjynzgwmiebge"},
      "category":"LOGIN","fields":[{"id":"password","type":"CONCEALED",
      "value":"[use 'op item get jgou2ypa4ceurm4fetya3kptau --reveal' to reveal]"}]})",
                            "x");
  ASSERT_TRUE(item);
  EXPECT_TRUE(item->fields[0].concealed_by_op);
}

TEST(OpJson, ParseItemsAndVaults_Lists) {
  const auto items = parse_op_items(R"([{"id":"jgou2ypa4ceurm4fetya3kptau","title":"…","tags":["a"],"favorite":true,
      "version":4,"vault":{"id":"gshlsjsajnawtnjynzgwmiebge","name":"Test Data"},"category":"API_CREDENTIAL",
      "last_edited_by":"X","created_at":"2022-05-04T01:08:14Z","updated_at":"2022-05-04T01:09:50Z",
      "additional_information":"other","urls":[{"label":"website","primary":true,"href":"…"}]},
      {"id":"aaaa2ypa4ceurm4fetya3kptau","vault":{"id":"gshlsjsajnawtnjynzgwmiebge"},"category":"CUSTOM","state":"ARCHIVED"}])",
                                    "x");
  ASSERT_TRUE(items);
  ASSERT_EQ(items->size(), 2u);
  EXPECT_TRUE((*items)[0].has_tag("a"));
  EXPECT_TRUE((*items)[1].archived);
  EXPECT_TRUE(parse_op_items("[]\n", "x")->empty());

  const auto accounts = parse_op_accounts(
      R"([{"url":"my.1password.com","email":"w@example.com","user_uuid":"U","account_uuid":"A","shorthand":"my"}])",
      "x");
  ASSERT_TRUE(accounts);
  EXPECT_EQ((*accounts)[0].id, "A");
  EXPECT_EQ((*accounts)[0].shorthand, "my");
  EXPECT_TRUE(parse_op_accounts("[]", "x")->empty());

  const auto vaults = parse_op_vaults(
      R"([{"id":"gshlsjsajnawtnjynzgwmiebge","name":"Test","content_version":3,"created_at":"2022-05-04T01:08:14Z","items":4}])",
      "x");
  ASSERT_TRUE(vaults);
  EXPECT_EQ((*vaults)[0].name, "Test");
}

TEST(OpJson, ParseIdentity_EveryForm) {
  const auto user = parse_op_identity(
      R"({"url":"https://example-account.1password.com/","email":"e","user_uuid":"U","account_uuid":"A"})", "x");
  ASSERT_TRUE(user);
  EXPECT_EQ(user->account_id, "A");
  EXPECT_FALSE(user->service_account);
  EXPECT_TRUE(parse_op_identity(R"({"URL":"https://x","ServiceAccountType":"SERVICE_ACCOUNT"})", "x")->service_account);
  EXPECT_TRUE(parse_op_identity(R"({"url":"https://x","account_uuid":"A","user_type":"SERVICE_ACCOUNT"})", "x")
                  ->service_account);
}

TEST(OpJson, Parse_Malformed_RejectedWithoutQuoting) {
  const std::string whole(recorded);
  const auto broken = [&](std::string_view from, std::string_view to) {
    std::string text = whole;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  const std::vector<std::string> bad{"",
                                     "null",
                                     "[]",
                                     "\"secret\"",
                                     "<html>secret</html>",
                                     whole.substr(0, 1200),
                                     broken("\"id\": \"jgou", "\"id\": \"../jgou"),
                                     broken("\"vault\": {", "\"v\": {"),
                                     broken("2022-05-04T01:08:14Z", "yesterday"),
                                     whole + "x"};
  for (const auto& text : bad) {
    const auto item = parse_op_item(text, "the item abc");
    ASSERT_FALSE(item) << text;
    EXPECT_EQ(item.error().reason, Reason::program_failed);
    EXPECT_NE(item.error().message.find("the item abc"), std::string::npos);
    EXPECT_EQ(item.error().message.find("secret"), std::string::npos);
    EXPECT_EQ(item.error().message.find("cret"), std::string::npos);
  }
  for (const auto* text : {"", "{}", "[{}]", "[1]", "[[]]", "{\"id\":1}", "[{\"id\":\"x\"}]"}) {
    EXPECT_FALSE(parse_op_items(text, "x")) << text;
    EXPECT_FALSE(parse_op_vaults(text, "x")) << text;
    EXPECT_FALSE(parse_op_accounts(text, "x")) << text;
    EXPECT_FALSE(parse_op_identity(text, "x")) << text;
  }
}

TEST(OpReferences, ParseReference_RoundTrip) {
  const auto plain = parse_op_reference("op://Personal/My Item/credential");
  ASSERT_TRUE(plain);
  EXPECT_EQ(*plain, (OpReference{"Personal", "My Item", "", "credential", ""}));
  EXPECT_EQ(plain->str(), "op://Personal/My Item/credential");
  const auto whole = parse_op_reference("op://v/i/s/f?attribute=otp");
  ASSERT_TRUE(whole);
  EXPECT_EQ(*whole, (OpReference{"v", "i", "s", "f", "attribute=otp"}));
  EXPECT_EQ(whole->str(), "op://v/i/s/f?attribute=otp");
  for (const auto* text :
       {"", "op://", "op://v/i", "op://v//f", "op://v/i/s/f/x", "v/i/f", "op:///i/f", "op://v/i/f/"}) {
    EXPECT_FALSE(parse_op_reference(text)) << text;
  }
}

TEST(OpReferences, NewId_FormatOf1Password) {
  std::string last;
  for (int i = 0; i < 50; ++i) {
    const std::string id = new_op_id();
    ASSERT_EQ(id.size(), 26u);
    EXPECT_EQ(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567"), std::string::npos);
    // 128 bits leave two bits for the last character.
    EXPECT_NE(std::string_view("aeimquy4").find(id.back()), std::string_view::npos) << id;
    EXPECT_TRUE(is_op_id(id));
    EXPECT_NE(id, last);
    last = id;
  }
  EXPECT_FALSE(is_op_id("ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
  EXPECT_FALSE(is_op_id("Claude"));
}

}  // namespace
}  // namespace jackin::secrets
