// SPDX-License-Identifier: Apache-2.0
#include "common/remedy_json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "common/scope.hpp"
#include "tests/unit/common/remedy_examples.hpp"

namespace jackin {
namespace {

using nlohmann::json;

Remedy read_back(const Remedy& remedy) {
  return remedy_from_json(json::parse(to_json(remedy).dump()));
}

TEST(RemedyJson, EveryAction_RoundTrip) {
  for (const Remedy& remedy : test::all_remedies()) EXPECT_EQ(read_back(remedy), remedy) << to_json(remedy).dump();
  for (int i = 0; i <= last_request_option; ++i) {
    const Remedy remedy = Remedy::change_option(static_cast<RequestOption>(i), {"a", "b"});
    EXPECT_EQ(read_back(remedy), remedy);
  }
  for (int i = 0; i <= last_path_access; ++i) {
    const Remedy remedy = Remedy::set_access("/x", static_cast<PathAccess>(i));
    EXPECT_EQ(read_back(remedy), remedy);
  }
}

TEST(RemedyJson, NotUtf8_RoundTrip) {
  Remedy remedy = Remedy::inspect({"/caf\xe9", "\xff"});
  remedy.scope = RemedyScope{"caf\xe9", ""};
  EXPECT_EQ(read_back(remedy), remedy);
}

TEST(RemedyJson, EmptyFields_NotWritten) {
  EXPECT_EQ(to_json(Remedy::rotate(*Scope::workspace("a")).noting("or so")).dump(),
            R"({"action":"rotate","note":"or so","scope":{"role":"","workspace":"a"}})");
  EXPECT_TRUE(to_json(Remedy()).is_null());
}

TEST(RemedyJson, TextOfOlderVersion_Note) {
  EXPECT_EQ(remedy_from_json(json("jackinctl doctor  # later")), Remedy::only_note("jackinctl doctor  # later"));
  EXPECT_EQ(remedy_from_json(json("# when it is deleted there")), Remedy::only_note("when it is deleted there"));
  EXPECT_TRUE(remedy_from_json(json("")).empty());
}

TEST(RemedyJson, Unknown_NoteRemains) {
  EXPECT_EQ(remedy_from_json(json::parse(R"({"action":"dance","note":"or sing","paths":["/x"]})")),
            Remedy::only_note("or sing"));
  for (const char* text : {"null", "7", "[]", "{}", R"({"action":7})"}) {
    EXPECT_TRUE(remedy_from_json(json::parse(text)).empty()) << text;
  }
  const Remedy odd = remedy_from_json(json::parse(
      R"({"action":"check","line":-1,"pids":["x",5],"paths":7,"scope":"a","access":"x","option":3,"then_restart":"y"})"));
  Remedy expected = Remedy::check();
  expected.pids = {5};
  EXPECT_EQ(odd, expected);
}

}  // namespace
}  // namespace jackin
