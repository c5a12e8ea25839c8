// SPDX-License-Identifier: Apache-2.0
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "jackin/v1/health.grpc.pb.h"
#include "tests/unit/ipc/acceptor_fixture.hpp"

namespace jackin::ipc {
namespace {

class HealthServiceTest : public testing::Test {
 protected:
  test::AcceptorFixture acceptor;

  v1::OverviewReply overview(std::vector<Scope> scopes, std::vector<std::vector<Scope>> sharing) {
    acceptor.services.on_overview = [scopes, sharing](const std::string&) -> Task<health::Overview> {
      health::Overview all{{}, sharing};
      for (const Scope& scope : scopes) {
        all.answers.emplace_back();
        all.answers.back().scope = scope;
      }
      co_return all;
    };
    acceptor.open();
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    v1::OverviewReply reply;
    EXPECT_TRUE(v1::HealthService::NewStub(acceptor.channel())->Overview(&context, {}, &reply).ok());
    return reply;
  }
};

Scope workspace(const std::string& name) {
  return Scope::workspace(name).value();
}

TEST_F(HealthServiceTest, Overview_GroupsOfScopes) {
  const auto reply = overview({workspace("a"), workspace("b"), workspace("c")},
                              {{workspace("x"), workspace("y")}, {workspace("a"), workspace("c"), workspace("z")}});
  ASSERT_EQ(reply.scopes_size(), 3);
  EXPECT_EQ(reply.scopes(0).group(), 1U);
  EXPECT_EQ(reply.scopes(1).group(), 0U);
  EXPECT_EQ(reply.scopes(2).group(), 1U);
  // Not the group without a requested scope.
  ASSERT_EQ(reply.groups_size(), 1);
  ASSERT_EQ(reply.groups(0).scopes_size(), 3);
  EXPECT_EQ(reply.groups(0).scopes(2).workspace(), "z");
}

TEST_F(HealthServiceTest, Overview_TextIsUtf8) {
  acceptor.services.on_overview = [](const std::string&) -> Task<health::Overview> {
    health::Overview all;
    all.answers.emplace_back();
    all.answers.back().scope = Scope::global();
    all.answers.back().summary = "caf\xe9";
    co_return all;
  };
  acceptor.open();
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  v1::OverviewReply reply;
  const auto status = v1::HealthService::NewStub(acceptor.channel())->Overview(&context, {}, &reply);
  EXPECT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(reply.scopes_size(), 1);
  EXPECT_EQ(reply.scopes(0).summary(), "caf\\xe9");
}

TEST_F(HealthServiceTest, FindWorkspace_NameOrNothing) {
  acceptor.services.on_workspace_in = [](std::filesystem::path folder) -> Task<std::optional<Scope>> {
    co_return folder == "/src" ? std::optional(workspace("caf\xe9")) : std::nullopt;
  };
  acceptor.open();
  const auto found = [this](const std::string& folder) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    v1::FindWorkspaceRequest request;
    request.set_folder(folder);
    v1::FindWorkspaceReply reply;
    const auto status = v1::HealthService::NewStub(acceptor.channel())->FindWorkspace(&context, request, &reply);
    return status.ok() ? reply.workspace() : "error: " + status.error_message();
  };
  EXPECT_EQ(found("/src"), "caf\xe9");
  EXPECT_EQ(found("/other"), "");
  EXPECT_EQ(found(std::string("/src\0", 5)), "error: the request's folder is not usable");
}

TEST_F(HealthServiceTest, Overview_SizeLinearInScopes) {
  std::vector<Scope> scopes;
  for (int i = 0; i < 1000; ++i) scopes.push_back(workspace("workspace-" + std::to_string(i)));
  EXPECT_LT(overview(scopes, {scopes}).ByteSizeLong(), std::size_t{1000} * 100);
}

}  // namespace
}  // namespace jackin::ipc
