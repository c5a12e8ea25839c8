// SPDX-License-Identifier: Apache-2.0
#include "common/remedy_command.hpp"
#include "tests/unit/client/service/fake_manager.hpp"

namespace jackin::client {
namespace {

class Units : public WithManager {
 protected:
  Units() : WithManager("systemctl") {}

  Result<ServiceOutcome> install() {
    return unit_installer(environment_, {packaged()})->install(service(), end_running());
  }
  Result<ServiceOutcome> uninstall() { return unit_installer(environment_, {packaged()})->uninstall(end_running()); }

  std::filesystem::path packaged() const { return temp_ / "packaged"; }
  std::filesystem::path unit() const { return home() / ".config/systemd/user/jackind.service"; }
  std::filesystem::path socket() const { return home() / ".config/systemd/user/jackind.socket"; }
};

constexpr const char* enabling = "--user enable --now jackind.socket jackind.service\n";
constexpr const char* disabling = "--user disable --now jackind.socket jackind.service\n";

TEST_F(Units, Install_DaemonRuns_EnabledAfterItsEnd) {
  const auto done = install();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_TRUE(done->changed);
  EXPECT_EQ(done->files, (std::vector<std::filesystem::path>{unit(), socket()}));
  EXPECT_EQ(test::read_file(unit()), service_unit(service()));
  EXPECT_EQ(test::read_file(socket()), socket_unit(service()));
  EXPECT_EQ(calls(), std::string("--user daemon-reload\n--user daemon-reload\n(the daemon ends)\n") + enabling);
  struct stat found {};
  ASSERT_EQ(stat(unit().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0644U & ~(umask(0022), 0022U));
}

TEST_F(Units, Install_Again_Unchanged) {
  ASSERT_TRUE(install());
  calls();
  ended_ = 0;
  const auto again = install();
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->changed);
  EXPECT_EQ(ended_, 0);
  EXPECT_EQ(calls().find("enable --now"), std::string::npos);
}

TEST_F(Units, Install_WrittenButDisabled_Enabled) {
  ASSERT_TRUE(install());
  std::filesystem::remove(temp_ / "on");
  calls();
  ASSERT_TRUE(install());
  EXPECT_EQ(calls(), std::string("--user is-active --quiet jackind.socket\n(the daemon ends)\n") + enabling);
}

TEST_F(Units, Install_XdgConfigHome_WrittenThere) {
  environment_.set("XDG_CONFIG_HOME", (temp_ / "elsewhere").string());
  const auto done = install();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->files.front(), temp_ / "elsewhere/systemd/user/jackind.service");
  EXPECT_FALSE(std::filesystem::exists(unit()));
}

TEST_F(Units, Install_FolderMoved_UnitsReplaced) {
  ASSERT_TRUE(install());
  calls();
  environment_.set("JACKIN_RUNTIME_DIR", "/run/elsewhere/");
  const auto done = install();
  ASSERT_TRUE(done);
  EXPECT_TRUE(done->changed);
  EXPECT_NE(test::read_file(unit()).find("\nEnvironment=JACKIN_RUNTIME_DIR=/run/elsewhere\n"), std::string::npos);
  EXPECT_NE(test::read_file(socket()).find("\nListenStream=/run/elsewhere/jackind.sock\n"), std::string::npos);
  // The units are disabled while their old text is in place, so the manager closes the old socket.
  EXPECT_EQ(calls(), std::string("--user daemon-reload\n(the daemon ends)\n") + disabling +
                         "--user daemon-reload\n(the daemon ends)\n" + enabling);
}

TEST_F(Units, InstallAndUninstall_UnitEdited_Rejected) {
  ASSERT_TRUE(install());
  const std::string edited = test::read_file(unit()) + "# mine\n";
  test::write_file(unit(), edited);
  environment_.set("JACKIN_RUNTIME_DIR", "/run/elsewhere");
  calls();
  for (const bool in : {true, false}) {
    const auto done = in ? install() : uninstall();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().reason, Reason::not_ours);
    EXPECT_EQ(command_line(done.error().remedy), "mv " + unit().string() + " " + unit().string() + ".old");
    EXPECT_EQ(test::read_file(unit()), edited);
    EXPECT_EQ(calls(), "");
  }
}

TEST_F(Units, Install_Masked_Rejected) {
  std::filesystem::create_directories(socket().parent_path());
  std::filesystem::create_symlink("/dev/null", socket());
  const auto done = install();
  ASSERT_FALSE(done);
  EXPECT_EQ(command_line(done.error().remedy), "systemctl --user unmask jackind.socket");
  EXPECT_TRUE(std::filesystem::is_symlink(socket()));
}

TEST_F(Units, Install_ReloadFails_NothingWritten) {
  fail_at("--user daemon-reload");
  const auto done = install();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().reason, Reason::program_failed);
  EXPECT_NE(done.error().message.find("`systemctl --user daemon-reload` failed: the manager is not in the mood"),
            std::string::npos)
      << done.error().message;
  EXPECT_FALSE(done.error().remedy.empty());
  EXPECT_EQ(ended_, 0);
  EXPECT_FALSE(std::filesystem::exists(unit()));
}

TEST_F(Units, Install_NoUserSession_Unsupported) {
  fail_at("--user daemon-reload\n--user show --property=Version");
  const auto done = install();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().reason, Reason::unsupported);
  EXPECT_EQ(done.error().message, "no systemd user session here (container, sudo or su?)");
  EXPECT_EQ(command_line(done.error().remedy), "jackinctl daemon start");
  EXPECT_EQ(ended_, 0);
  EXPECT_FALSE(std::filesystem::exists(unit()));
}

