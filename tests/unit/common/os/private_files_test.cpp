// SPDX-License-Identifier: Apache-2.0
#include "common/os/descriptor.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#ifdef __linux__
#include <sched.h>
#include <sys/mount.h>
#endif

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <vector>

#include "common/os/private_files.hpp"
#include "common/remedy_command.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::os {
namespace {

namespace fs = std::filesystem;
using test::TempDir;

constexpr std::size_t read_limit = 64 * 1024;

mode_t mode_of(const fs::path& path) {
  struct stat entry {};
  EXPECT_EQ(lstat(path.c_str(), &entry), 0) << path;
  return entry.st_mode & 07777;
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

class FilesTest : public testing::Test {
 protected:
  fs::path secret_file(std::string_view text, mode_t mode = 0600) {
    const fs::path path = folder_ / "token";
    test::write_file(path, text);
    chmod(path.c_str(), mode);
    return path;
  }

  TempDir folder_;
};

TEST_F(FilesTest, MakePrivateFile_NewOrExisting_ModeTightened) {
  const fs::path file = folder_ / "made";
  ASSERT_TRUE(make_private_file(file));
  EXPECT_EQ(mode_of(file), 0600u);
  test::write_file(file, "kept");
  for (const mode_t wide : {0644u, 0660u, 0606u, 0777u}) {
    chmod(file.c_str(), wide);
    ASSERT_TRUE(make_private_file(file));
    EXPECT_EQ(mode_of(file), 0600u);
  }
  EXPECT_EQ(test::read_file(file), "kept");
}

TEST_F(FilesTest, MakePrivateFile_LinkFifoOrFolder_Rejected) {
  const fs::path target = folder_ / "target";
  test::write_file(target, "theirs");
  chmod(target.c_str(), 0644);
  fs::create_symlink(target, folder_ / "link");
  ASSERT_EQ(mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  fs::create_directory(folder_ / "folder");
  for (const auto* const name : {"link", "fifo", "folder"}) {
    const auto made = make_private_file(folder_ / name);
    ASSERT_FALSE(made) << name;
    EXPECT_TRUE(command_line(made.error().remedy).starts_with("ls -ld ")) << name;
  }
  EXPECT_EQ(mode_of(target), 0644u);
}

TEST_F(FilesTest, Read_PrivateFile_Content) {
  const auto content = read_private_file(secret_file("sk-ant\n"), read_limit);
  ASSERT_TRUE(content) << content.error().message;
  EXPECT_EQ(content->view(), "sk-ant\n");
}

TEST_F(FilesTest, Read_EmptyFile_Empty) {
  const auto content = read_private_file(secret_file(""), read_limit);
  ASSERT_TRUE(content);
  EXPECT_TRUE(content->empty());
}

TEST_F(FilesTest, Read_OverLimit_Rejected) {
  EXPECT_TRUE(read_private_file(secret_file(std::string(100, 'x')), 100));
  const auto larger = read_private_file(secret_file(std::string(101, 'x')), 100);
  ASSERT_FALSE(larger);
  EXPECT_EQ(larger.error().reason, Reason::source_invalid);
}

TEST_F(FilesTest, Read_Missing_SourceGone) {
  for (const auto& path : {folder_ / "none", folder_ / "none/below", secret_file("x") / "below-a-file"}) {
    const auto content = read_private_file(path, read_limit);
    ASSERT_FALSE(content);
    EXPECT_EQ(content.error().reason, Reason::source_gone) << path;
  }
}

TEST_F(FilesTest, Read_AccessibleToOthers_Denied) {
  for (const mode_t mode : {0640U, 0620U, 0610U, 0604U, 0602U, 0601U, 0644U, 0666U}) {
    const auto path = secret_file("x", mode);
    const auto content = read_private_file(path, read_limit);
    ASSERT_FALSE(content) << std::oct << mode;
    EXPECT_EQ(content.error().reason, Reason::source_denied);
    EXPECT_EQ(command_line(content.error().remedy), "chmod 600 " + path.string());
  }
  EXPECT_TRUE(read_private_file(secret_file("x", 0400), read_limit));
}

TEST_F(FilesTest, Read_OwnedByAnotherUser_Denied) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  const auto path = secret_file("x");
  ASSERT_EQ(chown(path.c_str(), 65534, static_cast<gid_t>(-1)), 0);
  const auto content = read_private_file(path, read_limit);
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error().reason, Reason::source_denied);
  EXPECT_TRUE(command_line(content.error().remedy).starts_with("ls -ld ")) << command_line(content.error().remedy);
}

TEST_F(FilesTest, Read_Link_NotFollowed) {
  fs::create_symlink(secret_file("x"), folder_ / "link");
  const auto content = read_private_file(folder_ / "link", read_limit);
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error().reason, Reason::source_denied);
  EXPECT_NE(content.error().message.find("link"), std::string::npos);
}

