// SPDX-License-Identifier: Apache-2.0
#include "common/os/mounts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#ifdef __linux__
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <filesystem>

#include "tests/support/temp_dir.hpp"

namespace jackin::os {
namespace {

using testing::ElementsAre;

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

TEST(MountTable, NewMount_Found) {
  const test::TempDir folder;
  const std::string mount = std::filesystem::canonical(folder.path()).string();
  EXPECT_EXIT(
      {
        // A process without the right to mount cannot run this test.
        if (unshare(CLONE_NEWNS) != 0 || ::mount("", "/", "", MS_REC | MS_PRIVATE, nullptr) != 0) _exit(0);
        MountTable table;
        const auto has_it = [&] {
          const auto points = table.points();
          return std::find(points->begin(), points->end(), mount) != points->end();
        };
        if (has_it()) _exit(1);
        if (::mount("tmpfs", mount.c_str(), "tmpfs", 0, nullptr) != 0) _exit(0);
        if (!has_it()) _exit(2);
        if (umount(mount.c_str()) != 0 || has_it()) _exit(3);
        _exit(0);
      },
      testing::ExitedWithCode(0), "");
}
#endif

}  // namespace
}  // namespace jackin::os
