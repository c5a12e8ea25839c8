// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/error_text.hpp"

#include <gtest/gtest.h>

namespace jackin::client {
namespace {

const Error busy{Reason::busy, "setup runs on my-app since 10:03", Remedy::show_daemon()};

TEST(ErrorText, Text_Remedy_OnNextLine) {
  EXPECT_EQ(error_text(busy, Format::text, OutputStyle{}),
            "error: setup runs on my-app since 10:03\ntry: jackinctl daemon status\n");
}

TEST(ErrorText, Text_NoRemedy_OnlyError) {
  EXPECT_EQ(error_text({Reason::internal, "it broke", {}}, Format::text, OutputStyle{}), "error: it broke\n");
}

TEST(ErrorText, Json_OneObject) {
  EXPECT_EQ(
      error_text(busy, Format::json, OutputStyle{true}),
      R"({"error":{"reason":"busy","message":"setup runs on my-app since 10:03","remedy":"jackinctl daemon status"}})"
      "\n");
  EXPECT_EQ(error_text({Reason::timed_out, "too slow", {}}, Format::json, OutputStyle{}),
            "{\"error\":{\"reason\":\"timed_out\",\"message\":\"too slow\"}}\n");
}

TEST(ErrorText, Text_EscapeSequence_Removed) {
  EXPECT_EQ(error_text({Reason::internal, "a\x1b]0;title\a b", Remedy::check().noting("\x1b[31mx")}, Format::text,
                       OutputStyle{}),
            "error: a b\ntry: jackinctl doctor  # x\n");
}

TEST(ErrorText, Text_ColourOff_NoEscapeSequence) {
  EXPECT_NE(error_text(busy, Format::text, OutputStyle{true}).find("\x1b[31m"), std::string::npos);
  EXPECT_EQ(error_text(busy, Format::text, OutputStyle{false}).find('\x1b'), std::string::npos);
}

TEST(Json, EmptyText_LeftOut) {
  Json object;
  put_text(object, "empty", "");
  object["created"] = false;
  object["count"] = 0;
  put_text(object, "source", "x");
  EXPECT_EQ(as_line(object), "{\"created\":false,\"count\":0,\"source\":\"x\"}\n");
}

TEST(Json, InvalidUtf8_Replaced) {
  Json object;
  put_text(object, "source", "a\xff");
  EXPECT_EQ(as_line(object), "{\"source\":\"a\xef\xbf\xbd\"}\n");
}

TEST(OutputStyle, NoTerminal_NoColourAndUnicodeFromLocale) {
  EXPECT_FALSE(output_style_of(-1, Environment()).colour);
  EXPECT_FALSE(output_style_of(-1, Environment()).unicode);
  EXPECT_TRUE(output_style_of(-1, Environment(Environment::Variables{{"LANG", "de_DE.UTF-8"}})).unicode);
  EXPECT_FALSE(output_style_of(-1, Environment({{"LANG", "de_DE.UTF-8"}, {"LC_ALL", "C"}})).unicode);
  EXPECT_TRUE(output_style_of(-1, Environment({{"LANG", "C"}, {"LC_CTYPE", "C.utf8"}})).unicode);
}

}  // namespace
}  // namespace jackin::client
