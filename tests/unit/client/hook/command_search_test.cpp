// SPDX-License-Identifier: Apache-2.0
#include "client/hook/command_search.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/temp_dir.hpp"

namespace jackin::client {
namespace {

class CommandSearch : public testing::Test {
 protected:
  std::string make(const std::string& path, mode_t mode) {
    test::write_file(folder_ / path, "#!/bin/sh\n");
    chmod((folder_ / path).c_str(), mode);
    return (folder_ / path).string();
  }
  std::string in(const std::string& name) { return (folder_ / name).string(); }

  test::TempDir folder_;
};

TEST_F(CommandSearch, Path_FirstExecutable_Found) {
  make("a/tool", 0644);
  const std::string second = make("b/tool", 0755);
  make("c/tool", 0755);
  const auto found = find_command("tool", in("a") + ":" + in("missing") + ":" + in("b") + ":" + in("c"));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(*found, second);
}

TEST_F(CommandSearch, Path_Folder_Skipped) {
  std::filesystem::create_directories(folder_ / "a" / "tool");
  const std::string second = make("b/tool", 0755);
  EXPECT_EQ(find_command("tool", in("a") + ":" + in("b")).value_or(""), second);
}

TEST_F(CommandSearch, NotExecutable_DistinctFromMissing) {
  make("a/tool", 0644);
  EXPECT_EQ(find_command("tool", in("a")).error().reason, Reason::permission_denied);
  EXPECT_EQ(find_command("tool", in("b")).error().reason, Reason::program_missing);
  EXPECT_EQ(find_command(in("a/tool"), "").error().reason, Reason::permission_denied);
  EXPECT_EQ(find_command(in("a/other"), "").error().reason, Reason::program_missing);
  EXPECT_EQ(find_command("", in("a")).error().reason, Reason::program_missing);
}

TEST_F(CommandSearch, Path_RelativeEntries_Ignored) {
  make("tool", 0755);
  ASSERT_EQ(chdir(folder_.path().c_str()), 0);
  const auto found = find_command("tool", ":.:./:");
  ASSERT_EQ(chdir("/"), 0);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().reason, Reason::program_missing);
  EXPECT_NE(found.error().message.find("relative entries"), std::string::npos);
}

TEST_F(CommandSearch, NameWithSlash_UsedUnchanged) {
  const std::string tool = make("a/tool", 0755);
  EXPECT_EQ(find_command(tool, "").value_or(""), tool);
}

}  // namespace
}  // namespace jackin::client
