// SPDX-License-Identifier: Apache-2.0
// Every fault that a daemon, or another program at its socket, can show to the light transport.
#include "client/rpc/light_connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "client/rpc/repeat_lost.hpp"
#include "common/remedy_command.hpp"
#include "common/version.hpp"
#include "jackin/v1/daemon.pb.h"
#include "jackin/v1/health.pb.h"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/client/rpc/scripted_daemon.hpp"

namespace jackin::client {
namespace {

using testing::HasSubstr;

constexpr std::uint32_t hello = 1;  // the stream of the first call, and that of the second
constexpr std::uint32_t probe = 3;

std::string hello_reply(int major = protocol_major) {
  v1::HelloReply message;
  message.set_protocol_major(static_cast<std::uint32_t>(major));
  message.set_version("9.8.7");
  return message.SerializeAsString();
}

std::string probe_reply() {
  v1::ProbeReply message;
  message.set_summary("from the daemon");
  return message.SerializeAsString();
}

std::string error_detail(const std::string& reason, const std::string& message) {
  v1::ErrorDetail detail;
  detail.set_reason(reason);
  detail.set_message(message);
  return detail.SerializeAsString();
}

class LightConnectionTest : public testing::Test {
 protected:
  test::TempDir dir;
  Environment environment{{{"HOME", dir.path().string()}, {"JACKIN_NO_AUTOSTART", "1"}}};
  Paths paths{.home = dir.path(),
              .config_dir = dir / "config",
              .state_dir = dir / "state",
              .data_dir = dir / "data",
              .runtime_dir = dir / "run",
              .home_dir = dir / ".jackin"};
  v1::ProbeReply answer;
  int clients = 0;

  Result<> ask(const ScriptedDaemon::Script& script, std::chrono::milliseconds limit = std::chrono::seconds(30)) {
    ScriptedDaemon daemon(paths.socket(), script);
    Result<> asked;
    {
      LightConnection connection(environment, paths);
      asked = connection.ask("/jackin.v1.HealthService/Probe", v1::ProbeRequest(), answer, limit);
    }
    clients = daemon.clients();
    return asked;
  }

  // The daemon reads both calls, sends `bytes`, and lets the client close the connection.
  Result<> answered(const std::string& bytes, std::chrono::milliseconds limit = std::chrono::seconds(30)) {
    return ask(
        [&](int client) {
          read_request(client, probe);
          send_all(client, bytes);
          read_to_end(client);
        },
        limit);
  }

  // The same, but the daemon closes the connection.
  Result<> answered_and_closed(const std::string& bytes) {
    return ask([&](int client) {
      read_request(client, probe);
      send_all(client, bytes);
    });
  }

  void expect_once(const Result<>& asked, Reason reason, const std::string& message) {
    ASSERT_FALSE(asked);
    EXPECT_EQ(asked.error().reason, reason) << asked.error().message;
    EXPECT_THAT(asked.error().message, HasSubstr(message));
    EXPECT_EQ(command_line(asked.error().remedy), "jackinctl daemon restart");
    EXPECT_EQ(clients, 1) << "repeated";
  }

