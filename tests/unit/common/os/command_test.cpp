// SPDX-License-Identifier: Apache-2.0
#include "common/os/command.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include "tests/support/temp_dir.hpp"

namespace jackin {
namespace {

const Environment with_word({{"PATH", "/usr/bin:/bin"}, {"WORD", "a b"}});

TEST(Command, Run_OutputAndExitCode) {
  const auto done =
      run_command({"/bin/sh", "-c", "echo out; echo \"$WORD\" >&2; exit 3"}, with_word, std::chrono::seconds(60));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->exit_code, 3);
  EXPECT_EQ(done->output, "out\na b\n");
}

TEST(Command, Run_GrandchildKeepsPipes_NotAwaited) {
  // The background process keeps the output open.
  const auto done = run_command({"/bin/sh", "-c", "sleep 600 & echo $!"}, with_word, std::chrono::seconds(300));
  ASSERT_TRUE(done);
  kill(std::stoi(done->output), SIGKILL);
}

TEST(Command, Run_OverLimit_Killed) {
  const auto done = run_command({"/bin/sh", "-c", "exec sleep 600"}, with_word, std::chrono::seconds(0));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().reason, Reason::timed_out);
}

TEST(Command, Run_Missing_Fails) {
  EXPECT_EQ(run_command({"/no/such/program"}, with_word, std::chrono::seconds(60)).error().reason,
            Reason::program_failed);
}

TEST(Command, Run_FolderWritableByOthers_Skipped) {
  test::TempDir temp;
  for (const char* folder : {"open", "fine"}) {
    test::write_file(temp / (std::string(folder) + "/tool"), "#!/bin/sh\n");
    chmod((temp / (std::string(folder) + "/tool")).c_str(), 0755);
  }
  chmod((temp / "open").c_str(), 0777);
  const Environment environment(
      Environment::Variables{{"PATH", ".::" + (temp / "open").string() + ":" + (temp / "fine").string()}});
  EXPECT_EQ(locate_command("tool", environment).value(), temp / "fine/tool");
  EXPECT_EQ(locate_command("other", environment).error().reason, Reason::program_missing);
  EXPECT_EQ(locate_command("./tool", environment).error().reason, Reason::program_missing);
}

}  // namespace
}  // namespace jackin