TEST_F(Units, Install_EnableFails_UnitsRemoved) {
  fail_at("--user enable --now jackind.socket jackind.service");
  const auto done = install();
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("the installation was undone"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(unit()));
  EXPECT_FALSE(std::filesystem::exists(socket()));
  // Each time, a daemon that a client had started meanwhile was stopped.
  EXPECT_EQ(ended_, 3);
}

TEST_F(Units, Install_EnableFails_FormerUnitsRestored) {
  ASSERT_TRUE(install());
  const std::string before = test::read_file(unit());
  environment_.set("JACKIND_STATE_DIR", "/elsewhere");
  fail_at("--user enable --now jackind.socket jackind.service");
  ASSERT_FALSE(install());
  EXPECT_EQ(test::read_file(unit()), before);
  EXPECT_EQ(test::read_file(socket()), socket_unit(service()));
}

TEST_F(Units, Install_DaemonDoesNotEnd_UnitsUnchanged) {
  ASSERT_TRUE(install());
  const std::string before = test::read_file(unit());
  environment_.set("JACKIND_STATE_DIR", "/elsewhere");
  end_result_ = failure(Reason::timed_out, "still runs", Remedy::of_processes(RemedyAction::end_processes, {7}));
  const auto done = install();
  ASSERT_FALSE(done);
  EXPECT_EQ(command_line(done.error().remedy), "kill 7");
  EXPECT_EQ(test::read_file(unit()), before);
  EXPECT_TRUE(is_on());
}

TEST_F(Units, Install_PackagedUnits_Used) {
  test::write_file(packaged() / "jackind.service",
                   "# the package's\n[Service]\nExecStart=" + (bin() / "jackind").string() + " --foreground\n");
  test::write_file(packaged() / "jackind.socket", "[Socket]\nListenStream=%t/jackin/jackind.sock\n");
  const auto done = install();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->files.front(), packaged() / "jackind.service");
  EXPECT_FALSE(std::filesystem::exists(unit()));
  EXPECT_TRUE(is_on());

  const auto removed = uninstall();
  ASSERT_TRUE(removed);
  EXPECT_TRUE(removed->changed);
  EXPECT_TRUE(removed->files.empty());
  EXPECT_FALSE(is_on());
  EXPECT_TRUE(std::filesystem::exists(packaged() / "jackind.service"));

  const auto again = uninstall();
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->changed);
}

TEST_F(Units, Install_PackagedUnitsStartOtherJackind_OwnWritten) {
  test::write_file(packaged() / "jackind.service", "[Service]\nExecStart=/usr/bin/jackind --foreground\n");
  test::write_file(packaged() / "jackind.socket", "[Socket]\nListenStream=%t/jackin/jackind.sock\n");
  ASSERT_TRUE(install());
  EXPECT_TRUE(std::filesystem::exists(unit()));
}

TEST_F(Units, Install_PackagedUnitsAdded_OwnRemoved) {
  ASSERT_TRUE(install());
  test::write_file(packaged() / "jackind.service",
                   "[Service]\nExecStart=" + (bin() / "jackind").string() + " --foreground\n");
  test::write_file(packaged() / "jackind.socket", "[Socket]\nListenStream=%t/jackin/jackind.sock\n");
  calls();
  ASSERT_TRUE(install());
  EXPECT_FALSE(std::filesystem::exists(unit()));
  EXPECT_EQ(calls(), std::string("--user daemon-reload\n(the daemon ends)\n") + disabling +
                         "--user daemon-reload\n(the daemon ends)\n" + enabling);
}

TEST_F(Units, Uninstall_UnitsRemoved_DropInKept) {
  ASSERT_TRUE(install());
  const auto drop_in = home() / ".config/systemd/user/jackind.service.d/mine.conf";
  test::write_file(drop_in, "[Service]\n");
  calls();
  const auto done = uninstall();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_TRUE(done->changed);
  EXPECT_EQ(done->files, (std::vector<std::filesystem::path>{unit(), socket()}));
  EXPECT_FALSE(std::filesystem::exists(unit()));
  EXPECT_FALSE(std::filesystem::exists(socket()));
  EXPECT_TRUE(std::filesystem::exists(drop_in));
  EXPECT_EQ(calls(), std::string("--user is-active --quiet jackind.socket\n(the daemon ends)\n") + disabling +
                         "--user daemon-reload\n");
}

TEST_F(Units, Uninstall_NotInstalled_Ok) {
  environment_.set("PATH", (temp_ / "nothing").string());
  const auto done = uninstall();
  ASSERT_TRUE(done);
  EXPECT_FALSE(done->changed);
  EXPECT_TRUE(done->files.empty());
}

TEST_F(Units, Uninstall_DisableFails_UnitsKept) {
  ASSERT_TRUE(install());
  fail_at("--user disable --now jackind.socket jackind.service");
  ASSERT_FALSE(uninstall());
  EXPECT_TRUE(std::filesystem::exists(unit()));
}

TEST_F(Units, Install_NoSystemd_Unsupported) {
  environment_.set("PATH", (temp_ / "nothing").string());
  const auto done = install();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().reason, Reason::unsupported);
  EXPECT_FALSE(std::filesystem::exists(unit()));
}

}  // namespace
}  // namespace jackin::client
