// SPDX-License-Identifier: Apache-2.0
#include "common/os/mounts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#ifdef __linux__
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <filesystem>

#include "tests/support/temp_dir.hpp"

namespace jackin::os {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Mounts, Mountinfo_EscapesDecoded) {
  EXPECT_THAT(mount_points_in("22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
                              "40 22 0:40 /data /mnt/two\\040words rw - nfs4 server:/data rw\n"
                              "half a line\n"
                              "41 22 0:41 / /mnt/back\\134slash\\0112 rw master:2 - fuse.sshfs host: rw"),
              ElementsAre("/", "/mnt/two words", "/mnt/back\\slash\t2"));
}

TEST(Mounts, LongestMountPointAboveThePath_Found) {
  const std::vector<std::string> points{"/", "/mnt", "/mnt/a", "/mnt/a b"};
  EXPECT_EQ(mount_point_of("/mnt/a/file", points), "/mnt/a");
  EXPECT_EQ(mount_point_of("/mnt/a", points), "/mnt/a");
  EXPECT_EQ(mount_point_of("//mnt/./a//file", points), "/mnt/a");
  EXPECT_EQ(mount_point_of("/mnt/a b/file", points), "/mnt/a b");
  EXPECT_EQ(mount_point_of("/mnt/ab/file", points), "/mnt");
  EXPECT_EQ(mount_point_of("/home/a", points), "/");
  EXPECT_EQ(mount_point_of("/home/a", {}), "");
}

TEST(Mounts, SeparateMounts_NeitherRootNorHome) {
#ifdef __APPLE__
  const std::string devices = "/dev";
#else
  const std::string devices = "/proc";
#endif
  const auto mounts = separate_mounts("/home/me");
  EXPECT_EQ(mounts(devices + "/file"), devices);
  EXPECT_EQ(mounts("/"), "");
  EXPECT_EQ(mounts("no path"), "");
  EXPECT_EQ(separate_mounts(devices + "/me")(devices + "/file"), "");
}

#ifdef __linux__
TEST(MountTable, NoChangeReported_NotReadAgain) {
  const test::TempDir folder;
  const std::string line = "22 1 8:1 / /mnt/a rw - ext4 /dev/sda1 rw\n";
  test::write_file(folder / "mountinfo", line);
  MountTable table((folder / "mountinfo").string());
  EXPECT_THAT(*table.points(), ElementsAre("/mnt/a"));
  // The system reports no change of a regular file.
  test::write_file(folder / "mountinfo", line + line);
  EXPECT_THAT(*table.points(), ElementsAre("/mnt/a"));
}

TEST(MountTable, FileCannotBeOpened_NextCallTriesAgain) {
  const test::TempDir folder;
  MountTable table((folder / "mountinfo").string());
  EXPECT_THAT(*table.points(), IsEmpty());
  test::write_file(folder / "mountinfo", "22 1 8:1 / /mnt/a rw - ext4 /dev/sda1 rw\n");
  EXPECT_THAT(*table.points(), ElementsAre("/mnt/a"));
}

TEST(MountTable, ReadFails_NextCallReadsAgain) {
  const test::TempDir folder;
  const std::string name = (folder / "mountinfo").string();
  test::write_file(name, "22 1 8:1 / /mnt/a rw - ext4 /dev/sda1 rw\n");
  // The table's descriptor will have the lowest free number (open(2)).
  const int number = Descriptor(open(name.c_str(), O_RDONLY | O_CLOEXEC)).get();
  // A folder can be opened but not read.
  MountTable table(folder.path().string());
  EXPECT_THAT(*table.points(), IsEmpty());
  const Descriptor file(open(name.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(dup2(file.get(), number), number);
  EXPECT_THAT(*table.points(), ElementsAre("/mnt/a"));
}

// The exit code names the failed check; this one says that the process may not mount.
constexpr int may_not_mount = 77;

int find_new_mount(const std::string& mount) {
  if (unshare(CLONE_NEWNS) != 0 || ::mount("", "/", "", MS_REC | MS_PRIVATE, nullptr) != 0) return may_not_mount;
  MountTable table;
  const auto has_it = [&] {
    const auto points = table.points();
    return std::find(points->begin(), points->end(), mount) != points->end();
  };
  if (has_it()) return 1;
  if (::mount("tmpfs", mount.c_str(), "tmpfs", 0, nullptr) != 0) return may_not_mount;
  if (!has_it()) return 2;
  return umount(mount.c_str()) == 0 && !has_it() ? 0 : 3;
}

TEST(MountTable, NewMount_Found) {
  const test::TempDir folder;
  const std::string mount = std::filesystem::canonical(folder.path()).string();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) _exit(find_new_mount(mount));
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == may_not_mount) GTEST_SKIP() << "no right to mount";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}
#endif

}  // namespace
}  // namespace jackin::os
