// SPDX-License-Identifier: Apache-2.0
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include "client/rpc/status.hpp"
#include "common/version.hpp"
#include "jackin/v1/daemon.grpc.pb.h"
#include "tests/unit/ipc/acceptor_fixture.hpp"

namespace jackin::ipc {
namespace {

TEST(DaemonService, Hello_FolderDoesNotAnswer_ErrorNamesIt) {
  test::AcceptorFixture acceptor;
  acceptor.services.on_same_folder = [](std::filesystem::path, std::filesystem::path) -> Task<bool> {
    co_return failure(Reason::timed_out, "it does not answer");
  };
  acceptor.open();
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  v1::HelloRequest request;
  request.set_protocol_major(protocol_major);
  request.set_config_dir("/mnt/away/jackin");
  v1::HelloReply reply;
  const auto status = v1::DaemonService::NewStub(acceptor.channel())->Hello(&context, request, &reply);
  const Error error = client::error_from_status(status);
  EXPECT_EQ(error.reason, Reason::timed_out);
  EXPECT_EQ(error.message, "cannot compare the configuration folder /mnt/away/jackin: it does not answer");
  EXPECT_EQ(error.remedy.action, RemedyAction::try_again);
  EXPECT_EQ(error.remedy.note, "when /mnt/away/jackin answers again");
}

}  // namespace
}  // namespace jackin::ipc
