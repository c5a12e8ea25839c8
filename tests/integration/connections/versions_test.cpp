// SPDX-License-Identifier: Apache-2.0
// Clients and daemons of different builds: builds with one protocol work together, others get an error with a remedy.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/version.hpp"
#include "tests/integration/support/programs.hpp"

namespace jackin {
namespace {

using test::Program;
using test::ProgramEnd;
using test::Programs;
using test::Sandbox;
using testing::AllOf;
using testing::HasSubstr;

const std::string ours = std::to_string(protocol_major);
const std::string newer = std::to_string(protocol_major + 1);
const std::string newer_minor = std::to_string(protocol_minor + 7);
constexpr const char* restart = "try: jackinctl daemon restart\n";

class VersionsTest : public testing::Test {
 protected:
  VersionsTest() { sandbox.workspace("demo", "workdir = \"/work\"\n"); }

  Program other_daemon(const std::string& major, const std::string& minor, const std::string& manner) {
    Program daemon = programs.start("other_daemon", {major, minor, "9.8.7", manner});
    EXPECT_TRUE(daemon.wait_for_output_text("listens"));
    return daemon;
  }
  ProgramEnd ctl(const std::vector<std::string>& arguments) { return programs.run("jackinctl", arguments); }

  Sandbox sandbox;
  Programs programs{sandbox};
};

TEST_F(VersionsTest, Client_OtherProtocol_RejectedWithRemedy) {
  ASSERT_EQ(programs.start_daemon(), "");
  const ProgramEnd refused = programs.run("test_client", {"greet", newer, "0", "9.8.7"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.errors, AllOf(HasSubstr("daemon_mismatch: "), HasSubstr("9.8.7"), HasSubstr("protocol " + newer),
                                    HasSubstr("jackinctl daemon restart")));
}

TEST_F(VersionsTest, Client_OtherMinor_Accepted) {
  ASSERT_EQ(programs.start_daemon(), "");
  const ProgramEnd greeted = programs.run("test_client", {"greet", ours, newer_minor, "9.8.7"});
  EXPECT_EQ(greeted.exit_code, 0) << greeted.errors;
}

TEST_F(VersionsTest, Daemon_OtherMinor_Accepted) {
  Program daemon = other_daemon(ours, newer_minor, "refuses");
  const ProgramEnd greeted = programs.run("test_client", {"hello"});
  EXPECT_EQ(greeted.exit_code, 0) << greeted.errors;
  EXPECT_EQ(greeted.output, std::to_string(daemon.pid()) + "\n");
}

TEST_F(VersionsTest, Daemon_OtherProtocol_RestartFixesIt) {
  for (const char* manner : {"refuses", "accepts", "ignores"}) {
    SCOPED_TRACE(manner);
    Program daemon = other_daemon(newer, "0", manner);
    const ProgramEnd refused = ctl({"probe", "demo"});
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_TRUE(refused.errors.starts_with("error: ")) << refused.errors;
    EXPECT_TRUE(refused.errors.ends_with(restart)) << refused.errors;

    const ProgramEnd restarted = ctl({"daemon", "restart"});
    EXPECT_EQ(restarted.exit_code, 0) << restarted.errors;
    EXPECT_EQ(daemon.wait().exit_code, 0);
    EXPECT_EQ(ctl({"probe", "demo"}).exit_code, 0);
    EXPECT_EQ(ctl({"daemon", "stop"}).exit_code, 0);
  }
}

}  // namespace
}  // namespace jackin
