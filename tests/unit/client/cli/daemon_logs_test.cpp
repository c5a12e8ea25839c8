// SPDX-License-Identifier: Apache-2.0
#include "client/cli/daemon_logs.hpp"

#include <gtest/gtest.h>

#include "common/remedy_command.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::client {
namespace {

std::string last(std::string_view text, std::size_t lines) {
  return std::string(text.substr(last_lines(text, lines)));
}

TEST(DaemonLogs, LastLines_Number_Selected) {
  EXPECT_EQ(last("a\nb\nc\n", 2), "b\nc\n");
  EXPECT_EQ(last("a\nb\nc", 2), "b\nc");
  EXPECT_EQ(last("a\nb\n", 5), "a\nb\n");
  EXPECT_EQ(last("a\n\n\n", 2), "\n\n");
  EXPECT_EQ(last("a\n", 0), "");
  EXPECT_EQ(last("", 3), "");
}

TEST(DaemonLogs, Print_ControlCharacters_Removed) {
  test::TempDir folder;
  test::write_file(folder / "log", "one\ntwo \x1b[2J\nthree");
  std::string printed;
  const auto print = [&](const std::string& text) -> Result<> {
    printed += text;
    return {};
  };
  ASSERT_TRUE(print_log(folder / "log", std::nullopt, print));
  EXPECT_EQ(printed, "one\ntwo [2J\nthree");
  printed.clear();
  ASSERT_TRUE(print_log(folder / "log", 1, print));
  EXPECT_EQ(printed, "three");
}

TEST(DaemonLogs, Follow_AppendedLines_PrintedUntilStopped) {
  test::TempDir folder;
  test::write_file(folder / "log", "one\n");
  std::string printed;
  const auto print = [&](const std::string& text) -> Result<> {
    printed += text;
    return {};
  };
  int looks = 0;
  const auto go_on = [&] {
    test::write_file(folder / "log", "one\ntwo\n");
    return ++looks < 3;
  };
  ASSERT_TRUE(print_log(folder / "log", std::nullopt, print, go_on));
  EXPECT_EQ(printed, "one\ntwo\n");
}

TEST(DaemonLogs, Follow_OutputFails_Error) {
  test::TempDir folder;
  test::write_file(folder / "log", "one\n");
  const auto full = [](const std::string&) -> Result<> { return failure(Reason::disk_full, "no space"); };
  const auto done = print_log(folder / "log", std::nullopt, full, [] { return true; });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().reason, Reason::disk_full);
}

TEST(DaemonLogs, NoLog_ErrorWithStartRemedy) {
  test::TempDir folder;
  const auto done = print_log(folder / "log", std::nullopt, [](const std::string&) { return Result<>(); });
  ASSERT_FALSE(done);
  EXPECT_EQ(command_line(done.error().remedy), "jackinctl daemon start");
}

}  // namespace
}  // namespace jackin::client
