// SPDX-License-Identifier: Apache-2.0
// Every call of jackin-hook, over its own transport and over grpc++, to the same daemon: both give the same answer.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "client/cli/launch_calls.hpp"
#include "client/hook/daemon_calls.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "common/remedy_command.hpp"
#include "tests/integration/support/programs.hpp"

namespace jackin {
namespace {

using client::DaemonCalls;
using testing::HasSubstr;
using testing::StartsWith;

const std::string token = "sk-ant-oat01-" + std::string(93, 'b') + "AA";

std::string text_of(const Error& error) {
  return "error " + std::string(to_code(error.reason)) + ": " + error.message + "\n" + command_line(error.remedy);
}

// The daemon checks again for each launch.
std::string without_time(v1::ProbeReply probe) {
  probe.clear_checked_at();
  return probe.SerializeAsString();
}

std::string text_of(const Result<v1::ProbeReply>& answer) {
  return answer ? without_time(*answer) : text_of(answer.error());
}

std::string text_of(const Result<std::optional<Scope>>& answer) {
  if (!answer) return text_of(answer.error());
  return *answer ? (*answer)->str() : "none";
}

std::string text_of(const Result<client::LaunchPlan>& answer) {
  if (!answer) return text_of(answer.error());
  std::string text = without_time(answer->probe) + "\n" + answer->banner.SerializeAsString() + "\n";
  if (answer->token) text += "token " + std::string(answer->token->view()) + "\n";
  for (const auto& name : answer->unset) text += "unset " + name + "\n";
  for (const auto& file : answer->files) {
    text += "file " + file.name + " " + std::to_string(static_cast<int>(file.rule)) + " ";
    text += std::string(file.content.view()) + "\n";
  }
  for (const auto& warning : answer->warnings) text += "warning " + warning + "\n";
  return text;
}

class TransportsTest : public testing::Test {
 protected:
  TransportsTest() {
    test::write_file(sandbox.home / "token", token);
    std::filesystem::permissions(sandbox.home / "token", std::filesystem::perms::owner_read);
    sandbox.workspace("demo", "workdir = \"" + work() + "\"\n[claude]\noauth_token = { file = \"" +
                                  (sandbox.home / "token").string() + "\" }\n");
    sandbox.workspace("gone", "[claude]\noauth_token = { file = \"" + (sandbox.home / "absent").string() + "\" }\n");
    sandbox.workspace("broken", "[claude\n");
    sandbox.workspace("plain", "[claude]\nauth_forward = \"ignore\"\n");
  }

  std::string work() const { return (sandbox.home / "work").string(); }

  // Makes the call on a new connection of each transport, and returns the answer that both gave.
  template <typename Call>
  std::string same(const Call& call) {
    const auto light = client::connect_lightly(programs.environment);
    const auto full = client::connect_over_grpc(programs.environment);
    const std::string one = light ? text_of(call(**light)) : text_of(light.error());
    const std::string other = full ? text_of(call(**full)) : text_of(full.error());
    EXPECT_EQ(one, other);
    return one;
  }

  std::string probe(const Scope& scope) {
    return same([&](DaemonCalls& daemon) { return daemon.probe(scope); });
  }
  std::string find(const std::string& folder) {
    return same([&](DaemonCalls& daemon) { return daemon.find_workspace(folder); });
  }
  std::string prepare(const Scope& scope) {
    v1::PrepareRequest request;
    *request.mutable_scope() = client::to_proto(scope);
    *request.mutable_environment() = client::to_proto(programs.environment);
    request.set_with_token(true);
    request.set_pid(getpid());
    request.set_command("claude");
    request.add_credentials_present("ANTHROPIC_API_KEY");
    return same([&](DaemonCalls& daemon) { return daemon.prepare(request); });
  }
  static Scope scope(const std::string& name) { return Scope::workspace(name).value(); }

  test::Sandbox sandbox;
  test::Programs programs{sandbox};
};

TEST_F(TransportsTest, EveryCall_SameAnswer) {
  ASSERT_EQ(programs.start_daemon(), "");
  EXPECT_THAT(probe(scope("demo")), HasSubstr("token"));
  EXPECT_THAT(probe(scope("gone")), HasSubstr("absent"));
  EXPECT_THAT(probe(scope("plain")), HasSubstr("plain"));
  EXPECT_THAT(probe(scope("broken")), HasSubstr("broken"));
  EXPECT_THAT(probe(scope("nowhere")), StartsWith("error unknown_workspace: "));
  EXPECT_THAT(probe(Scope::global()), testing::Not(StartsWith("error ")));
  EXPECT_THAT(probe(Scope::role("demo", "reviewer").value()), testing::Not(""));

  EXPECT_EQ(find(work()), "demo");
  EXPECT_EQ(find("/elsewhere"), "none");
  EXPECT_THAT(find("not absolute"), testing::Not("demo"));

  EXPECT_THAT(prepare(scope("demo")), HasSubstr("token " + token));
  EXPECT_THAT(prepare(scope("gone")), testing::Not(HasSubstr("token sk-ant")));
  EXPECT_THAT(prepare(scope("plain")), testing::Not(HasSubstr("token sk-ant")));
  EXPECT_THAT(prepare(scope("broken")), HasSubstr("broken"));
  EXPECT_THAT(prepare(scope("nowhere")), StartsWith("error unknown_workspace: "));
}

TEST_F(TransportsTest, ProbeThenLaunchOnOneConnection_SameAnswer) {
  ASSERT_EQ(programs.start_daemon(), "");
  std::filesystem::create_directory(work());
  const std::string answer = same([&](DaemonCalls& daemon) {
    v1::PrepareRequest request;
    const auto found = daemon.find_workspace(work());
    *request.mutable_scope() = client::to_proto(found.value().value());
    request.set_with_token(true);
    request.set_pid(getpid());
    EXPECT_TRUE(daemon.probe(scope("demo")));
    return daemon.prepare(request);
  });
  EXPECT_THAT(answer, HasSubstr("token " + token));
}

TEST_F(TransportsTest, RequestBeyondWindow_SameAnswer) {
  ASSERT_EQ(programs.start_daemon(), "");
  // HTTP/2 lets a client send 64 KiB before the server asks for more.
  programs.environment.set("OP_SESSION_one", std::string(200'000, 's'));
  EXPECT_THAT(prepare(scope("demo")), HasSubstr("token " + token));
  // More than jackind accepts.
  programs.environment.set("OP_SESSION_one", std::string(5'000'000, 's'));
  EXPECT_THAT(prepare(scope("demo")), StartsWith("error "));
}

TEST_F(TransportsTest, OtherConfiguration_SameRefusal) {
  ASSERT_EQ(programs.start_daemon(), "");
  programs.environment.set("JACKIN_CONFIG_DIR", (sandbox.home / "other-config").string());
  EXPECT_THAT(probe(scope("demo")), StartsWith("error daemon_mismatch: "));
  EXPECT_THAT(prepare(scope("demo")), StartsWith("error daemon_mismatch: "));
}

TEST_F(TransportsTest, NoDaemon_SameError) {
  programs.environment.set("JACKIN_NO_AUTOSTART", "1");
  EXPECT_THAT(probe(scope("demo")), StartsWith("error daemon_unreachable: jackind is not running"));
}

}  // namespace
}  // namespace jackin
