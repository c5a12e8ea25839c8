// SPDX-License-Identifier: Apache-2.0
#include "common/os/ownership.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/xattr.h>
#endif

#include <string_view>

#include "tests/support/temp_dir.hpp"

namespace jackin::os {
namespace {

constexpr uid_t stranger = 65534;
constexpr gid_t strange_group = 65534;

Ownership mine(mode_t mode) {
  return {geteuid(), strange_group, mode, false};
}

TEST(Danger, WritableByAnotherUser_Named) {
  EXPECT_EQ(danger_of(mine(0600)), "");
  EXPECT_EQ(danger_of(mine(0755)), "");
  EXPECT_EQ(danger_of(mine(0602)), "can be written by others");
  EXPECT_EQ(danger_of(mine(0620)), "can be written by its group");
  EXPECT_EQ(danger_of({0, 0, 0775, false}), "");
  EXPECT_EQ(danger_of({stranger, 0, 0600, false}), "belongs to another user");
}

TEST(Danger, AccessControlListInHarmlessGroup_Counts) {
  EXPECT_EQ(danger_of({geteuid(), 0, 0664, false}), "");
  EXPECT_EQ(danger_of({geteuid(), 0, 0664, true}), "can be written by users of its access control list");
}

TEST(Danger, StickyFolder_OnlyOwnerCounts) {
  EXPECT_EQ(danger_of_folder({0, strange_group, 01775, false}), "");
  EXPECT_EQ(danger_of_folder(mine(01777)), "");
  EXPECT_EQ(danger_of_folder({stranger, strange_group, 01777, false}), "belongs to another user");
  EXPECT_EQ(danger_of_folder(mine(0777)), "can be written by others");
}

#ifdef __linux__
// `user::rw-, user:65534:rw-, group::r--, mask::rw-, other::r--` in the kernel's form (linux/posix_acl_xattr.h).
constexpr std::string_view list_with_a_stranger{
    "\x02\x00\x00\x00"
    "\x01\x00\x06\x00\xff\xff\xff\xff"
    "\x02\x00\x06\x00\xfe\xff\x00\x00"
    "\x04\x00\x04\x00\xff\xff\xff\xff"
    "\x10\x00\x06\x00\xff\xff\xff\xff"
    "\x20\x00\x04\x00\xff\xff\xff\xff",
    44};

TEST(Danger, AccessControlListOfFile_Detected) {
  const test::TempDir folder;
  const std::string file = folder / "file";
  test::write_file(file, "");
  if (setxattr(file.c_str(), "system.posix_acl_access", list_with_a_stranger.data(), list_with_a_stranger.size(), 0) !=
      0) {
    GTEST_SKIP() << "this file system has no access control lists";
  }
  const auto ownership = ownership_of(file);
  ASSERT_TRUE(ownership);
  EXPECT_TRUE(ownership->has_list);
  EXPECT_EQ(danger_of(*ownership), "can be written by users of its access control list");
  // Without the mask's bit no entry of the list grants write access.
  ASSERT_EQ(chmod(file.c_str(), 0644), 0);
  EXPECT_EQ(danger_of(*ownership_of(file)), "");
}
#endif

}  // namespace
}  // namespace jackin::os
