// SPDX-License-Identifier: Apache-2.0
// Parsing, and the places in error messages.

#include "daemon/config/document.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "common/remedy_command.hpp"
#include "daemon/config/edit.hpp"
#include "daemon/config/layout.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::config {
namespace {

std::string error_of(std::string_view text) {
  const auto document = Document::parse(text, "x.toml");
  return document ? "" : document.error().message;
}

TEST(Document, Place_CountsLinesAndCharacters) {
  EXPECT_TRUE(error_of("a = !\n").starts_with("syntax error in x.toml, line 1, column 5: "));
  EXPECT_TRUE(
      error_of("# é 語 🦀\r\nü = \"é語🦀\" !\r\n").starts_with("syntax error in x.toml, line 2, column 11: "))
      << error_of("# é 語 🦀\r\nü = \"é語🦀\" !\r\n");
  EXPECT_TRUE(error_of("\xef\xbb\xbf"
                       "a = !\n")
                  .starts_with("syntax error in x.toml, line 1, column 5: "));
  EXPECT_TRUE(error_of("\ta = !\n").starts_with("syntax error in x.toml, line 1, column 6: "));
}

TEST(Document, SyntaxError_CommonMistakes_NamedInPlainWords) {
  const auto problem = [](std::string_view text) {
    const std::string error = error_of(text);
    return error.substr(error.rfind(": ") + 2);
  };
  EXPECT_EQ(problem("a = \"b\nc = 1\n"), "string is not closed");
  EXPECT_EQ(problem("a = 'b\r\nc = 1\n"), "string is not closed");
  EXPECT_EQ(problem("a = \"b"), "string is not closed");
  EXPECT_EQ(problem("a = 'b"), "string is not closed");
  EXPECT_EQ(problem("a = \"\"\"b\n"), "string is not closed");
  EXPECT_EQ(problem("a = \"b\x01\"\n"), "string has a control character");
  EXPECT_EQ(problem("a = \"\\q\"\n"), "string has an unknown escape sequence");
  EXPECT_EQ(problem("a = [1,\n"), "array is not closed");
  EXPECT_EQ(problem("a = [1 2]\n"), "array is not closed, or a comma is missing");
  EXPECT_EQ(problem("a = { b = 1"), "inline table is not closed");
  EXPECT_EQ(problem("[a\n"), "table header is not closed");
  EXPECT_EQ(problem("a = 1\na = 2\n"), "key or table is defined twice");
  EXPECT_EQ(problem("a b\n"), "'=' is missing after the key");
  EXPECT_EQ(problem("a = 1 b\n"), "unexpected text after the value");
  EXPECT_EQ(problem("a = yes\n"), "value is no string, number, boolean, array or table");
}

TEST(Document, SyntaxError_PathGiven_NamesPathAndOpensFile) {
  const auto document = Document::parse("a = \"b\n", "workspaces/x.toml", "~/config/workspaces/x.toml");
  ASSERT_FALSE(document);
  EXPECT_TRUE(document.error().message.starts_with("syntax error in ~/config/workspaces/x.toml, line 1, column "));
  EXPECT_EQ(command_line(document.error().remedy),
            "${EDITOR:-vi} +1 \"${JACKIN_CONFIG_DIR:-$HOME/.config/jackin}\"/workspaces/x.toml");
}

TEST(Document, Place_OfValueAndKey) {
  const auto document = Document::parse("\xef\xbb\xbf# x\n  \"é\" = 1\n[t]\n", "x.toml");
  ASSERT_TRUE(document);
  const auto members = document->root().members();
  ASSERT_EQ(members.size(), 2U);
  EXPECT_EQ(members[1].place.line, 2U);
  EXPECT_EQ(members[1].place.column, 3U);
  EXPECT_EQ(members[1].value.place().column, 9U);
  EXPECT_EQ(members[0].value.place().line, 3U);
}

TEST(Document, Parse_TomlOfJackin_Accepted) {
  EXPECT_EQ(error_of("a = {\n  b = 1, # c\n  c = [ 1, ],\n}\nd = \"\\e \\x41\"\nt = 07:32\n"), "");
}

TEST(Document, Parse_AnyCharacter_Accepted) {
  for (const std::string character : {"\u00a0", "\u00a1", "é", "ǝ", "ʎ", "ї", "\u0499", "\u1680", "語", "\u2003",
                                      "\u2028", "\u3000", "ﬀ", "\ufeff", "\uffff", "🦀", "\U0010ffff"}) {
    for (const std::string& text : {character + " = 1\n", "a" + character + " = 1\n", "a = " + character + "\n",
                                    "a = 1" + character + "\n", "[" + character + "]\n", "[a]" + character + "\n",
                                    "a = [" + character + "]\n", "a = { " + character + " }\n"}) {
      const std::string error = error_of(text);
      EXPECT_TRUE(error.empty() || error.starts_with("syntax error in x.toml, line 1, ")) << text << error;
    }
    EXPECT_EQ(error_of("a = \"" + character + "\" # " + character + "\n"), "") << character;
  }
}

TEST(Document, Error_FileName_Printable) {
  const auto document = Document::parse("=", "evil\x1b[2J\n.toml");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().message.find('\x1b'), std::string::npos);
  EXPECT_EQ(document.error().message.find('\n'), std::string::npos);
}

