// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/remedy_command.hpp"
#include "daemon/process/program_runner.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin {
namespace {

namespace fs = std::filesystem;

class LocateProgramTest : public testing::Test {
 protected:
  // A folder that contains a program.
  fs::path folder(std::string_view name, mode_t mode = 0755) {
    const fs::path path = folder_ / name;
    test::write_file(path / "claude", "#!/bin/sh\n");
    chmod((path / "claude").c_str(), 0755);
    chmod(path.c_str(), mode);
    return path;
  }

  static std::string why_not(std::string_view name, const std::string& search_path) {
    const auto found = locate_program(name, search_path);
    if (found) return "found " + found->path.string();
    EXPECT_EQ(found.error().reason, Reason::program_missing);
    return found.error().message;
  }

  test::TempDir folder_;
};

TEST_F(LocateProgramTest, SeveralOnPath_FirstFound) {
  const auto first = folder("first");
  const auto second = folder("second");
  const auto found = locate_program("claude", "/nonexistent:" + first.string() + ":" + second.string());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->path, first / "claude");
}

TEST_F(LocateProgramTest, NotExecutable_Skipped) {
  const auto plain = folder("plain");
  chmod((plain / "claude").c_str(), 0644);
  fs::create_directories(folder_ / "tree/claude");
  const auto real = folder("real");
  const auto found = locate_program("claude", plain.string() + ":" + (folder_ / "tree").string() + ":" + real.string());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->path, real / "claude");
}

TEST_F(LocateProgramTest, Link_FollowedWithNameKept) {
  const auto real = folder("real");
  fs::create_directories(folder_ / "bin");
  fs::create_symlink(real / "claude", folder_ / "bin/claude");
  const auto found = locate_program("claude", (folder_ / "bin").string());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->path, folder_ / "bin/claude");
}

TEST_F(LocateProgramTest, RelativeEntry_SkippedAndReported) {
  const auto real = folder("real");
  const fs::path before = fs::current_path();
  fs::current_path(real);
  for (const std::string entry : {"", ".", "../real"}) {
    EXPECT_NE(why_not("claude", entry + ":/nonexistent").find("not an absolute path"), std::string::npos) << entry;
  }
  fs::current_path(before);
}

TEST_F(LocateProgramTest, ProgramReplaced_StateDiffers) {
  const auto real = folder("real");
  const auto before = locate_program("claude", real.string());
  ASSERT_TRUE(before);
  EXPECT_EQ(locate_program("claude", real.string())->state, before->state);
  test::write_file(real / "claude", "#!/bin/sh\nexit 0\n");
  EXPECT_NE(locate_program("claude", real.string())->state, before->state);
  EXPECT_FALSE(before->is_set_id);
  chmod((real / "claude").c_str(), 02755);
  EXPECT_TRUE(locate_program("claude", real.string())->is_set_id);
}

TEST_F(LocateProgramTest, FolderWritableByOthers_Skipped) {
  for (const mode_t mode : {0757U, 01777U}) {
    const auto open = folder("open", mode);
    const auto why = why_not("claude", open.string());
    EXPECT_NE(why.find(open.string() + " (can be written by others)"), std::string::npos) << why;
    const auto safe = folder("safe");
    const auto found = locate_program("claude", open.string() + ":" + safe.string());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->path, safe / "claude");
  }
}

TEST_F(LocateProgramTest, FolderWritableByForeignGroup_Skipped) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a folder to any group";
  const auto shared = folder("shared");
  ASSERT_EQ(chown(shared.c_str(), 0, 12345), 0);
  chmod(shared.c_str(), 0775);
  EXPECT_NE(why_not("claude", shared.string()).find("can be written by its group"), std::string::npos);
  ASSERT_EQ(chown(shared.c_str(), 0, 0), 0);
  chmod(shared.c_str(), 0775);
  EXPECT_TRUE(locate_program("claude", shared.string()));
}

TEST_F(LocateProgramTest, OwnedByAnotherUser_Skipped) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  const auto theirs = folder("theirs");
  ASSERT_EQ(chown(theirs.c_str(), 65534, 65534), 0);
  EXPECT_NE(why_not("claude", theirs.string()).find("belongs to another user"), std::string::npos);
  const auto file = folder("file");
  ASSERT_EQ(chown((file / "claude").c_str(), 65534, 65534), 0);
  EXPECT_NE(why_not("claude", file.string()).find("belongs to another user"), std::string::npos);
}

