// SPDX-License-Identifier: Apache-2.0
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/rpc/status.hpp"
#include "jackin/v1/stores.grpc.pb.h"
#include "tests/unit/ipc/acceptor_fixture.hpp"

namespace jackin::ipc {
namespace {

class StoresServiceTest : public testing::Test {
 protected:
  test::AcceptorFixture acceptor;
  grpc::ClientContext context;

  std::unique_ptr<v1::StoresService::Stub> stub() {
    acceptor.open();
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    return v1::StoresService::NewStub(acceptor.channel());
  }
};

TEST_F(StoresServiceTest, List_StoresForClient) {
  acceptor.services.on_list = [](Environment client) -> Task<std::vector<lifecycle::StoreInfo>> {
    std::vector<lifecycle::StoreInfo> stores(1);
    stores[0].kind = SourceKind::op;
    stores[0].message = client.value_of("PATH");
    co_return stores;
  };
  v1::ListStoresRequest request;
  v1::Variable& path = *request.mutable_environment()->add_variables();
  path.set_name("PATH");
  path.set_value("/my/bin");
  v1::ListStoresReply reply;
  ASSERT_TRUE(stub()->ListStores(&context, request, &reply).ok());
  EXPECT_EQ(reply.stores(0).kind(), v1::SOURCE_KIND_OP);
  EXPECT_EQ(reply.stores(0).message(), "/my/bin");
}

TEST_F(StoresServiceTest, OpItems_OfVault) {
  std::vector<std::string> asked;
  acceptor.services.on_op_items = [&](Environment, std::string account,
                                      std::string vault) -> Task<std::vector<secrets::OpItemChoice>> {
    asked = {account, vault};
    std::vector<secrets::OpItemChoice> choices(1);
    choices[0].title = "Zoo";
    choices[0].usable = false;
    choices[0].reason = "a login";
    co_return choices;
  };
  v1::OpItemsRequest request;
  request.set_account("A");
  request.set_vault("V");
  v1::OpItemsReply reply;
  ASSERT_TRUE(stub()->OpItems(&context, request, &reply).ok());
  EXPECT_EQ(asked, (std::vector<std::string>{"A", "V"}));
  EXPECT_EQ(reply.items(0).title(), "Zoo");
  EXPECT_FALSE(reply.items(0).usable());
  EXPECT_EQ(reply.items(0).reason(), "a login");
}

TEST_F(StoresServiceTest, OpItem_SectionsAndFields) {
  acceptor.services.on_op_item = [](Environment, std::string, std::string,
                                    std::string item) -> Task<secrets::OpItemContents> {
    secrets::OpItemContents contents;
    contents.item.id = item;
    contents.sections.resize(1);
    contents.sections[0].label = "Keys";
    contents.fields.resize(1);
    contents.fields[0].label = "Claude";
    contents.fields[0].has_value = true;
    co_return contents;
  };
  v1::OpItemRequest request;
  request.set_item("mine22222222222222222224aa");
  v1::OpItemReply reply;
  ASSERT_TRUE(stub()->OpItem(&context, request, &reply).ok());
  EXPECT_EQ(reply.item().id(), "mine22222222222222222224aa");
  EXPECT_EQ(reply.sections(0).label(), "Keys");
  EXPECT_EQ(reply.fields(0).label(), "Claude");
  EXPECT_TRUE(reply.fields(0).has_value());
  EXPECT_TRUE(reply.fields(0).usable());
}

TEST_F(StoresServiceTest, OpVaults_MalformedName_Rejected) {
  bool called = false;
  acceptor.services.on_op_vaults = [&](Environment, std::string) -> Task<std::vector<secrets::OpVaultChoice>> {
    called = true;
    co_return std::vector<secrets::OpVaultChoice>();
  };
  v1::OpVaultsRequest request;
  request.set_account(std::string("a\0b", 3));
  v1::OpVaultsReply reply;
  EXPECT_EQ(client::error_from_status(stub()->OpVaults(&context, request, &reply)).reason, Reason::invalid_argument);
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace jackin::ipc
