// SPDX-License-Identifier: Apache-2.0
#include "client/core/browser.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/support/temp_dir.hpp"

namespace jackin::client {
namespace {

constexpr const char* url = "https://claude.ai/oauth/authorize?code=true&state=x";

class Browser : public testing::Test {
 protected:
  std::string make(const std::string& path, const std::string& text = "#!/bin/sh\n") {
    test::write_file(folder_ / path, text);
    chmod((folder_ / path).c_str(), 0755);
    return (folder_ / path).string();
  }
  Environment with(const std::string& browser, const std::string& path = {}) {
    return Environment({{"BROWSER", browser}, {"PATH", path}});
  }
  test::TempDir folder_;
};

TEST_F(Browser, BrowserVariable_Used) {
  const std::string program = make("bin/mine");
  EXPECT_EQ(browser_command(with(program), url).value(), (std::vector<std::string>{program, url}));
  EXPECT_EQ(browser_command(with("mine", (folder_ / "bin").string()), url).value(),
            (std::vector<std::string>{program, url}));
}

TEST_F(Browser, Arguments_AddressPlaced) {
  const std::string program = make("mine");
  EXPECT_EQ(browser_command(with(program + " --profile work --url=%s -x"), url).value(),
            (std::vector<std::string>{program, "--profile", "work", std::string("--url=") + url, "-x"}));
}

TEST_F(Browser, SeveralEntries_FirstFoundUsed) {
  const std::string second = make("second");
  EXPECT_EQ(browser_command(with("/no/such/one:relative/one:" + second), url).value().front(), second);
}

TEST_F(Browser, Quotes_SplitAsInShell) {
  const std::string program = make("sp ace/mine");
  const std::string at_root = (folder_ / "sp ace").string();
  using Words = std::vector<std::string>;
  const std::vector<std::pair<std::string, Words>> cases{
      {"\"" + program + "\" %s", {program, url}},
      {"'" + program + "' --profile-directory='Profile 1'", {program, "--profile-directory=Profile 1", url}},
      {at_root.substr(0, at_root.size() - 4) + "\\ ace/mine -P \"my \\\"own\\\" \\n\"",
       {program, "-P", "my \"own\" \\n", url}},
      {"mine \"\" ''%s'' &", {program, "", url}},
      {"mine '&' a\\&b", {program, "&", "a&b", url}},
      {"mine --app='%s' --again=%s", {program, std::string("--app=") + url, std::string("--again=") + url}},
      {"mine 'a:b' c\\:d", {program, "a:b", "c:d", url}},
      {"mine $HOME ~ `id` $(id) *", {program, "$HOME", "~", "`id`", "$(id)", "*", url}},
      {" \t mine \t -x ", {program, "-x", url}},
  };
  for (const auto& [browser, words] : cases) {
    const auto command = browser_command(with(browser, at_root), url);
    ASSERT_TRUE(command) << browser << ": " << command.error().message;
    EXPECT_EQ(*command, words) << browser;
  }
}

TEST_F(Browser, OpenQuote_Rejected) {
  const std::string program = make("mine");
  for (const std::string end : {" 'a", " \"a", " a\\"}) {
    const auto command = browser_command(with(program + end), url);
    ASSERT_FALSE(command) << end;
    EXPECT_EQ(command.error().reason, Reason::invalid_argument);
  }
}

TEST_F(Browser, NoEntryFound_Rejected) {
  make("bin/xdg-open");
  make("bin/open");
  for (const auto* named : {"/no/such/one", "nosuch --profile x", "a:b", "\"/no such\" %s"}) {
    const auto command = browser_command(with(named, (folder_ / "bin").string()), url);
    ASSERT_FALSE(command) << named;
    EXPECT_EQ(command.error().reason, Reason::program_missing);
    EXPECT_NE(command.error().message.find(named), std::string::npos) << command.error().message;
  }
}

TEST_F(Browser, NoVariable_DesktopOpenerUsed) {
#ifndef __APPLE__
  const std::string opener = make("bin/xdg-open");
  EXPECT_EQ(browser_command(with("", (folder_ / "bin").string()), url).value(),
            (std::vector<std::string>{opener, url}));
#endif
}

TEST_F(Browser, UnsafePathEntries_Skipped) {
  make("open/xdg-open");
  make("open/open");
  chmod((folder_ / "open").c_str(), 0777);
  EXPECT_EQ(browser_command(with("", (folder_ / "open").string() + ":.:"), url).error().reason,
            Reason::program_missing);
}

TEST_F(Browser, OtherThanHttps_Rejected) {
  const std::string program = make("mine");
  for (const char* bad : {"http://claude.ai/", "file:///etc/passwd", "-flag", "https://", "https://a b", "https://a\nb",
                          "javascript:alert(1)", "https://a\"b", "HTTPS://claude.ai/"}) {
    EXPECT_EQ(browser_command(with(program), bad).error().reason, Reason::invalid_argument) << bad;
  }
}

TEST_F(Browser, Address_OneArgumentWithoutShell) {
  const std::string seen = (folder_ / "seen").string();
  const std::string program = make("mine", "#!/bin/sh\nprintf '%s|' \"$@\" >'" + seen + "'\n");
  const std::string sneaky = "https://claude.ai/?a=1&b=$(id);touch${IFS}x";
  const auto started = open_browser(with(program), sneaky);
  ASSERT_TRUE(started);
  int status = 0;
  ASSERT_EQ(waitpid(*started, &status, 0), *started);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(test::read_file(seen), sneaky + "|");
}

Environment only(const std::string& name) {
  Environment environment;
  environment.set(name, "x");
  return environment;
}

TEST(BrowserShowsHere, SshOrNoDisplay_False) {
  EXPECT_FALSE(browser_shows_here(Environment({{"SSH_CONNECTION", "x"}, {"DISPLAY", ":0"}})));
  EXPECT_TRUE(browser_shows_here(only("WAYLAND_DISPLAY")));
  EXPECT_TRUE(browser_shows_here(only("BROWSER")));
#ifndef __APPLE__
  EXPECT_FALSE(browser_shows_here(Environment()));
#endif
}

}  // namespace
}  // namespace jackin::client
