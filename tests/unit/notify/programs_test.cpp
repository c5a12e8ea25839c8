// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>
#include <string_view>

#include "common/remedy_command.hpp"
#include "daemon/notify/notifiers.hpp"
#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/token_forms.hpp"

namespace jackin::notify {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

Notice rejection() {
  Notice notice;
  notice.kind = NoticeKind::rejected;
  notice.scope = Scope::role("my-app", "deploy").value();
  notice.summary = "the API rejects the token of my-app:deploy";
  notice.remedy = Remedy::rotate(notice.scope);
  notice.days_left = -3;
  notice.expires_on = parse_date("2026-11-20");
  notice.fingerprint = Fingerprint::parse("a3f9c2b81e74");
  return notice;
}

// The user's programs, run for real.
class NotifyPrograms : public testing::Test {
 protected:
  // A program that runs `script`.
  std::string program(std::string_view name, const std::string& script) {
    const auto path = folder_ / name;
    test::write_file(path, "#!/bin/sh\n" + script);
    EXPECT_EQ(::chmod(path.c_str(), 0700), 0);
    return path.string();
  }
  std::string seen() const { return test::read_file(folder_ / "seen"); }
  std::string into_seen() const { return " >" + (folder_ / "seen").string(); }
  Result<> deliver(Notifier& notifier, Notice notice) { return test::await(io_, notifier.deliver(std::move(notice))); }

  test::TempDir folder_;
  asio::io_context io_;
  test::FakeClock clock_;
  std::unique_ptr<ProgramRunner> runner_ = system_program_runner(io_.get_executor(), clock_);
};

Environment daemon_environment() {
  Environment environment;
  environment.set("PATH", "/usr/bin:/bin");
  environment.set("HOME", "/home/me");
  environment.set("LANG", "C.UTF-8");
  environment.set("XDG_RUNTIME_DIR", "/run/user/1000");
  environment.set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/x");
  environment.set("DISPLAY", ":0");
  environment.set("WAYLAND_DISPLAY", "wayland-0");
  environment.set("OP_SERVICE_ACCOUNT_TOKEN", "a secret");
  environment.set("HTTPS_PROXY", "http://user:password@proxy");
  return environment;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = text.find('\n', begin);
    lines.push_back(text.substr(begin, end - begin));
    begin = end == text.npos ? text.size() : end + 1;
  }
  return lines;
}

TEST_F(NotifyPrograms, Command_GetsFactsAndMinimalEnvironment) {
  const auto notifier =
      command_notifier({program("tell", "/usr/bin/env | sort" + into_seen())}, daemon_environment(), *runner_);
  const auto sent = deliver(*notifier, rejection());
  ASSERT_TRUE(sent) << sent.error().message;
  auto lines = lines_of(seen());
  // A shell adds these by itself.
  std::erase_if(lines, [](auto& line) {
    return line.starts_with("PWD=") || line.starts_with("_=") || line.starts_with("SHLVL=") ||
           line.starts_with("OLDPWD=");
  });
  EXPECT_THAT(lines, testing::UnorderedElementsAre(
                         "DBUS_SESSION_BUS_ADDRESS=unix:path=/x", "DISPLAY=:0", "HOME=/home/me", "JACKIN_DAYS_LEFT=-3",
                         "JACKIN_EVENT=rejected", "JACKIN_EXPIRES_ON=2026-11-20", "JACKIN_FINGERPRINT=a3f9c2b81e74",
                         "JACKIN_REMEDY=jackinctl rotate my-app --role deploy", "JACKIN_SCOPE=my-app:deploy",
                         "JACKIN_SUMMARY=the API rejects the token of my-app:deploy", "LANG=C.UTF-8",
                         "PATH=/usr/bin:/bin", "WAYLAND_DISPLAY=wayland-0", "XDG_RUNTIME_DIR=/run/user/1000"));
}

TEST_F(NotifyPrograms, Command_UnknownFacts_LeftOut) {
  const auto notifier =
      command_notifier({program("tell", "/usr/bin/env" + into_seen())}, daemon_environment(), *runner_);
  Notice notice = rejection();
  notice.days_left.reset();
  notice.expires_on.reset();
  notice.fingerprint.reset();
  ASSERT_TRUE(deliver(*notifier, notice));
  EXPECT_THAT(seen(), Not(HasSubstr("JACKIN_DAYS_LEFT")));
  EXPECT_THAT(seen(), Not(HasSubstr("JACKIN_EXPIRES_ON")));
  EXPECT_THAT(seen(), Not(HasSubstr("JACKIN_FINGERPRINT")));
}

