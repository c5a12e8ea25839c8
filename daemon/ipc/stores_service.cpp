// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include "daemon/ipc/proto_conversion.hpp"
#include "daemon/ipc/services.hpp"
#include "daemon/ipc/unary_call.hpp"
#include "jackin/v1/stores.grpc.pb.h"

namespace jackin::ipc {
namespace {

Task<v1::ListStoresReply> list(StoresInterface& stores, v1::ListStoresRequest request) {
  CO_TRY(const auto known, co_await stores.list(from_proto(request.environment())));
  v1::ListStoresReply reply;
  for (const auto& store : known) to_proto(store, *reply.add_stores());
  co_return reply;
}

Task<v1::OpAccountsReply> op_accounts(StoresInterface& stores, v1::OpAccountsRequest request) {
  CO_TRY(const auto choices, co_await stores.op_accounts(from_proto(request.environment())));
  v1::OpAccountsReply reply;
  to_proto(choices, reply);
  co_return reply;
}

Task<v1::OpVaultsReply> op_vaults(StoresInterface& stores, v1::OpVaultsRequest request) {
  CO_TRY(check_place(request.account()));
  CO_TRY(const auto choices, co_await stores.op_vaults(from_proto(request.environment()), request.account()));
  v1::OpVaultsReply reply;
  for (const auto& choice : choices) to_proto(choice, *reply.add_vaults());
  co_return reply;
}

Task<v1::OpItemsReply> op_items(StoresInterface& stores, v1::OpItemsRequest request) {
  CO_TRY(check_place(request.account()));
  CO_TRY(check_place(request.vault()));
  CO_TRY(const auto choices,
         co_await stores.op_items(from_proto(request.environment()), request.account(), request.vault()));
  v1::OpItemsReply reply;
  for (const auto& choice : choices) to_proto(choice, *reply.add_items());
  co_return reply;
}

Task<v1::OpItemReply> op_item(StoresInterface& stores, v1::OpItemRequest request) {
  CO_TRY(check_place(request.account()));
  CO_TRY(check_place(request.vault()));
  CO_TRY(check_place(request.item()));
  CO_TRY(const auto contents, co_await stores.op_item(from_proto(request.environment()), request.account(),
                                                      request.vault(), request.item()));
  v1::OpItemReply reply;
  to_proto(contents, reply);
  co_return reply;
}

class StoresService final : public v1::StoresService::CallbackService {
 public:
  explicit StoresService(ServiceDependencies& deps) : deps_(deps) {}

  grpc::ServerUnaryReactor* ListStores(grpc::CallbackServerContext* context, const v1::ListStoresRequest* request,
                                       v1::ListStoresReply* reply) override {
    return start(context, "Stores.ListStores", *request, reply, list);
  }
  grpc::ServerUnaryReactor* OpAccounts(grpc::CallbackServerContext* context, const v1::OpAccountsRequest* request,
                                       v1::OpAccountsReply* reply) override {
    return start(context, "Stores.OpAccounts", *request, reply, op_accounts);
  }
  grpc::ServerUnaryReactor* OpVaults(grpc::CallbackServerContext* context, const v1::OpVaultsRequest* request,
                                     v1::OpVaultsReply* reply) override {
    return start(context, "Stores.OpVaults", *request, reply, op_vaults);
  }
  grpc::ServerUnaryReactor* OpItems(grpc::CallbackServerContext* context, const v1::OpItemsRequest* request,
                                    v1::OpItemsReply* reply) override {
    return start(context, "Stores.OpItems", *request, reply, op_items);
  }
  grpc::ServerUnaryReactor* OpItem(grpc::CallbackServerContext* context, const v1::OpItemRequest* request,
                                   v1::OpItemReply* reply) override {
    return start(context, "Stores.OpItem", *request, reply, op_item);
  }

 private:
  template <typename Request, typename Reply>
  grpc::ServerUnaryReactor* start(grpc::CallbackServerContext* context, std::string_view name, const Request& request,
                                  Reply* reply, Task<Reply> (*answer)(StoresInterface&, Request)) {
    return UnaryCall<Reply>::start(
        deps_, context, name, reply,
        [&stores = deps_.services.stores, request, answer](const ProcessIdentity&) { return answer(stores, request); });
  }

  ServiceDependencies& deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> stores_service(ServiceDependencies& deps) {
  return std::make_unique<StoresService>(deps);
}

}  // namespace jackin::ipc
