// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/op_rewrite.hpp"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "daemon/secrets/op_json.hpp"

namespace jackin::secrets {
namespace {

using nlohmann::json;

constexpr std::string_view head =
    R"({"id":"jgou2ypa4ceurm4fetya3kptau","vault":{"id":"gshlsjsajnawtnjynzgwmiebge"},"category":"API_CREDENTIAL",)";

OpDocument document(std::string_view rest) {
  std::string text = std::string(head) + std::string(rest);
  auto item = parse_op_item(text, "x");
  EXPECT_TRUE(item) << text;
  return {std::move(*item), Secret::copy_of(text)};
}

json parsed(const Result<Secret>& text) {
  EXPECT_TRUE(text);
  return json::parse(text->view());
}

constexpr std::string_view awkward_token = "sk-ant-oat01-\"\\x";

Secret token() {
  return Secret::copy_of(awkward_token);
}

// Spaces, escapes, braces in strings, unusual numbers and unknown keys must all stay.
constexpr std::string_view awkward = R"( "sections" : [ {"id":"s1","label":"a ] } \" b"} ],
  "fields" : [ {"id":"a","value":"} , ] \\"} ,
    { "id" : "b" , "value" : "old \"value\" \\" , "entropy" : 6.450e+1 },{"id":"c","section":{"id":"s1"},"x":[{"value":"no"}]}
  ], "unknown":{"fields":[{"value":"no"}],"value":"\u00e9"} }
)";

TEST(OpRewrite, WithFieldValue_OtherBytesKept) {
  const OpDocument before = document(awkward);
  const auto after = with_field_value(before, 1, token());
  ASSERT_TRUE(after);
  std::string expected(before.text.view());
  const std::string_view old = R"("old \"value\" \\")";
  expected.replace(expected.find(old), old.size(), R"("sk-ant-oat01-\"\\x")");
  EXPECT_EQ(after->view(), expected);
  EXPECT_EQ(op_field_value(after->view(), 1, "x")->view(), awkward_token);
}

TEST(OpRewrite, WithFieldValue_NoValue_Added) {
  const OpDocument before = document(awkward);
  const auto after = with_field_value(before, 2, token());
  json expected = json::parse(before.text.view());
  expected["fields"][2]["value"] = std::string(awkward_token);
  EXPECT_EQ(parsed(after), expected);
  EXPECT_EQ(parsed(with_field_value(document(R"("fields":[{}]})"), 0, token()))["fields"][0]["value"],
            std::string(awkward_token));
}

TEST(OpRewrite, WithFieldValue_ThereAndBack_Same) {
  const OpDocument before = document(awkward);
  const auto old = op_field_value(before.text.view(), 1, "x");
  auto changed = with_field_value(before, 1, token());
  ASSERT_TRUE(changed);
  const OpDocument between{before.item, std::move(*changed)};
  EXPECT_EQ(with_field_value(between, 1, *old)->view(), before.text.view());
}

TEST(OpRewrite, WithNewFieldAndWithoutField_Same) {
  const OpNewField field{"newid", "my \"label\"", "s2", "My section"};
  for (const std::string_view rest :
       {awkward, std::string_view(R"("fields":[]})"), std::string_view(R"("sections":null,"fields":[{"id":"a"}]})"),
        std::string_view(R"("sections":[],"fields":[{"id":"a"}]})")}) {
    const OpDocument before = document(rest);
    auto added = with_new_field(before, field, token());
    json expected = json::parse(before.text.view());
    if (!expected.contains("sections") || expected["sections"].is_null()) expected["sections"] = json::array();
    expected["sections"].push_back({{"id", "s2"}, {"label", "My section"}});
    expected["fields"].push_back({{"id", "newid"},
                                  {"section", {{"id", "s2"}}},
                                  {"type", "CONCEALED"},
                                  {"label", "my \"label\""},
                                  {"value", std::string(awkward_token)}});
    ASSERT_EQ(parsed(added), expected);

    auto item = parse_op_item(added->view(), "x");
    ASSERT_TRUE(item);
    const OpDocument between{std::move(*item), std::move(*added)};
    json original = json::parse(before.text.view());
    if (!original.contains("sections") || original["sections"].is_null()) original["sections"] = json::array();
    EXPECT_EQ(parsed(without_field(between, before.item.fields.size(), "s2")), original);
  }
}