  void expect_lost(const Result<>& asked, const std::string& message = "the connection to jackind was lost") {
    ASSERT_FALSE(asked);
    EXPECT_EQ(asked.error().message, message);
    EXPECT_EQ(clients, most_tries);
  }
};

TEST_F(LightConnectionTest, BothAnswers_ReplyParsed) {
  ASSERT_TRUE(answered(settings() + reply(hello, hello_reply()) + reply(probe, probe_reply())));
  EXPECT_EQ(answer.summary(), "from the daemon");
  EXPECT_EQ(clients, 1);
}

TEST_F(LightConnectionTest, AnswersInOtherOrder_ReplyParsed) {
  ASSERT_TRUE(answered(settings() + reply(probe, probe_reply()) + reply(hello, hello_reply())));
  EXPECT_EQ(answer.summary(), "from the daemon");
}

TEST_F(LightConnectionTest, AnswerByteByByte_ReplyParsed) {
  ASSERT_TRUE(ask([](int client) {
    read_request(client, probe);
    for (const char byte : settings() + reply(hello, hello_reply()) + reply(probe, probe_reply())) {
      send_all(client, {&byte, 1});
    }
    read_to_end(client);
  }));
  EXPECT_EQ(answer.summary(), "from the daemon");
}

TEST_F(LightConnectionTest, MessageInSeveralFrames_ReplyParsed) {
  const std::string message = message_bytes(probe_reply());
  std::string bytes = settings() + reply(hello, hello_reply()) + reply_headers(probe);
  for (const char byte : message) bytes += frame(FrameType::data, 0, probe, {&byte, 1});
  ASSERT_TRUE(answered(bytes + trailers(probe)));
  EXPECT_EQ(answer.summary(), "from the daemon");
}

TEST_F(LightConnectionTest, SecondCall_SentWithoutHello) {
  ScriptedDaemon daemon(paths.socket(), [](int client) {
    read_request(client, probe);
    send_all(client, settings() + reply(hello, hello_reply()) + reply(probe, probe_reply()));
    read_request(client, 5);
    send_all(client, reply(5, probe_reply()));
    read_to_end(client);
  });
  LightConnection connection(environment, paths);
  for (int i = 0; i < 2; ++i) {
    v1::ProbeReply one;
    ASSERT_TRUE(connection.ask("/jackin.v1.HealthService/Probe", v1::ProbeRequest(), one));
    EXPECT_EQ(one.summary(), "from the daemon");
  }
  EXPECT_EQ(daemon.clients(), 1);
}

TEST_F(LightConnectionTest, Call_SentOnlyAfterHello) {
  std::string before;
  ScriptedDaemon daemon(paths.socket(), [&](int client) {
    before = read_request(client, hello);
    before += read_present(client);
    send_all(client, settings() + reply(hello, hello_reply()));
    read_request(client, probe);
    send_all(client, reply(probe, probe_reply()));
    read_to_end(client);
  });
  LightConnection connection(environment, paths);
  ASSERT_TRUE(connection.call("/jackin.v1.HealthService/Probe", v1::ProbeRequest(), answer, std::chrono::seconds(30)));
  EXPECT_EQ(answer.summary(), "from the daemon");
  for (const SeenFrame& one : frames_in(before)) EXPECT_NE(one.stream, probe);
}

TEST_F(LightConnectionTest, Call_LostAfterHello_NotRepeated) {
  ScriptedDaemon daemon(paths.socket(), [&](int client) {
    read_request(client, hello);
    send_all(client, settings() + reply(hello, hello_reply()));
    read_request(client, probe);
  });
  LightConnection connection(environment, paths);
  const auto called =
      connection.call("/jackin.v1.HealthService/Probe", v1::ProbeRequest(), answer, std::chrono::seconds(30));
  ASSERT_FALSE(called);
  EXPECT_EQ(called.error().reason, Reason::daemon_unreachable);
  EXPECT_EQ(daemon.clients(), 1);
}

TEST_F(LightConnectionTest, Call_HelloLost_HelloRepeated) {
  ScriptedDaemon daemon(paths.socket(), [&, first = true](int client) mutable {
    if (std::exchange(first, false)) return;
    read_request(client, hello);
    send_all(client, settings() + reply(hello, hello_reply()));
    read_request(client, probe);
    send_all(client, reply(probe, probe_reply()));
    read_to_end(client);
  });
  LightConnection connection(environment, paths);
  EXPECT_TRUE(connection.call("/jackin.v1.HealthService/Probe", v1::ProbeRequest(), answer, std::chrono::seconds(30)));
  EXPECT_EQ(daemon.clients(), 2);
}

TEST_F(LightConnectionTest, NoDaemon_StartRemedy) {
  LightConnection connection(environment, paths);
  const auto asked = connection.ask("/jackin.v1.HealthService/Probe", v1::ProbeRequest(), answer);
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().reason, Reason::daemon_unreachable);
  EXPECT_EQ(command_line(asked.error().remedy), "jackinctl daemon start");
}

TEST_F(LightConnectionTest, AutostartWithoutJackind_ProgramMissing) {
  environment.erase("JACKIN_NO_AUTOSTART");
  LightConnection connection(environment, paths);
  const auto asked = connection.ask("/jackin.v1.HealthService/Probe", v1::ProbeRequest(), answer);
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().reason, Reason::program_missing);
}