TEST_F(NotifyPrograms, Command_FoundOnPath_RunWithoutShell) {
  program("tell", "printf '%s\\n' \"$@\"" + into_seen());
  Environment environment = daemon_environment();
  environment.set("PATH", folder_.path().string());
  const auto notifier = command_notifier({"tell", "$HOME", "a b", "; true"}, environment, *runner_);
  ASSERT_TRUE(deliver(*notifier, rejection()));
  EXPECT_THAT(lines_of(seen()), ElementsAre("$HOME", "a b", "; true"));
}

TEST_F(NotifyPrograms, Command_Fails_ErrorSaysHow) {
  const auto failing =
      command_notifier({program("tell", "echo 'no \033[31mroute' >&2; exit 3")}, daemon_environment(), *runner_);
  const auto sent = deliver(*failing, rejection());
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().reason, Reason::program_failed);
  EXPECT_THAT(sent.error().message, HasSubstr("ended with 3: no route"));
  const auto missing = command_notifier({"/nowhere/tell"}, daemon_environment(), *runner_);
  EXPECT_EQ(deliver(*missing, rejection()).error().reason, Reason::program_missing);
}

TEST_F(NotifyPrograms, Command_PrintsToken_NothingQuoted) {
  const auto said = folder_ / "said";
  const std::string script = "cat '" + said.string() + "' >&2; exit 3";
  const auto command = command_notifier({program("tell", script)}, daemon_environment(), *runner_);
  const auto osascript = apple_script_notifier(program("osascript", script), daemon_environment(), *runner_);
  // A notifier has no token to compare. So it cannot distinguish short pieces without the prefix from words.
  const std::set<std::string_view> as_words{"quoted piece by piece", "spaced out", "in groups", "pieces of six",
                                            "its middle"};
  for (const auto& form : test::forms_of_token(test::sample_token)) {
    if (as_words.contains(form.name)) continue;
    test::write_file(said, "no: " + form.text);
    for (auto* const notifier : {command.get(), osascript.get()}) {
      const auto sent = deliver(*notifier, rejection());
      ASSERT_FALSE(sent);
      EXPECT_EQ(test::shown_piece(sent.error().message, test::sample_token), "") << form.name;
    }
  }
}

TEST_F(NotifyPrograms, Command_DoesNotEnd_Stopped) {
  const auto notifier =
      command_notifier({program("tell", "exec cat /dev/zero >/dev/null")}, daemon_environment(), *runner_);
  test::Started<Result<>> delivering(io_, notifier->deliver(rejection()));
  io_.poll();
  clock_.advance(30s);
  EXPECT_EQ(delivering.result().error().reason, Reason::timed_out);
}

TEST_F(NotifyPrograms, AppleScript_TextsPassedAsArguments) {
  const auto osascript = program("osascript", "printf '%s\\n' \"$@\"" + into_seen());
  const auto notifier = apple_script_notifier(osascript, daemon_environment(), *runner_);
  Notice notice = rejection();
  notice.summary = "\" & (do shell script \"touch x\") & \"";
  const auto sent = deliver(*notifier, notice);
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_THAT(lines_of(seen()),
              ElementsAre("-e", "on run argv", "-e",
                          "display notification (item 3 of argv) with title (item 1 of argv) subtitle (item 2 of argv)",
                          "-e", "end run", "jackind", notice.summary, command_line(notice.remedy)));
}

TEST_F(NotifyPrograms, AppleScript_Fails_ErrorSaysHow) {
  const auto failing =
      apple_script_notifier(program("osascript", "echo 'execution error' >&2; exit 1"), daemon_environment(), *runner_);
  EXPECT_THAT(deliver(*failing, rejection()).error().message, HasSubstr("osascript ended with 1: execution error"));
  const auto missing = apple_script_notifier("/nowhere/osascript", daemon_environment(), *runner_);
  EXPECT_EQ(deliver(*missing, rejection()).error().reason, Reason::program_missing);
}

}  // namespace
}  // namespace jackin::notify
