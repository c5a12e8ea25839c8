// SPDX-License-Identifier: Apache-2.0
#include "client/service/service_files.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temp_dir.hpp"

namespace jackin::client {
namespace {

TEST(ServiceFiles, Write_SecondFails_FirstRemoved) {
  test::TempDir temp;
  // A folder is in place of the second file.
  std::filesystem::create_directories(temp / "there/second/x");
  const auto files = ServiceFiles::read({temp / "made/first", temp / "there/second/x/third"});
  ASSERT_TRUE(files);
  EXPECT_FALSE(files->any());
  std::filesystem::create_directories(temp / "there/second/x/third/y");
  const auto written = files->write({"one\n", "three\n"});
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message.find("third"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(temp / "made/first"));
  // No temporary file is left.
  EXPECT_TRUE(std::filesystem::is_empty(temp / "made"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(temp / "there/second/x"), {}), 1);
}

TEST(ServiceFiles, Read_Link_NotOurs) {
  test::TempDir temp;
  test::write_file(temp / "dotfiles/unit", "");
  std::filesystem::create_symlink(temp / "dotfiles/unit", temp / "unit");
  const auto files = ServiceFiles::read({temp / "unit"});
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().reason, Reason::not_ours);
}

}  // namespace
}  // namespace jackin::client