TEST_F(LightConnectionTest, Hello_RefusedWithDetail_ErrorOfDaemonAndProbeIgnored) {
  const auto asked = answered(settings() + reply(probe, probe_reply()) +
                              refusal(hello, "9", error_detail("daemon_mismatch", "another state folder")));
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().reason, Reason::daemon_mismatch);
  EXPECT_EQ(asked.error().message, "another state folder");
  EXPECT_EQ(answer.summary(), "");
  EXPECT_EQ(clients, 1);
}

TEST_F(LightConnectionTest, Hello_OtherProtocol_Mismatch) {
  expect_once(answered(settings() + reply(hello, hello_reply(protocol_major + 1)) + reply(probe, probe_reply())),
              Reason::daemon_mismatch, "the running daemon is jackind 9.8.7 with protocol 3");
  EXPECT_EQ(answer.summary(), "");
}

TEST_F(LightConnectionTest, Probe_RefusedWithDetail_ErrorOfDaemon) {
  const auto asked =
      answered(settings() + reply(hello, hello_reply()) +
               refusal(probe, "5", error_detail("unknown_workspace", "no workspace 'x'" + std::string(300, '.'))));
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().reason, Reason::unknown_workspace);
  EXPECT_THAT(asked.error().message, testing::StartsWith("no workspace 'x'."));
}

TEST_F(LightConnectionTest, DetailUnparsable_MessageOfStatus) {
  const auto asked = answered(settings() + reply(hello, hello_reply()) + refusal(probe, "13", "\xff\xff"));
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().message, "jackind: 50% of it");
}

TEST_F(LightConnectionTest, UnknownCall_Mismatch) {
  expect_once(answered(settings() + reply(hello, hello_reply()) + refusal(probe, "12", "")), Reason::daemon_mismatch,
              "does not know this request");
}

TEST_F(LightConnectionTest, DaemonEnds_AskedAgain) {
  expect_lost(answered_and_closed(""));
  EXPECT_EQ(command_line(ask([](int) {}).error().remedy), "jackinctl daemon status");
}

TEST_F(LightConnectionTest, DaemonReplaced_AnswerOfNext) {
  ASSERT_TRUE(ask([first = true](int client) mutable {
    if (std::exchange(first, false)) return;
    read_request(client, probe);
    send_all(client, settings() + reply(hello, hello_reply()) + reply(probe, probe_reply()));
    read_to_end(client);
  }));
  EXPECT_EQ(clients, 2);
}

TEST_F(LightConnectionTest, ClosedInsideMessage_Lost) {
  const std::string half = message_bytes(probe_reply()).substr(0, 8);
  expect_lost(answered_and_closed(settings() + reply(hello, hello_reply()) + reply_headers(probe) +
                                  frame(FrameType::data, 0, probe, half)));
}

TEST_F(LightConnectionTest, ClosedInsideFrame_Lost) {
  const std::string whole = settings() + reply(hello, hello_reply()) + reply(probe, probe_reply());
  expect_lost(answered_and_closed(whole.substr(0, whole.size() - 3)));
}

TEST_F(LightConnectionTest, HalfAMessage_Incomplete) {
  const std::string half = message_bytes(probe_reply()).substr(0, 8);
  expect_once(answered(settings() + reply(hello, hello_reply()) + reply_headers(probe) +
                       frame(FrameType::data, 0, probe, half) + trailers(probe)),
              Reason::internal, "jackind's answer is incomplete");
}

TEST_F(LightConnectionTest, NoMessage_Incomplete) {
  expect_once(answered(settings() + reply(hello, hello_reply()) + reply_headers(probe) + trailers(probe)),
              Reason::internal, "jackind's answer is incomplete");
}

