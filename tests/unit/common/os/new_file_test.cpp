// SPDX-License-Identifier: Apache-2.0
#include "common/os/new_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "tests/support/temp_dir.hpp"

namespace jackin::os {
namespace {

namespace fs = std::filesystem;

class NewFileTest : public testing::Test {
 protected:
  std::size_t count() const {
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(dir_.path())) ++files;
    return files;
  }

  test::TempDir dir_;
  Descriptor folder_{open(dir_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
};

TEST_F(NewFileTest, MoveTo_Replace_NewContentAndMode) {
  test::write_file(dir_ / "x", "old");
  NewFile file(folder_.get(), name_beside("x"), 0600);
  ASSERT_EQ(file.error(), 0);
  ASSERT_EQ(file.fill("new"), 0);
  EXPECT_EQ(test::read_file(dir_ / "x"), "old");
  ASSERT_EQ(file.move_to("x", true), 0);
  EXPECT_EQ(test::read_file(dir_ / "x"), "new");
  EXPECT_EQ(fs::status(dir_ / "x").permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(count(), 1U);
}

TEST_F(NewFileTest, MoveTo_Exists_OldStaysAndNothingIsLeft) {
  test::write_file(dir_ / "x", "old");
  {
    NewFile file(folder_.get(), name_beside("x"), 0600);
    ASSERT_EQ(file.fill("new"), 0);
    EXPECT_EQ(file.move_to("x", false), EEXIST);
  }
  EXPECT_EQ(test::read_file(dir_ / "x"), "old");
  EXPECT_EQ(count(), 1U);
}

TEST_F(NewFileTest, NotMoved_Removed) {
  { const NewFile file(folder_.get(), name_beside("x"), 0600); }
  EXPECT_EQ(count(), 0U);
}

TEST_F(NewFileTest, NameIsTaken_ErrorAndTheOtherStays) {
  test::write_file(dir_ / "x", "another's");
  { EXPECT_EQ(NewFile(folder_.get(), "x", 0600).error(), EEXIST); }
  EXPECT_EQ(test::read_file(dir_ / "x"), "another's");
}

TEST_F(NewFileTest, NameIsALink_NotFollowed) {
  fs::create_symlink(dir_ / "target", dir_ / "x");
  EXPECT_EQ(NewFile(folder_.get(), "x", 0600).error(), EEXIST);
  EXPECT_FALSE(fs::exists(dir_ / "target"));
}

TEST(NameBeside, Name_OtherFinalName_NotRecognised) {
  const std::string name = name_beside("demo.token");
  EXPECT_TRUE(is_name_beside(name));
  EXPECT_TRUE(is_name_beside(name, "demo.token"));
  EXPECT_FALSE(is_name_beside(name, "other.token"));
  EXPECT_FALSE(is_name_beside(".demo.token.swp"));
  EXPECT_FALSE(is_name_beside("demo.token~"));
  EXPECT_TRUE(is_name_beside(name_beside(std::string(255, 'a')), std::string(255, 'a')));
}

}  // namespace
}  // namespace jackin::os
