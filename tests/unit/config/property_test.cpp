// SPDX-License-Identifier: Apache-2.0
// Random documents and edits: the result has the wanted slot and the rest is unchanged. The test prints the seed;
// JACKIN_SEED=<seed> runs one again.

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "daemon/config/document.hpp"
#include "daemon/config/layout.hpp"
#include "tests/unit/config/sources.hpp"
#include "tests/unit/config/unchanged.hpp"

namespace jackin::config {
namespace {

using test::op_source;

// A document assembled from pieces. Most are valid TOML; the test skips the others.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::string document() {
    newline_ = chance(4) ? "\r\n" : "\n";
    std::vector<std::string> root;
    std::vector<std::string> sections;
    for (int i = below(3); i > 0; --i) root.push_back(line(key("k" + std::to_string(i)) + equals() + value(2)));
    place("", root, sections);
    roles(root, sections);
    for (int i = below(3); i > 0; --i) sections.push_back(other_section(i));
    std::shuffle(root.begin(), root.end(), random_);
    std::shuffle(sections.begin(), sections.end(), random_);
    std::string text = chance(8) ? "\xef\xbb\xbf" : "";
    for (const auto& piece : root) text += filling() + piece;
    for (const auto& piece : sections) text += filling() + piece;
    text += filling();
    if (chance(4) && text.ends_with(newline_)) text.resize(text.size() - newline_.size());
    return text;
  }

  AuthKeys wanted() {
    switch (below(6)) {
      case 0:
        return AuthKeys::canonical(op_source("p" + std::to_string(below(3))));
      case 1:
        return AuthKeys::canonical(test::literal_source(test::example_token()));
      case 2:
        return AuthKeys::older_pair(op_source());
      case 3:
        return AuthKeys::older_pair(secrets::ClientEnvSource{"T" + std::to_string(below(3))});
      case 4:
        return AuthKeys::canonical(secrets::CommandSource{{"/bin/x", "#", "}", "\""}});
      default:
        return AuthKeys::revoked();
    }
  }

  std::string role() { return std::vector<std::string>{"", "a", "b-2", "team/c"}[static_cast<std::size_t>(below(4))]; }