TEST(OpRewrite, WithNewField_ExistingSection_Used) {
  const OpDocument before = document(awkward);
  const json after = parsed(with_new_field(before, {"newid", "label", "s1", ""}, token()));
  EXPECT_EQ(after["sections"].size(), 1u);
  EXPECT_EQ(after["fields"][3]["section"]["id"], "s1");
}

TEST(OpRewrite, WithoutField_First_Removed) {
  const json after = parsed(without_field(document(awkward), 0, ""));
  EXPECT_EQ(after["fields"].size(), 2u);
  EXPECT_EQ(after["fields"][0]["id"], "b");
}

TEST(OpRewrite, WithFieldValue_OtherText_Rejected) {
  OpDocument other = document(awkward);
  other.item.fields.pop_back();
  const auto refused = with_field_value(other, 0, token());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::program_failed);
  EXPECT_NE(refused.error().message.find("jgou2ypa4ceurm4fetya3kptau"), std::string::npos);
  EXPECT_EQ(refused.error().message.find("old"), std::string::npos);
  EXPECT_FALSE(with_field_value(document(awkward), 3, token()));
  // Only the parser recognises a key that is spelled with an escape.
  EXPECT_FALSE(with_field_value(document(R"("fields":[{"id":"a","\u0076alue":"x"}]})"), 0, token()));
}

TEST(OpRewrite, JsonString_Escaped) {
  Secret out;
  append_json_string(out, std::string_view("a\"\\\n\x01\x1f é", 9));
  EXPECT_EQ(json::parse(out.view()).get<std::string>(), std::string("a\"\\\n\x01\x1f é", 9));
}

TEST(OpTemplate, BuiltInField_ApiCredential) {
  OpNewItem item;
  item.title = "Claude \"x\"";
  item.tags = {"jackin", "workspace=a,b"};
  item.notes = "two\nlines";
  item.valid_from = parse_date("2026-11-23");
  item.expires = parse_date("2027-11-23");
  const json made = json::parse(op_template(item, token()).view());
  EXPECT_EQ(made["title"], item.title);
  EXPECT_EQ(made["category"], "API_CREDENTIAL");
  EXPECT_EQ(made["tags"], json(item.tags));
  std::map<std::string, json> fields;
  for (const auto& field : made["fields"]) fields[field["id"]] = field;
  EXPECT_EQ(fields.at("notesPlain")["value"], item.notes);
  EXPECT_EQ(fields.at("notesPlain")["purpose"], "NOTES");
  EXPECT_EQ(fields.at("credential")["value"], std::string(awkward_token));
  EXPECT_EQ(fields.at("credential")["type"], "CONCEALED");
  EXPECT_EQ(fields.at("validFrom")["value"], "2026-11-23");
  EXPECT_EQ(fields.at("expires")["value"], "2027-11-23");
}

TEST(OpTemplate, FieldOfItsOwn_TokenOnlyThere) {
  OpNewItem item;
  item.title = "Claude";
  item.field = OpNewField{"fid", "Token", "sid", "Section"};
  const json made = json::parse(op_template(item, token()).view());
  EXPECT_EQ(made["sections"], json::array({{{"id", "sid"}, {"label", "Section"}}}));
  EXPECT_FALSE(made["fields"][1].contains("value"));
  EXPECT_EQ(made["fields"][2]["section"]["id"], "sid");
  EXPECT_EQ(made["fields"][2]["value"], std::string(awkward_token));
  EXPECT_EQ(made["fields"].size(), 3u);
}

}  // namespace
}  // namespace jackin::secrets