TEST(Document, Parse_DeepNesting_Rejected) {
  EXPECT_NE(error_of("a" + std::string(400000, '.')), "");
  std::string dots = "a";
  for (int i = 0; i < 300000; ++i) dots += ".a";
  EXPECT_NE(error_of(dots + " = 1\n"), "");
  EXPECT_NE(error_of("[" + dots + "]\n"), "");
  EXPECT_NE(error_of("a = " + std::string(100000, '[')), "");
  std::string braces = "a = ";
  for (int i = 0; i < 100000; ++i) braces += "{a=";
  EXPECT_NE(error_of(braces), "");
  std::string tables;
  for (int i = 0; i < 50; ++i) tables += "{ x = 1, y" + dots.substr(0, 800) + " = ";
  EXPECT_NE(error_of("a = " + tables + "1" + std::string(50, '}') + "\n"), "");
  // Dots in text for users are no keys.
  const std::string ellipsis(2000, '.');
  EXPECT_EQ(error_of("a = 1 # " + ellipsis + "\n# " + ellipsis), "");
  EXPECT_EQ(error_of("a = \"\\\"" + ellipsis + "\"\nb = '" + ellipsis + "'\n"), "");
  EXPECT_EQ(error_of("a = \"\"\"\n\"" + ellipsis + "\n\\\"\"\"\"\"\"\nb = '''" + ellipsis + "\n#'''\n"), "");
  EXPECT_NE(error_of("x = { a = \"\"\"b\"\"\"\", " + dots.substr(0, 2000) + " = 1 }\n"), "");
  EXPECT_EQ(error_of("a = [" + std::string(2000, ' ') + "1.0, 2.0, 3.0]\nb.c.d.e = \"...\"\n"), "");
}

TEST(Document, Parse_DamagedText_NoCrash) {
  const char* given = std::getenv("JACKIN_SEED");
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::cout << "seed " << seed << "\n";
  std::mt19937_64 random(seed);
  const auto below = [&](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
  };
  std::vector<std::string> texts;
  for (const auto& entry : std::filesystem::directory_iterator(JACKIN_CORPUS)) {
    if (entry.is_regular_file()) texts.push_back(test::read_file(entry.path()));
  }
  std::sort(texts.begin(), texts.end());
  constexpr std::string_view marks = "[]{}=.,\"'\\#\n\r\t !-+_:019eTuxn";
  int good = 0;
  for (int i = 0; i < 4000; ++i) {
    std::string text = texts[below(texts.size())];
    for (std::size_t damage = below(3) + 1; damage > 0 && !text.empty(); --damage) {
      const std::size_t at = below(text.size());
      switch (below(4)) {
        case 0:
          text.erase(at, below(8) + 1);
          break;
        case 1:
          text.insert(at, 1, marks[below(marks.size())]);
          break;
        case 2:
          text[at] = static_cast<char>(below(256));
          break;
        default:
          text.insert(at, text.substr(below(text.size()), below(20)));
      }
    }
    // The scanner accepts what the parser accepts, or nothing is edited.
    if (const auto document = Document::parse(text, "x.toml")) {
      ++good;
      EXPECT_TRUE(scan(text)) << text;
      const auto result = edited(text, "x.toml", {}, AuthKeys::revoked());
      EXPECT_TRUE(result || result.error().reason == Reason::config_invalid) << text << result.error().message;
    }
  }
  EXPECT_GT(good, 100);
}

TEST(Node, Same_EqualDataInOtherSpelling_True) {
  const auto a = Document::parse("x = { b = 1, a = [1.0, nan] }\n", "a");
  const auto b = Document::parse("[x]\na = [ 1.00, +nan ]\nb = 0x1\n", "b");
  const auto c = Document::parse("[x]\na = [ 1, nan ]\nb = 1\n", "c");
  ASSERT_TRUE(a && b && c);
  EXPECT_TRUE(Node::same(a->root(), b->root()));
  EXPECT_FALSE(Node::same(a->root(), c->root()));
  EXPECT_FALSE(Node::same(a->root(), Node()));
  EXPECT_TRUE(Node::same(Node(), Node()));
}

TEST(Node, Empty_EveryCallSafe) {
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
