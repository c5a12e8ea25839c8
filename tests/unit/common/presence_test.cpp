// SPDX-License-Identifier: Apache-2.0
// Distinguishes paths that certainly do not exist from paths that cannot be seen now.

#include "common/presence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/remedy_command.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Presence : testing::Test {
  test::TempDir folder;

  // Returns "there", "absent", or the error's message.
  std::string look(const fs::path& path) const {
    const auto there = is_there(path);
    if (there) return *there ? "there" : "absent";
    EXPECT_THAT(command_line(there.error().remedy), testing::StartsWith("ls -ld "));
    return there.error().message;
  }
};

TEST_F(Presence, NotListedInFolder_Absent) {
  test::write_file(folder / "a/file", "");
  EXPECT_EQ(look(folder / "a/file"), "there");
  EXPECT_EQ(look(folder / "a"), "there");
  EXPECT_EQ(look(folder / "a/other"), "absent");
  EXPECT_EQ(look(folder / "none/of/these"), "absent");
  EXPECT_EQ(look(folder / ("a/" + std::string(300, 'x'))), "absent");
}

TEST_F(Presence, Link_Followed) {
  test::write_file(folder / "target/file", "");
  fs::create_directory_symlink("target", folder / "link");
  EXPECT_EQ(look(folder / "link/file"), "there");
  EXPECT_EQ(look(folder / "link/other"), "absent");
}

TEST_F(Presence, DanglingLink_NotAbsent) {
  fs::create_symlink("/mnt/away/file", folder / "link");
  EXPECT_EQ(look(folder / "link"), (folder / "link").string() + " is a link to /mnt/away/file, which does not exist");
  EXPECT_THAT(look(folder / "link/below/it"), HasSubstr("/link is a link to /mnt/away/file, which does not exist"));
}

TEST_F(Presence, LinkLoop_NotAbsent) {
  fs::create_symlink("two", folder / "one");
  fs::create_symlink("one", folder / "two");
  EXPECT_THAT(look(folder / "one"), HasSubstr("/one is a link to two: "));
  EXPECT_THAT(look(folder / "one/below"), HasSubstr("/one/below: "));
}

TEST_F(Presence, BelowAFile_Absent) {
  test::write_file(folder / "file", "");
  EXPECT_EQ(look(folder / "file/below"), "absent");
  EXPECT_EQ(look(folder / "file/below/it"), "absent");
}

TEST_F(Presence, WorkspaceFiles_UnreadableOnesIncluded) {
  test::write_file(folder / "zeta.toml", "");
  test::write_file(folder / "alpha.toml", "");
  test::write_file(folder / "ze\u200bta.toml", "");
  test::write_file(folder / "notes.txt", "");
  fs::create_directory(folder / "folder.toml");
  fs::create_symlink("/mnt/away/b.toml", folder / "dangling.toml");
  fs::create_symlink("loop.toml", folder / "loop.toml");
  EXPECT_THAT(workspace_files(folder.path())->names, ElementsAre("alpha", "dangling", "folder", "loop", "zeta"));
  EXPECT_THAT(workspace_files(folder.path())->refused, ElementsAre("ze\u200bta"));
  EXPECT_THAT(workspace_files(folder / "none")->names, IsEmpty());
  EXPECT_FALSE(workspace_files(folder / "dangling.toml"));
  EXPECT_FALSE(workspace_files(folder / "alpha.toml"));
}

}  // namespace
}  // namespace jackin
