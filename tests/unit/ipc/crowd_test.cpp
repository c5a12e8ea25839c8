// SPDX-License-Identifier: Apache-2.0
// Connections of other processes of this user must not block a client.

#include "tests/unit/ipc/crowd.hpp"

#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "client/rpc/status.hpp"
#include "common/remedy_command.hpp"
#include "common/version.hpp"
#include "jackin/v1/daemon.grpc.pb.h"
#include "jackin/v1/health.grpc.pb.h"
#include "tests/unit/ipc/acceptor_fixture.hpp"
#include "tests/unit/ipc/raw_client.hpp"

namespace jackin::ipc {
namespace {

constexpr int probes = 1000;
constexpr int streams_each = 8;

class ProbedAcceptor : public test::AcceptorFixture {
 public:
  ProbedAcceptor() {
    services.on_probe_with_quick_check = [](Scope scope,
                                            std::optional<std::chrono::seconds>) -> Task<health::ProbeAnswer> {
      health::ProbeAnswer answer;
      answer.scope = std::move(scope);
      co_return answer;
    };
  }

  /// The status of the first probe that failed.
  grpc::Status probe(const std::shared_ptr<grpc::Channel>& channel, int count) {
    const auto health = v1::HealthService::NewStub(channel);
    for (int i = 0; i < count; ++i) {
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
      v1::ProbeRequest request;
      request.mutable_scope()->set_workspace("demo");
      v1::ProbeReply reply;
      const auto status = health->Probe(&context, request, &reply);
      if (!status.ok()) return status;
    }
    return grpc::Status::OK;
  }
};

struct Behaviour {
  const char* name;
  std::string first;
};

std::string silent_streams() {
  std::string text = test::http2_greeting();
  for (unsigned i = 0; i < streams_each; ++i) text += test::http2_call(2 * i + 1, "/jackin.v1.TokensService/Setup");
  return text;
}

std::string watching() {
  std::string text = test::http2_greeting();
  for (unsigned i = 0; i < streams_each; ++i) {
    text += test::http2_call(2 * i + 1, "/jackin.v1.HealthService/Watch") + test::http2_request(2 * i + 1, "");
  }
  return text;
}

class CrowdTest : public testing::TestWithParam<std::tuple<Behaviour, int>> {
 protected:
  ProbedAcceptor acceptor;
};

TEST_P(CrowdTest, ManyConnections_EveryProbeAnswered) {
  const auto& [behaviour, connections] = GetParam();
  acceptor.services.on_watch = [](const health::Feed::Listener&, health::Feed::Begin, const health::Feed::Failed&) {
    return health::Feed::Handle();
  };
  acceptor.open();
  const test::Crowd crowd(acceptor.services.folders.socket(), static_cast<std::size_t>(connections) / 32, 32,
                          behaviour.first);
  const auto status = acceptor.probe(acceptor.channel(), probes);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

INSTANTIATE_TEST_SUITE_P(
    Each, CrowdTest,
    testing::Combine(testing::Values(Behaviour{"Silent", ""}, Behaviour{"InsideThePreface", "PRI * HTTP"},
                                     Behaviour{"InsideTheSettings", test::http2_greeting().substr(0, 30)},
                                     Behaviour{"WithoutACall", test::http2_greeting()},
                                     Behaviour{"SilentStreams", silent_streams()}, Behaviour{"Watching", watching()}),
                     testing::Values(128, 256)),
    [](const auto& one) { return std::get<0>(one.param).name + std::to_string(std::get<1>(one.param)); });

TEST(Crowd, TooMany_Refused) {
  ProbedAcceptor acceptor;
  acceptor.limits.connections.reserved = 0;
  acceptor.limits.first_call = acceptor.limits.refusal = std::chrono::hours(1);
  acceptor.open();
  const test::Crowd crowd(acceptor.services.folders.socket(), 8, 32, test::http2_greeting());
  const auto status = acceptor.probe(acceptor.channel(), 1);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  const Error refused = client::error_from_status(status);
  EXPECT_EQ(refused.reason, Reason::limit_reached);
  EXPECT_EQ(command_line(refused.remedy), "jackinctl daemon restart");
}

TEST(Crowd, ConnectionsGone_AcceptedAgain) {
  ProbedAcceptor acceptor;
  acceptor.limits.connections.reserved = 0;
  acceptor.limits.first_call = acceptor.limits.refusal = std::chrono::hours(1);
  acceptor.open();
  {
    const test::Crowd crowd(acceptor.services.folders.socket(), 8, 32, test::http2_greeting());
    ASSERT_FALSE(acceptor.probe(acceptor.channel(), 1).ok());
  }
  EXPECT_TRUE(acceptor.comes_true([&] { return acceptor.probe(acceptor.channel(), 1).ok(); }));
}

// A reader that stops inside a reply: the server's writes wait for it.
class StoppedReader {
 public:
  explicit StoppedReader(test::AcceptorFixture& acceptor) : fd_(acceptor.connect()) {
    std::string text = test::http2_greeting();
    for (unsigned i = 0; i < streams_each; ++i) {
      text += test::http2_call(2 * i + 1, "/jackin.v1.HealthService/Overview") + test::http2_request(2 * i + 1, "");
    }
    EXPECT_EQ(write(fd_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  StoppedReader(const StoppedReader&) = delete;
  StoppedReader& operator=(const StoppedReader&) = delete;
  ~StoppedReader() { close(fd_); }

  bool has_got(int bytes) const {
    int waiting = 0;
    return ioctl(fd_, FIONREAD, &waiting) == 0 && waiting >= bytes;
  }

 private:
  int fd_;
};

TEST(Crowd, StoppedReaders_OthersNotDelayed) {
  ProbedAcceptor acceptor;
  acceptor.limits.host.linger = std::chrono::milliseconds(0);
  acceptor.limits.host.library = std::chrono::milliseconds(0);
  acceptor.services.on_overview = [](const std::string&) -> Task<health::Overview> {
    health::Overview all;
    all.answers.emplace_back();
    all.answers.back().scope = Scope::global();
    all.answers.back().summary = std::string(100'000, 'x');
    co_return all;
  };
  acceptor.open();
  for (int i = 0; i < 3; ++i) {
    {
      const StoppedReader reader(acceptor);
      EXPECT_TRUE(acceptor.comes_true([&] { return reader.has_got(100'000); }));
      EXPECT_TRUE(acceptor.probe(acceptor.channel(), 20).ok());
    }
    EXPECT_TRUE(acceptor.probe(acceptor.channel(), 1).ok());
  }
  const StoppedReader reader(acceptor);
  EXPECT_TRUE(acceptor.comes_true([&] { return reader.has_got(100'000); }));
  EXPECT_TRUE(acceptor.close()) << "it is not waited for";
}

}  // namespace
}  // namespace jackin::ipc
