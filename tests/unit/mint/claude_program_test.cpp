// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/claude_program.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "common/remedy_command.hpp"
#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::mint {
namespace {

class LocateClaude : public testing::Test {
 protected:
  void install(const std::string& script) {
    test::write_file(folder / "claude", "#!/bin/sh\n" + script + "\n");
    ASSERT_EQ(chmod((folder / "claude").c_str(), 0700), 0);
  }
  Result<ClaudeProgram> locate(const std::string& wanted = {}) {
    return test::await(io, locate_claude(*programs, client, wanted));
  }

  asio::io_context io;
  test::FakeClock clock;
  std::unique_ptr<ProgramRunner> programs = system_program_runner(io.get_executor(), clock);
  test::TempDir folder;
  Environment client{{{"PATH", folder.path().string()}, {"ANTHROPIC_API_KEY", "key"}}};
};

TEST_F(LocateClaude, Locate_PathAndVersion) {
  install("echo '2.1.197 (Claude Code)'");
  for (const auto& wanted : {std::string(), (folder / "claude").string()}) {
    const auto claude = locate(wanted);
    ASSERT_TRUE(claude) << claude.error().message;
    EXPECT_EQ(claude->path, folder / "claude");
    EXPECT_EQ(claude->version.str(), "2.1.197");
  }
}

TEST_F(LocateClaude, Version_BesideItsName) {
  for (const auto* script : {"echo my-wrapper 1.0.0; echo '2.1.332 (Claude Code)'",
                             "echo 'node 22.1.0: 2.1.332 (Claude Code), wrapper 3.4.5'",
                             "echo '2.1.332 (Claude Code)'; echo 'new: 9.9.9'", "echo 'v2.1.332  (Claude Code)'"}) {
    install(script);
    const auto claude = locate();
    ASSERT_TRUE(claude) << script;
    EXPECT_EQ(claude->version.str(), "2.1.332") << script;
  }
}

TEST_F(LocateClaude, Version_OnlyOtherNumbers_Fails) {
  install("echo my-wrapper 1.0.0; echo 'latest (Claude Code)'");
  EXPECT_EQ(locate().error().reason, Reason::program_failed);
}

TEST_F(LocateClaude, Version_ArgumentsAndEnvironment) {
  install("test \"$*\" = --version && test -z \"$ANTHROPIC_API_KEY\" && echo 1.2.3");
  EXPECT_TRUE(locate());
}

TEST_F(LocateClaude, Missing_RemedyInstalls) {
  const auto claude = locate();
  ASSERT_FALSE(claude);
  EXPECT_EQ(claude.error().reason, Reason::program_missing);
  EXPECT_EQ(claude.error().message, "Claude Code is not installed (no 'claude' on PATH)");
  EXPECT_EQ(command_line(claude.error().remedy), "npm install -g @anthropic-ai/claude-code");
}

TEST_F(LocateClaude, NotAVersion_ProgramFailed) {
  for (const auto* script : {"echo hello", "echo 2.1.197; exit 3", "echo broken >&2; exit 1"}) {
    install(script);
    const auto claude = locate();
    ASSERT_FALSE(claude) << script;
    EXPECT_EQ(claude.error().reason, Reason::program_failed);
    EXPECT_EQ(command_line(claude.error().remedy), (folder / "claude").string() + " --version");
  }
}

}  // namespace
}  // namespace jackin::mint
