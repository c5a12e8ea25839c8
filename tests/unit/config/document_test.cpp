// Parsing, and the places that people are told.

#include "daemon/config/document.hpp"

#include <gtest/gtest.h>

namespace jackin::config {
namespace {

std::string error_of(std::string_view text) {
  const auto document = Document::parse(text, "x.toml");
  return document ? "" : document.error().message;
}

TEST(Document, CountsLinesAndCharactersAsPeopleDo) {
  EXPECT_TRUE(error_of("a = !\n").starts_with("x.toml:1:5: "));
  EXPECT_TRUE(error_of("# é 語 🦀\r\nü = \"é語🦀\" !\r\n").starts_with("x.toml:2:11: "))
      << error_of("# é 語 🦀\r\nü = \"é語🦀\" !\r\n");
  EXPECT_TRUE(error_of("\xef\xbb\xbf"
                       "a = !\n")
                  .starts_with("x.toml:1:5: "));
  EXPECT_TRUE(error_of("\ta = !\n").starts_with("x.toml:1:6: "));
}

TEST(Document, SaysWhereAValueAndAKeyStand) {
  const auto document = Document::parse("\xef\xbb\xbf# x\n  \"é\" = 1\n[t]\n", "x.toml");
  ASSERT_TRUE(document);
  const auto members = document->root().members();
  ASSERT_EQ(members.size(), 2U);
  EXPECT_EQ(members[1].place.line, 2U);
  EXPECT_EQ(members[1].place.column, 3U);
  EXPECT_EQ(members[1].value.place().column, 9U);
  EXPECT_EQ(members[0].value.place().line, 3U);
}

TEST(Document, ReadsTheTomlThatJackinWrites) {
  EXPECT_EQ(error_of("a = {\n  b = 1, # c\n  c = [ 1, ],\n}\nd = \"\\e \\x41\"\nt = 07:32\n"), "");
}

TEST(Document, NamesTheFileSafely) {
  const auto document = Document::parse("=", "evil\x1b[2J\n.toml");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().message.find('\x1b'), std::string::npos);
  EXPECT_EQ(document.error().message.find('\n'), std::string::npos);
}

TEST(Document, SurvivesWhatIsNestedBeyondSense) {
  EXPECT_NE(error_of("a" + std::string(400000, '.')), "");
  std::string dots = "a";
  for (int i = 0; i < 300000; ++i) dots += ".a";
  EXPECT_NE(error_of(dots + " = 1\n"), "");
  EXPECT_NE(error_of("[" + dots + "]\n"), "");
  EXPECT_NE(error_of("a = " + std::string(100000, '[')), "");
  std::string braces = "a = ";
  for (int i = 0; i < 100000; ++i) braces += "{a=";
  EXPECT_NE(error_of(braces), "");
  EXPECT_EQ(error_of("a = [" + std::string(2000, ' ') + "1.0, 2.0, 3.0]\nb.c.d.e = \"...\"\n"), "");
}

TEST(Node, TakesEqualDataForTheSameHoweverItIsWritten) {
  const auto a = Document::parse("x = { b = 1, a = [1.0, nan] }\n", "a");
  const auto b = Document::parse("[x]\na = [ 1.00, +nan ]\nb = 0x1\n", "b");
  const auto c = Document::parse("[x]\na = [ 1, nan ]\nb = 1\n", "c");
  ASSERT_TRUE(a && b && c);
  EXPECT_TRUE(Node::same(a->root(), b->root()));
  EXPECT_FALSE(Node::same(a->root(), c->root()));
  EXPECT_FALSE(Node::same(a->root(), Node()));
  EXPECT_TRUE(Node::same(Node(), Node()));
}

TEST(Node, IsHarmlessToAskWhenItIsNothing) {
  const Node nothing;
  EXPECT_FALSE(nothing);
  EXPECT_FALSE(nothing["a"]["b"]);
  EXPECT_TRUE(nothing.members().empty());
  EXPECT_TRUE(nothing.elements().empty());
  EXPECT_EQ(nothing.text(), "");
  EXPECT_FALSE(nothing.truth());
  EXPECT_EQ(nothing.place().line, 0U);
}

}  // namespace
}  // namespace jackin::config
