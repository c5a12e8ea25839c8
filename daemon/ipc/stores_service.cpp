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

tl::unexpected<Error> cannot_browse() {
  return failure(Reason::unsupported, "this jackind cannot look into 1Password");
}

Task<v1::ListStoresReply> list(const Domain& domain, v1::ListStoresRequest request) {
  CO_TRY(const std::vector<StoreInfo> stores, co_await domain.stores(from_proto(request.environment())));
  v1::ListStoresReply reply;
  for (const auto& store : stores) to_proto(store, *reply.add_stores());
  co_return reply;
}

Task<v1::OpAccountsReply> op_accounts(const Domain& domain, v1::OpAccountsRequest request) {
  if (!domain.op_accounts) co_return cannot_browse();
  CO_TRY(const auto choices, co_await domain.op_accounts(from_proto(request.environment())));
  v1::OpAccountsReply reply;
  to_proto(choices, reply);
  co_return reply;
}

Task<v1::OpVaultsReply> op_vaults(const Domain& domain, v1::OpVaultsRequest request) {
  if (!domain.op_vaults) co_return cannot_browse();
  CO_TRY(check_place(request.account()));
  CO_TRY(const auto choices, co_await domain.op_vaults(from_proto(request.environment()), request.account()));
  v1::OpVaultsReply reply;
  for (const auto& choice : choices) to_proto(choice, *reply.add_vaults());
  co_return reply;
}

Task<v1::OpItemsReply> op_items(const Domain& domain, v1::OpItemsRequest request) {
  if (!domain.op_items) co_return cannot_browse();
  CO_TRY(check_place(request.account()));
  CO_TRY(check_place(request.vault()));
  CO_TRY(const auto choices,
         co_await domain.op_items(from_proto(request.environment()), request.account(), request.vault()));
  v1::OpItemsReply reply;
  for (const auto& choice : choices) to_proto(choice, *reply.add_items());
  co_return reply;
}

Task<v1::OpItemReply> op_item(const Domain& domain, v1::OpItemRequest request) {
  if (!domain.op_item) co_return cannot_browse();
  CO_TRY(check_place(request.account()));
  CO_TRY(check_place(request.vault()));
  CO_TRY(const auto contents, co_await domain.op_item(from_proto(request.environment()), request.account(),
                                                      request.vault(), request.item()));
  v1::OpItemReply reply;
  to_proto(contents, reply);
  co_return reply;
}

class StoresService final : public v1::Stores::CallbackService {
 public:
  explicit StoresService(ServiceDependencies& deps) : deps_(deps) {}

  grpc::ServerUnaryReactor* List(grpc::CallbackServerContext* context, const v1::ListStoresRequest* request,
                                 v1::ListStoresReply* reply) override {
    return start(context, "Stores.List", *request, reply, list);
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
                                  Reply* reply, Task<Reply> (*answer)(const Domain&, Request)) {
    return UnaryCall<Reply>::start(
        deps_, context, name, reply,
        [&domain = deps_.domain, request, answer](const ProcessIdentity&) { return answer(domain, request); });
  }

  ServiceDependencies& deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> stores_service(ServiceDependencies& deps) {
  return std::make_unique<StoresService>(deps);
}

}  // namespace jackin::ipc