TEST_F(LightConnectionTest, Http1_NotJackind) {
  expect_once(answered("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), Reason::daemon_unreachable,
              "the process that listens on the socket answers with HTTP/1, so it is not jackind");
}

TEST_F(LightConnectionTest, Garbage_NotJackind) {
  for (const std::string& garbage :
       {std::string("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n"), std::string(64, '\0'), std::string(64, '\xff'),
        reply(hello, hello_reply()), frame(FrameType::settings, 0, 7), frame(FrameType::settings, 0, 0, "abc")}) {
    expect_once(answered(garbage), Reason::daemon_unreachable, "does not speak HTTP/2, so it is not jackind");
  }
}

TEST_F(LightConnectionTest, GarbageAfterGreeting_InvalidHttp2) {
  for (const std::string& garbage :
       {std::string(64, '\xff'), frame(FrameType::data, 0, 0, "x"), frame(FrameType::data, 0, 2, "x"),
        frame(FrameType::continuation, 0, hello, "x"), frame(FrameType::ping, 0, 0, "x"),
        frame(FrameType::window_update, 0, 0, number(0)),
        frame(FrameType::headers, end_headers, hello, "\xff\xff\xff")}) {
    SCOPED_TRACE(garbage);
    expect_once(answered(settings() + garbage), Reason::internal, "jackind sent data that is not valid HTTP/2");
  }
}

TEST_F(LightConnectionTest, Goaway_ErrorWithText) {
  expect_once(answered(settings() + frame(FrameType::goaway, 0, 0, number(0) + number(11) + "too many \x1b[31mpings")),
              Reason::internal, "jackind closed the connection: ENHANCE_YOUR_CALM (too many pings)");
}

TEST_F(LightConnectionTest, Goaway_BeforeCalls_Lost) {
  expect_lost(answered(settings() + frame(FrameType::goaway, 0, 0, number(0) + number(0))));
}

TEST_F(LightConnectionTest, Goaway_CallsStillAnswered_ReplyParsed) {
  ASSERT_TRUE(answered(settings() + frame(FrameType::goaway, 0, 0, number(0x7fffffff) + number(0)) +
                       reply(hello, hello_reply()) + reply(probe, probe_reply())));
  EXPECT_EQ(answer.summary(), "from the daemon");
}

TEST_F(LightConnectionTest, Goaway_AfterHello_CallNotSent) {
  ScriptedDaemon daemon(paths.socket(), [&](int client) {
    read_request(client, hello);
    send_all(client,
             settings() + reply(hello, hello_reply()) + frame(FrameType::goaway, 0, 0, number(hello) + number(0)));
    read_to_end(client);
  });
  LightConnection connection(environment, paths);
  const auto called =
      connection.call("/jackin.v1.HealthService/Probe", v1::ProbeRequest(), answer, std::chrono::seconds(30));
  ASSERT_FALSE(called);
  EXPECT_EQ(called.error().reason, Reason::daemon_unreachable);
}

TEST_F(LightConnectionTest, Reset_CallAborted) {
  expect_once(answered(settings() + reply(hello, hello_reply()) + frame(FrameType::rst_stream, 0, probe, number(2))),
              Reason::internal, "jackind aborted the call: INTERNAL_ERROR");
}

TEST_F(LightConnectionTest, Reset_Refused_Lost) {
  expect_lost(answered(settings() + reply(hello, hello_reply()) + frame(FrameType::rst_stream, 0, probe, number(7))));
}

TEST_F(LightConnectionTest, Reset_Cancelled_AskedAgain) {
  expect_lost(answered(settings() + reply(hello, hello_reply()) + frame(FrameType::rst_stream, 0, probe, number(8))),
              "jackind cancelled the call");
}

TEST_F(LightConnectionTest, Reset_AfterAnswer_ReplyParsed) {
  ASSERT_TRUE(answered(settings() + reply(hello, hello_reply()) + frame(FrameType::rst_stream, 0, hello, number(0)) +
                       reply(probe, probe_reply()) + frame(FrameType::rst_stream, 0, probe, number(0))));
}

TEST_F(LightConnectionTest, Silence_TimedOut) {
  expect_once(answered("", std::chrono::milliseconds(30)), Reason::timed_out, "jackind did not answer in time");
}

TEST_F(LightConnectionTest, HelloAnsweredAlone_TimedOut) {
  expect_once(answered(settings() + reply(hello, hello_reply()), std::chrono::milliseconds(30)), Reason::timed_out,
              "jackind did not answer in time");
}

TEST_F(LightConnectionTest, PingsWithoutEnd_TimedOut) {
  const auto asked = ask(
      [](int client) {
        read_request(client, probe);
        send_all(client, settings() + reply(hello, hello_reply()));
        const std::string ping = frame(FrameType::ping, 0, 0, "12345678");
        while (send_all(client, ping)) read_present(client);
      },
      std::chrono::milliseconds(100));
  expect_once(asked, Reason::timed_out, "jackind did not answer in time");
}

TEST_F(LightConnectionTest, HttpStatus_NotGrpc) {
  const std::string headers = header(":status", "404") + header("content-type", "text/html");
  expect_once(answered(settings() + frame(FrameType::headers, end_headers | end_stream, hello, headers)),
              Reason::daemon_unreachable, "answers with the HTTP status 404 instead of gRPC");
}

TEST_F(LightConnectionTest, OtherContentType_NotGrpc) {
  const std::string headers = header(":status", "200") + header("content-type", "text/html");
  expect_once(answered(settings() + frame(FrameType::headers, end_headers | end_stream, hello, headers)),
              Reason::internal, "not valid gRPC: it has another content type");
}

TEST_F(LightConnectionTest, NoStatus_NotGrpc) {
  expect_once(answered(settings() + reply_headers(hello) +
                       frame(FrameType::data, end_stream, hello, message_bytes(hello_reply()))),
              Reason::internal, "not valid gRPC: it has no status");
}

TEST_F(LightConnectionTest, InvalidHeaders_NotGrpc) {
  for (const std::string& headers : {header("content-type", "application/grpc"),
                                     header(":status", "200") + header(":status", "200"), header(":status", "abc")}) {
    expect_once(answered(settings() + frame(FrameType::headers, end_headers, hello, headers)), Reason::internal,
                "not valid gRPC");
  }
}

TEST_F(LightConnectionTest, CompressedMessage_NotGrpc) {
  std::string message = message_bytes(hello_reply());
  message.front() = 1;
  expect_once(answered(settings() + reply_headers(hello) + frame(FrameType::data, 0, hello, message)), Reason::internal,
              "not valid gRPC: it is compressed");
}

TEST_F(LightConnectionTest, TwoMessages_NotGrpc) {
  const std::string message = message_bytes(hello_reply());
  expect_once(answered(settings() + reply_headers(hello) + frame(FrameType::data, 0, hello, message + message)),
              Reason::internal, "not valid gRPC: it has several messages");
}

TEST_F(LightConnectionTest, MessageTooLarge_Refused) {
  expect_once(answered(settings() + reply_headers(hello) +
                       frame(FrameType::data, 0, hello, std::string(1, '\0') + number(0xffffffff))),
              Reason::internal, "jackind's answer is larger than 64 MiB");
}

TEST_F(LightConnectionTest, MessageUnparsable_Refused) {
  expect_once(answered(settings() + reply(hello, "\xff\xff\xff")), Reason::internal,
              "jackind's answer cannot be parsed");
}

TEST_F(LightConnectionTest, HeadersWithoutEnd_Refused) {
  std::string bytes = settings() + frame(FrameType::headers, 0, hello, header(":status", "200"));
  for (int i = 0; i < 20; ++i) {
    bytes += frame(FrameType::continuation, 0, hello, header("name", std::string(8000, 'v')));
  }
  const auto asked = answered(bytes);
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().reason, Reason::internal);
  EXPECT_EQ(clients, 1);
}

TEST_F(LightConnectionTest, LargeRequest_DaemonDoesNotRead_TimedOut) {
  v1::ProbeRequest request;
  request.mutable_scope()->set_workspace(std::string(8 * 1024 * 1024, 'w'));
  ScriptedDaemon daemon(paths.socket(), [](int client) {
    // The client may send without a limit of HTTP/2, until the socket is full.
    send_all(client, frame(FrameType::settings, 0, 0, std::string("\0\4", 2) + number(0x7fffffff)) +
                         frame(FrameType::window_update, 0, 0, number(0x70000000)));
    wait_for_close(client);
  });
  LightConnection connection(environment, paths);
  const auto asked = connection.ask("/jackin.v1.HealthService/Probe", request, answer, std::chrono::milliseconds(100));
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().reason, Reason::timed_out);
}

}  // namespace
}  // namespace jackin::client