TEST_F(LocateProgramTest, ProgramWritableByOthers_Skipped) {
  const auto real = folder("real");
  chmod((real / "claude").c_str(), 0777);
  EXPECT_NE(why_not("claude", real.string()).find("can be written by others"), std::string::npos);
}

TEST_F(LocateProgramTest, LinkIntoFolderWritableByOthers_Skipped) {
  const auto bin = folder_ / "bin";
  fs::create_directories(bin);
  const auto open = folder("open", 0777);
  fs::create_symlink(open / "claude", bin / "claude");
  const auto why = why_not("claude", bin);
  EXPECT_NE(why.find("it leads to " + open.string() + ", which can be written by others"), std::string::npos) << why;
  chmod(open.c_str(), 01777);
  EXPECT_TRUE(locate_program("claude", bin.string()));
  chmod(open.c_str(), 0755);
  EXPECT_TRUE(locate_program("claude", bin.string()));
}

TEST_F(LocateProgramTest, LinkChain_EachLinkChecked) {
  const auto real = folder("real");
  const auto open = folder_ / "open";
  const auto bin = folder_ / "bin";
  fs::create_directories(open);
  fs::create_directories(bin);
  fs::create_symlink(real / "claude", open / "between");
  fs::create_symlink("../open/between", bin / "claude");
  EXPECT_TRUE(locate_program("claude", bin.string()));
  chmod(open.c_str(), 0777);
  EXPECT_NE(why_not("claude", bin).find("it leads to"), std::string::npos);
}

TEST_F(LocateProgramTest, AbsoluteName_UsedAsGiven) {
  const auto real = folder("real");
  EXPECT_EQ(locate_program((real / "claude").string(), "")->path, real / "claude");
  EXPECT_FALSE(locate_program((real / "other").string(), real.string()));
  EXPECT_FALSE(locate_program("real/claude", folder_.path().string()));
}

TEST_F(LocateProgramTest, AbsoluteNameReplaceableByOthers_Rejected) {
  const auto refused = [](const fs::path& program) {
    const auto found = locate_program(program.string(), "");
    EXPECT_FALSE(found);
    return found ? Error() : found.error();
  };
  const auto open = folder("open", 0757);
  auto error = refused(open / "claude");
  EXPECT_EQ(error.reason, Reason::program_missing);
  EXPECT_NE(error.message.find("is not run: " + open.string() + " can be written by others"), std::string::npos)
      << error.message;
  EXPECT_EQ(command_line(error.remedy), "chmod go-w " + open.string());
  const auto bin = folder_ / "bin";
  fs::create_directories(bin);
  fs::create_symlink(open / "claude", bin / "claude");
  EXPECT_EQ(command_line(refused(bin / "claude").remedy), "chmod go-w " + open.string());
  chmod(open.c_str(), 0755);
  EXPECT_TRUE(locate_program((bin / "claude").string(), ""));
  chmod((open / "claude").c_str(), 0777);
  EXPECT_EQ(command_line(refused(open / "claude").remedy), "chmod go-w " + (open / "claude").string());
  if (geteuid() != 0) return;
  chmod((open / "claude").c_str(), 0755);
  ASSERT_EQ(chown(open.c_str(), 65534, 65534), 0);
  error = refused(open / "claude");
  EXPECT_NE(error.message.find("belongs to another user"), std::string::npos) << error.message;
  EXPECT_EQ(command_line(error.remedy), "ls -ld " + open.string());
}

TEST_F(LocateProgramTest, EmptyPathOrName_NothingFound) {
  EXPECT_NE(why_not("claude", "").find("PATH is empty"), std::string::npos);
  EXPECT_FALSE(locate_program("", "/usr/bin"));
}

TEST_F(LocateProgramTest, BadPath_ErrorNamesFault) {
  const auto here = folder("here");
  fs::permissions(here / "claude", fs::perms::owner_read | fs::perms::owner_write);
  const auto idle = locate_program((here / "claude").string(), "");
  ASSERT_FALSE(idle);
  EXPECT_NE(idle.error().message.find("not executable"), std::string::npos) << idle.error().message;
  EXPECT_TRUE(command_line(idle.error().remedy).starts_with("chmod u+x ")) << command_line(idle.error().remedy);
  const auto no_program = locate_program(here.string(), "");
  ASSERT_FALSE(no_program);
  EXPECT_NE(no_program.error().message.find("not a program"), std::string::npos) << no_program.error().message;
  const auto relative = locate_program("./claude", "");
  ASSERT_FALSE(relative);
  EXPECT_TRUE(command_line(relative.error().remedy).starts_with("readlink -f "))
      << command_line(relative.error().remedy);
}

}  // namespace
}  // namespace jackin
