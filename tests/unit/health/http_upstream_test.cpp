// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <asio/io_context.hpp>

#include "daemon/health/upstream.hpp"
#include "tests/support/await.hpp"
#include "tests/unit/health/loopback_server.hpp"

namespace jackin::health {
namespace {

using test::http_answer;
using test::LoopbackServer;
using testing::HasSubstr;
using testing::Not;
using Kind = ApiAnswer;

constexpr std::string_view models = R"({"data":[{"type":"model","id":"m"}]})";

UpstreamAnswer ask(UpstreamOptions options, std::string_view token = "sk-ant-oat01-abc") {
  asio::io_context io;
  async::Pool pool(1);
  const auto upstream = http_upstream(std::move(options), pool);
  const Secret secret = Secret::copy_of(token);
  return test::await(io, upstream->check(secret));
}

TEST(HttpUpstream, Request_FormatAndUserAgent) {
  const LoopbackServer server(http_answer(200, std::string(models), "anthropic-organization-id: org-7\r\n"));
  const auto answer = ask({server.base_url() + "/"});
  EXPECT_EQ(answer.kind, Kind::valid);
  EXPECT_EQ(answer.organization, "org-7");
  ASSERT_EQ(server.requests().size(), 1U);
  const std::string request = server.requests()[0];
  EXPECT_THAT(request, HasSubstr("GET /v1/models?limit=1 HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("Authorization: Bearer sk-ant-oat01-abc\r\n"));
  EXPECT_THAT(request, HasSubstr("anthropic-version: 2023-06-01\r\n"));
  EXPECT_THAT(request, HasSubstr("anthropic-beta: oauth-2025-04-20\r\n"));
  EXPECT_THAT(request, HasSubstr("User-Agent: jackind/"));
}

TEST(HttpUpstream, Unauthorized_Rejected) {
  const LoopbackServer server(
      http_answer(401, R"({"type":"error","error":{"type":"authentication_error","message":"Invalid bearer token"}})"));
  const auto answer = ask({server.base_url()});
  EXPECT_EQ(answer.kind, Kind::rejected);
  EXPECT_THAT(answer.message, HasSubstr("Invalid bearer token"));
}

TEST(HttpUpstream, Redirection_NotFollowed) {
  const LoopbackServer elsewhere(http_answer(200, std::string(models)));
  const LoopbackServer server(http_answer(302, "", "Location: " + elsewhere.base_url() + "/v1/models\r\n"));
  EXPECT_EQ(ask({server.base_url()}).code, "captive_portal");
  EXPECT_TRUE(elsewhere.requests().empty());
}

TEST(HttpUpstream, ReplyTooLarge_Unknown) {
  const LoopbackServer server(http_answer(200, std::string(70 * 1024, ' ') + std::string(models)));
  const auto answer = ask({server.base_url()});
  EXPECT_EQ(answer.kind, Kind::unknown);
  EXPECT_EQ(answer.code, "unexpected_answer");
}

TEST(HttpUpstream, NoServer_Unknown) {
  std::string gone;
  {
    const LoopbackServer server("");
    gone = server.base_url();
  }
  const auto answer = ask({gone});
  EXPECT_EQ(answer.kind, Kind::unknown);
  EXPECT_EQ(answer.code, "network");
}

TEST(HttpUpstream, ReplyCut_Unknown) {
  const LoopbackServer server("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{\"data\":[]}");
  EXPECT_EQ(ask({server.base_url()}).kind, Kind::unknown);
}

TEST(HttpUpstream, PlainHttpToOtherMachine_NotSent) {
  for (const auto* url : {"http://api.example.test", "http://localhost@192.0.2.1", "http://127.0.0.1.example.test",
                          "ftp://127.0.0.1", "file:///etc/passwd", "", "nonsense"}) {
    const auto answer = ask({url});
    EXPECT_EQ(answer.kind, Kind::unknown) << url;
    EXPECT_EQ(answer.code, "base_url") << url;
  }
}

#ifdef __linux__
TEST(HttpUpstream, PortOfAnotherUser_NotSent) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can listen as another user";
  // The change applies to this thread alone, unlike seteuid: the socket belongs to the other user, the rest of the
  // process to root.
  constexpr long other = 65534;
  ASSERT_EQ(syscall(SYS_setfsuid, other), 0);
  const LoopbackServer server(http_answer(200, std::string(models)));
  syscall(SYS_setfsuid, 0L);
  const auto answer = ask({server.base_url()});
  EXPECT_EQ(answer.kind, Kind::unknown);
  EXPECT_EQ(answer.code, "listener");
  EXPECT_THAT(answer.message, HasSubstr("another user (uid 65534)"));
  EXPECT_TRUE(server.requests().empty());
}
#endif

TEST(HttpUpstream, Loopback_BypassesProxy) {
  const LoopbackServer proxy(http_answer(200, std::string(models)));
  const LoopbackServer server(http_answer(200, std::string(models)));
  const std::string there = proxy.base_url();
  Environment environment({{"http_proxy", there}, {"https_proxy", there}, {"ALL_PROXY", there}});
  EXPECT_EQ(ask({server.base_url(), true, environment}).kind, Kind::valid);
  EXPECT_EQ(proxy.requests().size(), 0U);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST(HttpUpstream, Proxy_TunnelledWithoutToken) {
  const LoopbackServer proxy(http_answer(407, ""));
  Environment environment({{"HTTPS_PROXY", proxy.base_url()}});
  EXPECT_EQ(ask({"https://api.example.test", true, environment}).kind, Kind::unknown);
  ASSERT_EQ(proxy.requests().size(), 1U);
  EXPECT_THAT(proxy.requests()[0], HasSubstr("CONNECT api.example.test:443"));
  EXPECT_THAT(proxy.requests()[0], Not(HasSubstr("sk-ant")));
}

TEST(HttpUpstream, TokenWithLineEnd_NotSent) {
  const LoopbackServer server(http_answer(200, std::string(models)));
  EXPECT_EQ(ask({server.base_url()}, "sk-ant-oat01-a\r\nX-Evil: 1").code, "not_sent");
  EXPECT_EQ(ask({server.base_url()}, "").code, "not_sent");
  EXPECT_TRUE(server.requests().empty());
}

TEST(HttpUpstream, SwitchedOff_NotSent) {
  const LoopbackServer server(http_answer(200, std::string(models)));
  EXPECT_EQ(ask({server.base_url(), false}).code, "off");
  EXPECT_TRUE(server.requests().empty());
}

}  // namespace
}  // namespace jackin::health
