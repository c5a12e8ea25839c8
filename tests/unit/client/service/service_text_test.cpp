// SPDX-License-Identifier: Apache-2.0
#include "client/service/service_text.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temp_dir.hpp"

namespace jackin::client {
namespace {

class ServiceText : public testing::Test {
 protected:
  Result<ServiceDescription> describe(const Environment& overrides = {}, const std::string& folder = "programs") {
    test::write_file(temp_ / (folder + "/jackind"), "");
    chmod((temp_ / (folder + "/jackind")).c_str(), 0755);
    Environment environment(Environment::Variables{{"HOME", "/home/user"}});
    for (const auto& [name, value] : overrides.variables()) environment.set(name, value);
    return describe_service(environment, temp_ / folder);
  }
  static bool has_line(const std::string& text, const std::string& line) {
    return text.find("\n" + line + "\n") != std::string::npos;
  }
  test::TempDir temp_;
};

TEST_F(ServiceText, AllTexts_NoPlaceholderLeft) {
  const auto service = describe().value();
  for (const std::string& text : {service_unit(service), socket_unit(service), launch_agent(service)}) {
    EXPECT_EQ(text.find('@'), std::string::npos) << text;
  }
  EXPECT_TRUE(has_line(service_unit(service), "ExecStart=" + (temp_ / "programs/jackind").string() + " --foreground"));
  EXPECT_EQ(service_unit(service).find("Environment="), std::string::npos);
  EXPECT_TRUE(has_line(socket_unit(service), "ListenStream=%t/jackin/jackind.sock"));
}

TEST_F(ServiceText, Units_SpecialCharacters_EscapedForSystemd) {
  const auto service =
      describe(Environment({{"JACKIN_CONFIG_DIR", "/a b/100%"}, {"JACKIN_RUNTIME_DIR", "/r $x/5%"}}), "50% of it")
          .value();
  const std::string unit = service_unit(service);
  EXPECT_TRUE(has_line(unit, "ExecStart=\"" + temp_.path().string() + "/50%% of it/jackind\" --foreground")) << unit;
  EXPECT_TRUE(has_line(unit, "Environment=\"JACKIN_CONFIG_DIR=/a b/100%%\""));
  EXPECT_TRUE(has_line(unit, "Environment=\"JACKIN_RUNTIME_DIR=/r $x/5%%\""));
  EXPECT_TRUE(has_line(socket_unit(service), "ListenStream=/r $x/5%%/jackind.sock"));
}

TEST_F(ServiceText, LaunchAgent_SpecialCharacters_EscapedForXml) {
  const auto service = describe(Environment(Environment::Variables{{"JACKIND_STATE_DIR", "/<a> & b"}}), "p&q").value();
  const std::string agent = launch_agent(service);
  EXPECT_NE(agent.find("<string>" + temp_.path().string() + "/p&amp;q/jackind</string>"), std::string::npos) << agent;
  EXPECT_NE(agent.find("<key>JACKIND_STATE_DIR</key>\n    <string>/&lt;a&gt; &amp; b</string>"), std::string::npos);
  EXPECT_NE(agent.find("<string>/&lt;a&gt; &amp; b/run/jackind.sock</string>"), std::string::npos);
  EXPECT_NE(agent.find("<string>/&lt;a&gt; &amp; b/log/launchd.log</string>"), std::string::npos);
}

TEST_F(ServiceText, LaunchAgent_RuntimeFolder_InEnvironment) {
  const auto service =
      describe(Environment(Environment::Variables{{"XDG_RUNTIME_DIR", temp_.path().string()}})).value();
  EXPECT_NE(launch_agent(service).find("<key>JACKIN_RUNTIME_DIR</key>\n    <string>" + temp_.path().string() +
                                       "/jackin</string>"),
            std::string::npos);
}

TEST_F(ServiceText, Unit_NonDefaultFolders_InEnvironment) {
  const auto moved = describe(Environment({{"XDG_STATE_HOME", "/s"}, {"XDG_DATA_HOME", "/d"}})).value();
  EXPECT_TRUE(has_line(service_unit(moved), "Environment=JACKIND_STATE_DIR=/s/jackind"));
  EXPECT_TRUE(has_line(service_unit(moved), "Environment=JACKIND_DATA_DIR=/d/jackind"));
  const auto same = describe(Environment(Environment::Variables{{"JACKIN_HOME_DIR", "/home/user/.jackin"}})).value();
  EXPECT_EQ(service_unit(same).find("Environment="), std::string::npos);
}

TEST_F(ServiceText, Describe_UnsupportedCharacters_Rejected) {
  for (const char* folder : {"/a\"b", "/a'b", "/a\\b", "/a\nb", "/a\x1b[1m", "/a\xff"}) {
    const auto service = describe(Environment(Environment::Variables{{"JACKIND_STATE_DIR", folder}}));
    ASSERT_FALSE(service) << folder;
    EXPECT_EQ(service.error().reason, Reason::invalid_argument);
    EXPECT_FALSE(service.error().remedy.empty());
  }
}

TEST_F(ServiceText, Describe_NoJackindBesideClient_ProgramMissing) {
  EXPECT_EQ(
      describe_service(Environment(Environment::Variables{{"HOME", "/home/user"}}), temp_ / "nothing").error().reason,
      Reason::program_missing);
}

TEST_F(ServiceText, Signature_Edited_Invalid) {
  const auto service = describe().value();
  for (const std::string& text : {service_unit(service), socket_unit(service), launch_agent(service)}) {
    EXPECT_TRUE(is_signed(text));
    for (std::size_t at = 0; at < text.size(); at += 7) {
      std::string edited = text;
      edited.insert(at, "x");
      EXPECT_FALSE(is_signed(edited)) << edited;
    }
    EXPECT_FALSE(is_signed(text + "\n"));
  }
  EXPECT_FALSE(is_signed(""));
  EXPECT_FALSE(is_signed("[Service]\nExecStart=/usr/bin/jackind --foreground\n"));
}

TEST_F(ServiceText, HasSameLine_Key_ComparesWholeLine) {
  EXPECT_TRUE(has_same_line("a\nExecStart=/x\nb", "ExecStart=/x\n", "ExecStart"));
  EXPECT_FALSE(has_same_line("ExecStart=/y", "ExecStart=/x\n", "ExecStart"));
  EXPECT_FALSE(has_same_line("ExecStartPre=/x", "ExecStart=/x\n", "ExecStart"));
  EXPECT_FALSE(has_same_line("", "", "ExecStart"));
}

}  // namespace
}  // namespace jackin::client
