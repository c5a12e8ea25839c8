// SPDX-License-Identifier: Apache-2.0
// The places of keys and values in a text, compared with the parser on the whole corpus.

#include "daemon/config/layout.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "daemon/config/document.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::config {
namespace {

namespace fs = std::filesystem;

std::string at(std::string_view text, Span span) {
  return std::string(text.substr(span.begin, span.end - span.begin));
}

TEST(Layout, Scan_PlacesOfKeysValuesAndLines) {
  const std::string_view text =
      "\xef\xbb\xbf  a . \"b c\" = [ 1, # ]\n 2 ] # x\r\n[ t . 'u' ]\n[[ v ]] #\ny = 1979-05-27 07:32:00 # z";
  const auto layout = scan(text);
  ASSERT_TRUE(layout);
  ASSERT_EQ(layout->statements.size(), 4U);
  const auto& pair = layout->statements[0];
  EXPECT_EQ(pair.kind, Statement::Kind::pair);
  EXPECT_EQ(pair.key[1].name, "b c");
  EXPECT_EQ(at(text, pair.key[1].span), "\"b c\"");
  EXPECT_EQ(at(text, pair.value), "[ 1, # ]\n 2 ]");
  EXPECT_EQ(pair.lines.begin, 3U);
  EXPECT_TRUE(at(text, pair.lines).ends_with("# x\r\n"));
  EXPECT_EQ(layout->statements[1].kind, Statement::Kind::table);
  EXPECT_EQ(layout->statements[1].key[1].name, "u");
  EXPECT_EQ(layout->statements[2].kind, Statement::Kind::array_of_tables);
  EXPECT_EQ(at(text, layout->statements[3].value), "1979-05-27 07:32:00");
  EXPECT_EQ(layout->statements[3].lines.end, text.size());
}

TEST(Layout, Scan_PlacesOfCommasAndBraces) {
  const std::string_view text = "t = { a = '},', b = { c = [{}] } # ,\n , }";
  const auto layout = scan(text);
  ASSERT_TRUE(layout);
  const auto& table = layout->statements.front().table;
  ASSERT_TRUE(table);
  EXPECT_EQ(text[table->open], '{');
  EXPECT_EQ(table->close, text.size() - 1);
  ASSERT_EQ(table->entries.size(), 2U);
  EXPECT_EQ(at(text, table->entries[0].value), "'},'");
  EXPECT_EQ(table->entries[0].comma, text.find(", b"));
  EXPECT_EQ(table->entries[1].comma, text.rfind(','));
  ASSERT_TRUE(table->entries[1].table);
  EXPECT_EQ(at(text, table->entries[1].table->entries[0].value), "[{}]");
}

TEST(Layout, Scan_EscapedNames_Decoded) {
  const auto layout = scan("\"\\u00e9\\x41\\U0001F980\\t\\\"\" = 1\n");
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->statements.front().key.front().name, "éA🦀\t\"");
}

TEST(Layout, Scan_Malformed_Nothing) {
  for (const std::string_view text : {"a", "a =", "= 1", "[a", "[[a]", "a = {", "a = [", "a = \"", "a = '''",
                                      "a = 1\rb = 2", "\"a = 1", "a = {,}", "\"\\u00\" = 1", "a = \"\\"}) {
    EXPECT_FALSE(scan(text)) << text;
  }
}

// The path of every leaf; inline tables are entered, arrays are not.
void leaves(Node node, const std::string& path, std::multiset<std::string>& found) {
  if (!node.is(Node::Kind::table)) {
    found.insert(path);
    return;
  }
  for (const auto& member : node.members()) leaves(member.value, path + "\x1f" + member.key, found);
}

std::string joined(const std::string& path, const Key& key) {
  std::string text = path;
  for (const auto& part : key) text += "\x1f" + part.name;
  return text;
}

void leaves(const InlineTable& table, const std::string& path, std::multiset<std::string>& found) {
  for (const auto& entry : table.entries) {
    const std::string name = joined(path, entry.key);
    if (entry.table) {
      leaves(*entry.table, name, found);
    } else {
      found.insert(name);
    }
  }
}

TEST(Layout, Scan_SameKeysAsParser) {
  int files = 0;
  for (const auto& entry : fs::directory_iterator(JACKIN_CORPUS)) {
    if (!entry.is_regular_file()) continue;
    ++files;
    const std::string text = test::read_file(entry.path());
    const auto document = Document::parse(text, "file");
    const auto layout = scan(text);
    ASSERT_TRUE(document && layout) << entry.path();
    std::multiset<std::string> parsed;
    leaves(document->root(), "", parsed);
    std::multiset<std::string> scanned;
    std::string section;
    bool in_array = false;
    std::set<std::string> arrays;
    for (const auto& statement : layout->statements) {
      if (statement.kind == Statement::Kind::pair) {
        if (in_array) continue;
        const std::string name = joined(section, statement.key);
        if (statement.table) {
          leaves(*statement.table, name, scanned);
        } else {
          scanned.insert(name);
        }
        continue;
      }
      section = joined("", statement.key);
      in_array = statement.kind == Statement::Kind::array_of_tables;
      for (const auto& array : arrays) in_array = in_array || (section + "\x1f").starts_with(array + "\x1f");
      // For the parser an array of tables is one leaf.
      if (in_array && arrays.insert(joined("", statement.key)).second) {
        bool below = false;
        for (const auto& array : arrays) below = below || (section != array && section.starts_with(array + "\x1f"));
        if (!below) scanned.insert(section);
      }
    }
    EXPECT_EQ(scanned, parsed) << entry.path();
  }
  EXPECT_GE(files, 60);
}

}  // namespace
}  // namespace jackin::config