TEST_F(FilesTest, Read_Fifo_DeniedWithoutWaiting) {
  const auto path = folder_ / "fifo";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const auto content = read_private_file(path, read_limit);
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error().reason, Reason::source_denied);
}

TEST_F(FilesTest, Read_FolderSocketOrDevice_Denied) {
  ASSERT_EQ(mkdir((folder_ / "folder").c_str(), 0700), 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, (folder_ / "socket").c_str(), sizeof address.sun_path - 1);
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  ASSERT_EQ(bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  for (const fs::path& path : {folder_ / "folder", folder_ / "socket", fs::path("/dev/null"), fs::path("/dev/zero")}) {
    const auto content = read_private_file(path, read_limit);
    ASSERT_FALSE(content) << path;
    EXPECT_EQ(content.error().reason, Reason::source_denied) << path;
  }
}

TEST_F(FilesTest, Read_NameWithEscapeSequences_ErrorShowsNone) {
  const auto content = read_private_file(folder_ / "\x1b[31mred", read_limit);
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error().message.find('\x1b'), std::string::npos);
}

TEST_F(FilesTest, Write_NewFile_Private) {
  const mode_t before = umask(0);
  const auto written = write_private_file(folder_ / "token", "text", false);
  umask(before);
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(test::read_file(folder_ / "token"), "text");
  EXPECT_EQ(mode_of(folder_ / "token"), 0600U);
  EXPECT_EQ(names_in(folder_.path()), std::vector<std::string>{"token"});
}

TEST_F(FilesTest, Write_Existing_OverwrittenOnlyOnRequest) {
  secret_file("old");
  const auto written = write_private_file(folder_ / "token", "new", false);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().reason, Reason::io_failed);
  EXPECT_NE(written.error().message.find("already exists"), std::string::npos);
  EXPECT_EQ(test::read_file(folder_ / "token"), "old");
  EXPECT_EQ(names_in(folder_.path()), std::vector<std::string>{"token"});

  ASSERT_TRUE(write_private_file(folder_ / "token", "new", true));
  EXPECT_EQ(test::read_file(folder_ / "token"), "new");
}

TEST_F(FilesTest, Write_Link_NotFollowed) {
  test::write_file(folder_ / "target", "untouched");
  fs::create_symlink(folder_ / "target", folder_ / "link");
  EXPECT_FALSE(write_private_file(folder_ / "link", "new", false));
  ASSERT_TRUE(write_private_file(folder_ / "link", "new", true));
  EXPECT_EQ(test::read_file(folder_ / "target"), "untouched");
  EXPECT_FALSE(fs::is_symlink(folder_ / "link"));
}

TEST_F(FilesTest, Write_LongestName_Accepted) {
  const std::string name(255, 'n');
  EXPECT_TRUE(write_private_file(folder_ / name, "x", false));
  EXPECT_EQ(names_in(folder_.path()), std::vector<std::string>{name});
}

TEST_F(FilesTest, Write_FolderMissing_Fails) {
  const auto written = write_private_file(folder_ / "none/token", "x", false);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().reason, Reason::io_failed);
}

