// SPDX-License-Identifier: Apache-2.0
#include "client/service/journal.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/temp_dir.hpp"

namespace jackin::client {
namespace {

class Journal : public testing::Test {
 protected:
  Journal() : out_(open((temp_ / "out").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)) {}
  ~Journal() override { close(out_); }

  void journalctl(const std::string& text) {
    test::write_file(temp_ / "bin/journalctl", "#!/bin/sh\n" + text);
    chmod((temp_ / "bin/journalctl").c_str(), 0755);
  }
  std::string said() { return test::read_file(temp_ / "out"); }

  test::TempDir temp_;
  int out_;
  Environment environment_{Environment::Variables{{"PATH", (temp_ / "bin").string() + ":/usr/bin:/bin"}}};
};

TEST_F(Journal, Show_Lines_OnlyUnitOfJackind) {
  journalctl("echo \"$*\"\n");
  ASSERT_TRUE(show_journal(environment_, 5, out_, out_));
  EXPECT_EQ(said(), "--user --unit=jackind.service --no-pager --quiet --lines=5\n");
}

TEST_F(Journal, Show_NoNumber_AllLines) {
  journalctl("echo \"$*\"\n");
  ASSERT_TRUE(show_journal(environment_, std::nullopt, out_, out_));
  EXPECT_EQ(said(), "--user --unit=jackind.service --no-pager --quiet --lines=all\n");
}

TEST_F(Journal, Follow_Stopped_Ends) {
  // Writes one line, and then does not end by itself.
  journalctl("echo \"$*\"\nexec sleep 600\n");
  ASSERT_TRUE(
      show_journal(environment_, std::nullopt, out_, out_, [this] { return said().find('\n') == std::string::npos; }));
  EXPECT_EQ(said(), "--user --unit=jackind.service --no-pager --quiet --lines=all --follow\n");
}

TEST_F(Journal, Show_JournalctlFails_Error) {
  journalctl("echo 'no journal files' >&2\nexit 1\n");
  const auto shown = show_journal(environment_, std::nullopt, out_, out_);
  ASSERT_FALSE(shown);
  EXPECT_EQ(shown.error().reason, Reason::program_failed);
  EXPECT_EQ(said(), "no journal files\n");
}

TEST_F(Journal, Show_NoJournalctl_ProgramMissing) {
  const auto shown =
      show_journal(Environment(Environment::Variables{{"PATH", temp_.path().string()}}), std::nullopt, out_, out_);
  ASSERT_FALSE(shown);
  EXPECT_EQ(shown.error().reason, Reason::program_missing);
}

}  // namespace
}  // namespace jackin::client
