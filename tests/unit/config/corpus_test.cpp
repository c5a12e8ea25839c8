// SPDX-License-Identifier: Apache-2.0
// Unusual files, each with its token set, changed, revoked and set again, at the top and for roles. The result has the
// wanted slot, and every byte that does not belong to it is unchanged.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "common/remedy_command.hpp"
#include "daemon/config/contents.hpp"
#include "daemon/config/document.hpp"
#include "daemon/config/writer.hpp"
#include "tests/support/sandbox.hpp"
#include "tests/unit/config/sources.hpp"
#include "tests/unit/config/unchanged.hpp"

namespace jackin::config {
namespace {

namespace fs = std::filesystem;
using test::op_source;

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string test_name(const testing::TestParamInfo<fs::path>& info) {
  return info.param.stem().string();
}

class Corpus : public testing::TestWithParam<fs::path> {
 protected:
  // One edit, checked in every way that does not depend on the place of the edit.
  std::string step(const std::string& text, const AuthKeys& wanted, const std::string& role) {
    const auto result = edited(text, "file", {role}, wanted);
    if (!result) {
      ADD_FAILURE() << result.error().message << "\n" << text;
      return text;
    }
    const std::string after(result->view());
    const auto keys = test::keys_in(after, role);
    EXPECT_TRUE(keys && *keys == wanted) << after;
    EXPECT_EQ(test::what_else_changed(text, after, role), "") << "before:\n" << text << "\nafter:\n" << after;
    return after;
  }
};

TEST_P(Corpus, SetChangeRevokeSetAgain_RestUnchanged) {
  const std::string original = test::read_file(GetParam());
  for (const std::string role : {"", "agent-smith", "team/reviewer", "new-role"}) {
    SCOPED_TRACE("role '" + role + "'");
    const auto before = test::keys_in(original, role);
    ASSERT_TRUE(before);
    const AuthKeys slot = AuthKeys::canonical(op_source("i1"));
    const std::string set = step(original, slot, role);
    const std::string changed = step(set, AuthKeys::canonical(op_source("i2")), role);
    const std::string revoked = step(changed, AuthKeys::revoked(), role);
    const std::string again = step(revoked, slot, role);
    EXPECT_EQ(again, set);
    const std::string pair = step(again, AuthKeys::older_pair(op_source("i2")), role);
    const std::string plain = step(pair, AuthKeys::canonical(test::literal_source(test::example_token())), role);
    step(plain, *before, role);
    step(original, AuthKeys::revoked(), role);
    step(original, AuthKeys::older_pair(secrets::ClientEnvSource{"T"}), role);
  }
}

TEST_P(Corpus, EditsOfLayers_Independent) {
  const std::string original = test::read_file(GetParam());
  const AuthKeys first = AuthKeys::canonical(op_source("first"));
  const AuthKeys second = AuthKeys::canonical(op_source("second"));
  std::string text = step(original, first, "agent-smith");
  text = step(text, second, "");
  text = step(text, first, "team/reviewer");
  EXPECT_EQ(test::keys_in(text, "agent-smith"), first);
  EXPECT_EQ(test::keys_in(text, ""), second);
  EXPECT_EQ(test::keys_in(text, "team/reviewer"), first);
  text = step(text, AuthKeys::revoked(), "agent-smith");
  EXPECT_EQ(test::keys_in(text, ""), second);
  EXPECT_EQ(test::keys_in(text, "team/reviewer"), first);
}

INSTANTIATE_TEST_SUITE_P(Files, Corpus, testing::ValuesIn(files_in(JACKIN_CORPUS)), test_name);

TEST(CorpusFolder, Corpus_HasAtLeastSixtyFiles) {
  EXPECT_GE(files_in(JACKIN_CORPUS).size(), 60U);
}

class BrokenCorpus : public testing::TestWithParam<fs::path> {};

TEST_P(BrokenCorpus, Broken_ErrorNamesPlaceAndFileUntouched) {
  const test::Sandbox sandbox;
  const std::string text = test::read_file(GetParam());
  test::write_file(sandbox.workspace_file("broken"), text);
  test::write_file(sandbox.workspace_file("fine"), "workdir = \"/a\"\n");
  const Scope scope = *Scope::workspace("broken");
  ConfigurationOnDisk configuration(sandbox.paths);

  const auto effective = configuration.effective(scope);
  ASSERT_FALSE(effective);
  EXPECT_EQ(effective.error().reason, Reason::config_invalid);
  const std::string said = effective.error().message + command_line(effective.error().remedy);
  EXPECT_TRUE(std::regex_search(
      said,
      std::regex(
          R"(^syntax error in ~/.config/jackin/workspaces/broken\.toml, line [1-9][0-9]*, column [1-9][0-9]*: )")))
      << said;
  EXPECT_FALSE(test::shows_token(said, test::example_token())) << said;
  EXPECT_EQ(said.find("sk-ant"), std::string::npos) << said;

  const auto written = write_slot(sandbox.paths, {scope, AuthKeys::canonical(op_source()), {}, {}});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().reason, Reason::config_invalid);
  EXPECT_FALSE(
      test::shows_token(written.error().message + command_line(written.error().remedy), test::example_token()));
  EXPECT_EQ(test::read_file(sandbox.workspace_file("broken")), text);

  const auto scopes = configuration.scopes();
  ASSERT_TRUE(scopes);
  ASSERT_EQ(scopes->size(), 3U);
  EXPECT_TRUE((*scopes)[1].error);
  EXPECT_FALSE((*scopes)[2].error);
}

INSTANTIATE_TEST_SUITE_P(Files, BrokenCorpus, testing::ValuesIn(files_in(JACKIN_CORPUS "/broken")), test_name);

}  // namespace
}  // namespace jackin::config