#ifdef __linux__
TEST_F(FilesTest, Write_DiskFull_ReportedAndNothingLeft) {
  const fs::path disk = folder_ / "disk";
  ASSERT_EQ(mkdir(disk.c_str(), 0700), 0);
  // In a process of its own, so that no other process sees the mount.
  EXPECT_EXIT(
      {
        if (unshare(CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=4096") != 0) {
          _exit(0);
        }
        const auto written = write_private_file(disk / "token", std::string(20000, 'x'), false);
        if (written) _exit(1);
        if (written.error().reason != Reason::disk_full) _exit(2);
        _exit(fs::is_empty(disk) ? 0 : 3);
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(FilesTest, Write_FolderNotWritable_PermissionDenied) {
  const fs::path closed = folder_ / "closed";
  ASSERT_EQ(mkdir(closed.c_str(), 0500), 0);
  ASSERT_EQ(chmod(folder_.path().c_str(), 0755), 0);
  EXPECT_EXIT(
      {
        if (geteuid() == 0 && (chown(closed.c_str(), 65534, 65534) != 0 || setuid(65534) != 0)) _exit(4);
        const auto written = write_private_file(closed / "token", "x", false);
        if (written) _exit(1);
        _exit(written.error().reason == Reason::permission_denied ? 0 : 2);
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(FilesTest, WriteAndRemove_FolderNotReadable_Succeed) {
  const fs::path closed = folder_ / "closed";
  ASSERT_EQ(mkdir(closed.c_str(), 0300), 0);
  ASSERT_EQ(chmod(folder_.path().c_str(), 0755), 0);
  EXPECT_EXIT(
      {
        if (geteuid() == 0 && (chown(closed.c_str(), 65534, 65534) != 0 || setuid(65534) != 0)) _exit(4);
        if (!write_private_file(closed / "token", "x", false)) _exit(1);
        if (!write_private_file(closed / "token", "y", true)) _exit(2);
        const auto read = read_private_file(closed / "token", read_limit);
        if (!read || read->view() != "y") _exit(3);
        const auto removed = remove_file(closed / "token");
        if (!removed || !*removed) _exit(5);
        const auto again = remove_file(closed / "token");
        _exit(again && !*again ? 0 : 6);
      },
      testing::ExitedWithCode(0), "");
  chmod(closed.c_str(), 0700);
}
#endif

TEST_F(FilesTest, Remove_Existing_TrueOnlyOnce) {
  secret_file("x");
  EXPECT_EQ(remove_file(folder_ / "token"), true);
  EXPECT_EQ(remove_file(folder_ / "token"), false);
  EXPECT_EQ(remove_file(folder_ / "none/token"), false);
}

TEST_F(FilesTest, Remove_Link_TargetKept) {
  fs::create_symlink(secret_file("x"), folder_ / "link");
  EXPECT_EQ(remove_file(folder_ / "link"), true);
  EXPECT_TRUE(fs::exists(folder_ / "token"));
}

TEST_F(FilesTest, Remove_Folder_Fails) {
  ASSERT_EQ(mkdir((folder_ / "folder").c_str(), 0700), 0);
  EXPECT_FALSE(remove_file(folder_ / "folder"));
}

TEST_F(FilesTest, MakePrivateFolder_CreatesParentsPrivately) {
  const mode_t before = umask(0);
  const auto made = make_private_folder(folder_ / "a/b/c");
  umask(before);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(mode_of(folder_ / "a"), 0700U);
  EXPECT_EQ(mode_of(folder_ / "a/b/c"), 0700U);
  EXPECT_TRUE(make_private_folder(folder_ / "a/b/c"));
  EXPECT_TRUE(make_private_folder((folder_ / "a/b/c").string() + "/"));
}

TEST_F(FilesTest, MakePrivateFolder_HomeMissing_NotCreated) {
  const auto home = folder_ / "home";
  const auto made = make_private_folder(home / "a", home);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().reason, Reason::io_failed);
  EXPECT_FALSE(std::filesystem::exists(home));
  // Elsewhere the home folder does not matter.
  EXPECT_TRUE(make_private_folder(folder_ / "home-of-data", home));
  ASSERT_TRUE(make_private_folder(home));
  EXPECT_TRUE(make_private_folder(home / "a", home));
}

TEST_F(FilesTest, MakePrivateFolder_WritableByOthers_Rejected) {
  for (const mode_t mode : {0720U, 0702U, 01777U}) {
    const fs::path open = folder_ / "open";
    fs::remove(open);
    ASSERT_EQ(mkdir(open.c_str(), 0700), 0);
    ASSERT_EQ(chmod(open.c_str(), mode), 0);
    const auto made = make_private_folder(open);
    ASSERT_FALSE(made) << std::oct << mode;
    EXPECT_EQ(made.error().reason, Reason::permission_denied);
    EXPECT_EQ(command_line(made.error().remedy), "chmod 700 " + open.string());
  }
}

TEST_F(FilesTest, MakePrivateFolder_LinkFileOrForeignFolder_Rejected) {
  ASSERT_TRUE(make_private_folder(folder_ / "real"));
  fs::create_directory_symlink(folder_ / "real", folder_ / "link");
  test::write_file(folder_ / "file", "x");
  for (const auto& path : {folder_ / "link", folder_ / "file"}) {
    const auto made = make_private_folder(path);
    ASSERT_FALSE(made) << path;
    EXPECT_EQ(made.error().reason, Reason::permission_denied) << path;
  }
  if (geteuid() != 0) return;
  ASSERT_EQ(chown((folder_ / "real").c_str(), 65534, 65534), 0);
  const auto made = make_private_folder(folder_ / "real");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().reason, Reason::permission_denied);
}

TEST(Descriptor, Destroyed_ClosesOnce) {
  int number = -1;
  {
    Descriptor first(open("/dev/null", O_RDONLY | O_CLOEXEC));
    number = first.get();
    Descriptor second(std::move(first));
    EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): that is what is tested
    EXPECT_EQ(second.get(), number);
    EXPECT_EQ(fcntl(number, F_GETFD), FD_CLOEXEC);
  }
  EXPECT_EQ(fcntl(number, F_GETFD), -1);
}

TEST_F(FilesTest, RemoveAbandonedWrites_OfPath_RemovesOnlyThose) {
  const fs::path path = secret_file("kept");
  const std::string name = path.filename().string();
  const std::string left = "." + name + ".0123456789abcdef~";
  const std::vector<std::string> others{"." + name + ".2026-11-23~", "." + name + ".0123456789abcdef",
                                        "." + name + ".0123456789ABCDEF~", name + ".0123456789abcdef~",
                                        "." + name + "s.0123456789abcdef~"};
  test::write_file(folder_ / left, "half a secr");
  for (const auto& other : others) test::write_file(folder_ / other, "somebody's");
  ASSERT_TRUE(remove_abandoned_writes(path));
  EXPECT_FALSE(fs::exists(folder_ / left));
  EXPECT_TRUE(fs::exists(path));
  for (const auto& other : others) EXPECT_TRUE(fs::exists(folder_ / other)) << other;
  EXPECT_TRUE(remove_abandoned_writes(folder_ / "no such folder/file"));
}

TEST_F(FilesTest, RemoveAbandonedWritesIn_OldOnes_Removed) {
  const auto an_hour = std::chrono::hours(1);
  const std::string old = ".a.token.0123456789abcdef~";
  const std::string young = ".b.token.0123456789abcdef~";
  const std::vector<std::string> others{".a.token.2026-11-23~", "a.token.0123456789abcdef~", ".0123456789abcdef~",
                                        ".a.token.0123456789abcdef", "a.token"};
  for (const auto& name : others) test::write_file(folder_ / name, "somebody's");
  for (const auto& name : {old, young}) test::write_file(folder_ / name, "half a secr");
  for (const auto& entry : fs::directory_iterator(folder_.path())) {
    const auto now = fs::file_time_type::clock::now();
    fs::last_write_time(entry.path(), entry.path().filename() == young ? now : now - 2 * an_hour);
  }
  EXPECT_EQ(remove_abandoned_writes_in(folder_.path(), an_hour).value(), 1);
  EXPECT_FALSE(fs::exists(folder_ / old));
  EXPECT_TRUE(fs::exists(folder_ / young));
  for (const auto& name : others) EXPECT_TRUE(fs::exists(folder_ / name)) << name;
  EXPECT_EQ(remove_abandoned_writes_in(folder_ / "no such folder", an_hour).value(), 0);
}

TEST_F(FilesTest, PathBehindDanglingLink_NotReportedAsGone) {
  fs::create_directory_symlink(folder_ / "away", folder_ / "link");
  const fs::path path = folder_ / "link/token";
  EXPECT_EQ(read_private_file(path, read_limit).error().reason, Reason::source_unreachable);
  EXPECT_FALSE(remove_file(path));
  EXPECT_FALSE(remove_abandoned_writes(path));
  EXPECT_EQ(read_private_file(folder_ / "none/token", read_limit).error().reason, Reason::source_gone);
  EXPECT_FALSE(remove_file(folder_ / "none/token").value());
  EXPECT_TRUE(remove_abandoned_writes(folder_ / "none/token"));
}

}  // namespace
}  // namespace jackin::os
