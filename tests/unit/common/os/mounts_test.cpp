// SPDX-License-Identifier: Apache-2.0
#include "common/os/mounts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace jackin::os