 private:
  int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }
  bool chance(int in) { return below(in) == 0; }
  std::string one_of(std::initializer_list<const char*> all) {
    return all.begin()[below(static_cast<int>(all.size()))];
  }

  std::string blanks() { return one_of({"", "", "", " ", "  ", "\t"}); }
  std::string equals() { return one_of({" = ", "=", "\t=\t", " =", "= "}); }
  std::string comment() {
    return one_of({"# x", "#", "# [claude]", "# oauth = \"", "# }, ]", "# é語", "# auth = 'sync'"});
  }
  std::string line(const std::string& content) {
    return blanks() + content + (chance(4) ? " " + comment() : blanks()) + newline_;
  }
  std::string filling() {
    std::string text;
    for (int i = below(3); i > 0; --i) text += blanks() + (chance(2) ? comment() : "") + newline_;
    return text;
  }
  std::string key(const std::string& name) {
    const bool bare = name.find('/') == std::string::npos;
    switch (below(bare ? 4 : 2)) {
      case 0:
        return "\"" + name + "\"";
      case 1:
        return "'" + name + "'";
      default:
        return name;
    }
  }
  std::string dotted(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : one_of({".", ".", " . ", ". "})) + key(name);
    return text;
  }
  std::string value(int depth) {
    switch (below(depth > 0 ? 10 : 6)) {
      case 0:
        return "1";
      case 1:
        return "\"a # , } ] \\\" \"";
      case 2:
        return "'lit \\'";
      case 3:
        return "1979-05-27 07:32:00";
      case 4:
        return "\"\"\"" + newline_ + "[claude]" + newline_ + "\"x\"\"\"\"";
      case 5:
        return "'''[env]" + newline_ + "'' '''";
      case 6:
        return "[" + value(depth - 1) + ", " + comment() + newline_ + value(depth - 1) + blanks() + "]";
      case 7:
        return "[[], {}, " + table({{"z", value(depth - 1)}}) + "]";
      case 8:
        return table({{"claude", value(depth - 1)}, {"y", value(depth - 1)}});
      default:
        return table({});
    }
  }
  std::string slot_value() {
    return one_of(
        {"{ op = \"op://v/i/f\", account = \"a\" }", "{env='T'}", "\"sk-ant-oat01-x\"", "{ command = [\"}\", '#'] }"});
  }
  std::string mode() { return one_of({"\"sync\"", "'ignore'", "\"oauth_token\"", "\"api\\u005fkey\""}); }
  std::string env_value() {
    return one_of({"\"$T\"", "{ op = \"op://v/i/f\" }", "{ value = 'x', on_demand = true }", "'plain'"});
  }

  using Entries = std::vector<std::pair<std::string, std::string>>;

  Entries claude_entries() {
    Entries entries;
    if (chance(2)) entries.emplace_back("auth_forward", mode());
    if (chance(3)) entries.emplace_back("oauth_token", slot_value());
    if (chance(2)) entries.emplace_back("sync_source_dir", "\"/x\"");
    if (chance(4)) entries.emplace_back("later", value(1));
    std::shuffle(entries.begin(), entries.end(), random_);
    return entries;
  }
  Entries env_entries() {
    Entries entries;
    if (chance(2)) entries.emplace_back("CLAUDE_CODE_OAUTH_TOKEN", env_value());
    if (chance(2)) entries.emplace_back("A", "\"1\"");
    if (chance(3)) entries.emplace_back("B", "{ value = \"2\", on_demand = true }");
    std::shuffle(entries.begin(), entries.end(), random_);
    return entries;
  }

  // An inline table, on one line or on several.
  std::string table(const Entries& entries) {
    const bool over_lines = chance(2);
    std::string text = "{";
    for (std::size_t i = 0; i < entries.size(); ++i) {
      text += over_lines ? (chance(3) ? " " + comment() : "") + newline_ + "  " + blanks() : " ";
      text += key(entries[i].first) + equals() + entries[i].second;
      const bool last = i + 1 == entries.size();
      if (!last || chance(3)) text += blanks() + ",";
    }
    if (over_lines) text += (chance(3) ? " " + comment() : "") + newline_ + blanks();
    return text + (over_lines ? "}" : " }");
  }

  // Puts [claude] and [env] of one layer into the document, each in a random form.
  void place(const std::string& role, std::vector<std::string>& root, std::vector<std::string>& sections) {
    std::vector<std::string> base;
    if (!role.empty()) base = {"roles", role};
    for (const std::string name : {"claude", "env"}) {
      const Entries entries = name == "claude" ? claude_entries() : env_entries();
      std::vector<std::string> path = base;
      path.push_back(name);
      switch (below(5)) {
        case 0: {
          std::string section = line("[" + blanks() + dotted(path) + blanks() + "]");
          for (const auto& [entry, text] : entries) section += filling() + line(key(entry) + equals() + text);
          sections.push_back(section);
          break;
        }
        case 1:
          root.push_back(line(dotted(path) + equals() + table(entries)));
          break;
        case 2:
          for (const auto& [entry, text] : entries) {
            std::vector<std::string> full = path;
            full.push_back(entry);
            root.push_back(line(dotted(full) + equals() + text));
          }
          break;
        case 3: {
          path.emplace_back("child");
          sections.push_back(line("[" + dotted(path) + "]") + line("x = 1"));
          break;
        }
        default:
          break;
      }
    }
  }

  void roles(std::vector<std::string>& root, std::vector<std::string>& sections) {
    if (chance(4)) {
      Entries all;
      for (const std::string name : {"a", "team/c"}) {
        all.emplace_back(name, chance(2) ? table({{"claude", table(claude_entries())}})
                                         : table({{"env", table(env_entries())}, {"x", "1"}}));
      }
      root.push_back(line(key("roles") + equals() + table(all)));
      return;
    }
    if (chance(3)) sections.push_back(line("[roles]"));
    for (const std::string name : {"a", "b-2", "team/c"}) {
      if (chance(3)) sections.push_back(line("[" + dotted({"roles", name}) + "]") + line("x = 1"));
      if (chance(4)) sections.push_back(line("[[" + dotted({"roles", name, "list"}) + "]]") + line("x = 1"));
      place(name, chance(3) ? root : sections_root_, sections);
      sections_root_.clear();
    }
  }

  std::string other_section(int number) {
    const std::string name = "other" + std::to_string(number);
    if (chance(3)) return line("[[" + key(name) + "]]") + line("claude" + equals() + value(1));
    return line("[" + dotted({name, "claude"}) + "]") + filling() + line("auth_forward = \"not ours\"");
  }

  std::mt19937_64 random_;
  std::string newline_ = "\n";
  std::vector<std::string> sections_root_;
};

std::uint64_t first_seed() {
  if (const char* given = std::getenv("JACKIN_SEED")) return std::strtoull(given, nullptr, 10);
  return std::random_device{}();
}

// JACKIN_DOCUMENTS requests more documents than a test run has time for.
int documents_to_try() {
  const char* given = std::getenv("JACKIN_DOCUMENTS");
  return given != nullptr ? static_cast<int>(std::strtol(given, nullptr, 10)) : 400;
}

TEST(EditProperty, RandomDocument_OnlyWantedChange) {
  const bool one = std::getenv("JACKIN_SEED") != nullptr;
  const std::uint64_t first = first_seed();
  std::cout << "first seed " << first << "\n";
  int documents = 0;
  int tried = 0;
  for (; tried < (one ? 1 : documents_to_try()) && !testing::Test::HasFailure(); ++tried) {
    const std::uint64_t seed = first + static_cast<std::uint64_t>(tried);
    Generator generator(seed);
    std::string text = generator.document();
    if (!Document::parse(text, "x")) continue;
    ++documents;
    ASSERT_TRUE(scan(text)) << "JACKIN_SEED=" << seed << "\n" << text;
    for (int step = 0; step < 5; ++step) {
      const std::string role = generator.role();
      const AuthKeys wanted = generator.wanted();
      const auto result = edited(text, "x", {role}, wanted);
      ASSERT_TRUE(result) << "JACKIN_SEED=" << seed << " step " << step << " role '" << role << "'\n"
                          << result.error().message << "\n"
                          << text;
      const std::string after(result->view());
      const auto keys = test::keys_in(after, role);
      ASSERT_TRUE(keys && *keys == wanted) << "JACKIN_SEED=" << seed << "\n" << after;
      ASSERT_EQ(test::what_else_changed(text, after, role), "")
          << "JACKIN_SEED=" << seed << " step " << step << " role '" << role << "'\nbefore:\n"
          << text << "\nafter:\n"
          << after;
      text = after;
    }
  }
  if (!one) {
    EXPECT_GT(documents, tried / 4);
  }
}

}  // namespace
}  // namespace jackin::config
