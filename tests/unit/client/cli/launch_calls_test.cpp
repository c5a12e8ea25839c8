// SPDX-License-Identifier: Apache-2.0
// The calls of a launch over both transports, to a server of gRPC that answers what no jackind would.
#include "client/cli/launch_calls.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/temp_dir.hpp"
#include "tests/unit/client/core/fake_daemon.hpp"

namespace jackin::client {
namespace {

class LaunchCallsTest : public testing::Test {
 protected:
  LaunchCallsTest() : daemon(temp.path().string()) {}

  // What both transports return.
  Result<v1::ProbeReply> probe() {
    const auto ask = [](Result<std::unique_ptr<DaemonCalls>> calls) -> Result<v1::ProbeReply> {
      if (!calls) return failure(calls.error());
      return (*calls)->probe(Scope::global());
    };
    auto light = ask(connect_lightly(environment));
    const auto full = ask(connect_over_grpc(environment));
    EXPECT_EQ(light.has_value(), full.has_value());
    if (light && full) {
      EXPECT_EQ(light->SerializeAsString(), full->SerializeAsString());
    } else if (!light && !full) {
      EXPECT_EQ(light.error().reason, full.error().reason);
      EXPECT_EQ(light.error().message, full.error().message);
    }
    return light;
  }

  test::TempDir temp;
  FakeDaemon daemon;
  Environment environment{
      {{"HOME", temp.path().string()}, {"JACKIN_RUNTIME_DIR", temp.path().string()}, {"JACKIN_NO_AUTOSTART", "1"}}};
};

TEST_F(LaunchCallsTest, ReplyBeyondWindow_Whole) {
  daemon.probe.set_summary(std::string(3'000'000, 's'));
  const auto answer = probe();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->summary().size(), 3'000'000U);
}

TEST_F(LaunchCallsTest, EmptyReply_Accepted) {
  EXPECT_TRUE(probe());
}

TEST_F(LaunchCallsTest, HelloRefused_ErrorOfDaemon) {
  daemon.hello_error = Error{Reason::limit_reached, "too many connections", Remedy::restart_daemon()};
  const auto answer = probe();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason, Reason::limit_reached);
}

TEST_F(LaunchCallsTest, OtherProtocol_Mismatch) {
  daemon.hello_major = protocol_major + 1;
  const auto answer = probe();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason, Reason::daemon_mismatch);
}

TEST_F(LaunchCallsTest, LongErrorOfDaemon_Whole) {
  daemon.probe_error =
      Error{Reason::source_gone, std::string(1500, 'm') + " \xc3\xa9 100%", Remedy::try_again("later")};
  const auto answer = probe();
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().message.ends_with(" \xc3\xa9 100%"));
  EXPECT_EQ(answer.error().remedy.note, "later");
}

TEST_F(LaunchCallsTest, ServerWithoutLaunches_Mismatch) {
  for (const auto connect : {connect_lightly, connect_over_grpc}) {
    const auto calls = connect(environment);
    ASSERT_TRUE(calls);
    const auto plan = (*calls)->prepare(v1::PrepareRequest());
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().reason, Reason::daemon_mismatch);
  }
}

}  // namespace
}  // namespace jackin::client
