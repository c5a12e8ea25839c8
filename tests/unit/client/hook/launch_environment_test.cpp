// SPDX-License-Identifier: Apache-2.0
#include "client/hook/launch_environment.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/claude.hpp"

namespace jackin::client {
namespace {

std::vector<std::string> block_of(LaunchEnvironment& environment) {
  std::vector<std::string> all;
  for (char* const* entry = environment.entries(); *entry != nullptr; ++entry) all.emplace_back(*entry);
  return all;
}

class LaunchEnvironmentTest : public testing::Test {
 protected:
  std::vector<std::string> texts_{
      "PATH=/bin", "CLAUDE_CODE_OAUTH_TOKEN=inherited", "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR=9", "HOME=/h",
      "ODD",       "CLAUDE_CODE_OAUTH_TOKEN=twice"};
  std::vector<char*> inherited() {
    std::vector<char*> block;
    for (auto& text : texts_) block.push_back(text.data());
    block.push_back(nullptr);
    return block;
  }
};

TEST_F(LaunchEnvironmentTest, InheritedToken_Removed) {
  const auto inherited_block = inherited();
  LaunchEnvironment environment(inherited_block.data(), {});
  EXPECT_EQ(block_of(environment), (std::vector<std::string>{"PATH=/bin", "HOME=/h", "ODD"}));
}

TEST_F(LaunchEnvironmentTest, UnsetVariables_Removed) {
  const auto inherited_block = inherited();
  LaunchEnvironment environment(inherited_block.data(), {"HOME", "NOT_SET"});
  EXPECT_EQ(block_of(environment), (std::vector<std::string>{"PATH=/bin", "ODD"}));
}

TEST_F(LaunchEnvironmentTest, AddedToken_PresentOnce) {
  const auto inherited_block = inherited();
  LaunchEnvironment environment(inherited_block.data(), {});
  environment.add_secret(token_variable, Secret::copy_of("value"));
  environment.add("A", "b");
  const auto block = block_of(environment);
  EXPECT_EQ(std::count(block.begin(), block.end(), "CLAUDE_CODE_OAUTH_TOKEN=value"), 1);
  EXPECT_EQ(std::count(block.begin(), block.end(), "A=b"), 1);
  EXPECT_EQ(block.size(), 5U);
}

TEST(LaunchEnvironmentBlock, NoVariables_Empty) {
  LaunchEnvironment environment(nullptr, {});
  EXPECT_EQ(environment.entries()[0], nullptr);
}

}  // namespace
}  // namespace jackin::client
