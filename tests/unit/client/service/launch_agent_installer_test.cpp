// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "tests/unit/client/service/fake_manager.hpp"

namespace jackin::client {
namespace {

class LaunchAgent : public WithManager {
 protected:
  LaunchAgent() : WithManager("launchctl") {}

  Result<ServiceOutcome> install() { return launch_agent_installer(environment_)->install(service(), end_running()); }
  Result<ServiceOutcome> uninstall() { return launch_agent_installer(environment_)->uninstall(end_running()); }

  std::filesystem::path agent() const { return home() / "Library/LaunchAgents/dev.jackin.jackind.plist"; }
  std::filesystem::path state() const { return home() / ".local/state/jackind"; }
  std::string domain() const { return "gui/" + std::to_string(getuid()); }
  std::string target() const { return domain() + "/dev.jackin.jackind"; }
  std::string loading() const {
    return "enable " + target() + "\nbootstrap " + domain() + " " + agent().string() + "\n";
  }
};

TEST_F(LaunchAgent, Install_DaemonRuns_LoadedAfterItsEnd) {
  const auto done = install();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_TRUE(done->changed);
  EXPECT_EQ(done->files, std::vector<std::filesystem::path>{agent()});
  EXPECT_EQ(test::read_file(agent()), launch_agent(service()));
  EXPECT_EQ(calls(), "print " + target() + "\n(the daemon ends)\n" + loading());
  // launchd does not create these folders, and other users must not read them.
  for (const auto& folder : {state(), state() / "run", state() / "log"}) {
    struct stat found {};
    ASSERT_EQ(stat(folder.c_str(), &found), 0) << folder;
    EXPECT_EQ(found.st_mode & 0777, 0700U) << folder;
  }
}

TEST_F(LaunchAgent, Install_Again_Unchanged) {
  ASSERT_TRUE(install());
  calls();
  const auto again = install();
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->changed);
  EXPECT_EQ(calls(), "print " + target() + "\n");
}

TEST_F(LaunchAgent, Install_FolderMoved_AgentReplaced) {
  ASSERT_TRUE(install());
  calls();
  environment_.set("JACKIND_STATE_DIR", (temp_ / "a & b").string());
  ASSERT_TRUE(install());
  EXPECT_NE(test::read_file(agent()).find("<string>" + (temp_ / "a &amp; b").string() + "</string>"),
            std::string::npos);
  EXPECT_EQ(calls(), "print " + target() + "\n(the daemon ends)\nbootout " + target() + "\n" + loading());
}

TEST_F(LaunchAgent, InstallAndUninstall_AgentEdited_Rejected) {
  ASSERT_TRUE(install());
  test::write_file(agent(), test::read_file(agent()) + "<!-- mine -->\n");
  environment_.set("JACKIND_STATE_DIR", (temp_ / "other").string());
  EXPECT_EQ(install().error().reason, Reason::not_ours);
  EXPECT_EQ(uninstall().error().reason, Reason::not_ours);
  EXPECT_TRUE(is_on());
}

TEST_F(LaunchAgent, Install_LoadFails_AgentRemoved) {
  fail_at("bootstrap " + domain() + " " + agent().string());
  const auto done = install();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().reason, Reason::program_failed);
  EXPECT_NE(done.error().message.find("the manager is not in the mood"), std::string::npos) << done.error().message;
  EXPECT_FALSE(std::filesystem::exists(agent()));
}

TEST_F(LaunchAgent, Uninstall_UnloadedAndRemoved) {
  ASSERT_TRUE(install());
  calls();
  const auto done = uninstall();
  ASSERT_TRUE(done);
  EXPECT_TRUE(done->changed);
  EXPECT_EQ(calls(), "print " + target() + "\n(the daemon ends)\nbootout " + target() + "\n");
  EXPECT_FALSE(std::filesystem::exists(agent()));
  EXPECT_TRUE(std::filesystem::exists(state()));
  EXPECT_FALSE(uninstall()->changed);
}

TEST_F(LaunchAgent, Install_NoLaunchd_Unsupported) {
  environment_.set("PATH", (temp_ / "nothing").string());
  EXPECT_EQ(install().error().reason, Reason::unsupported);
}

}  // namespace
}  // namespace jackin::client
