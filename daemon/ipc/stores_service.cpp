#include "daemon/ipc/services.hpp"
#include "daemon/ipc/unary_call.hpp"
#include "daemon/ipc/wire.hpp"
#include "jackin/v1/stores.grpc.pb.h"

namespace jackin::ipc {
namespace {

Task<v1::ListStoresReply> list(const Domain& domain) {
  CO_TRY(const std::vector<StoreInfo> stores, co_await domain.stores());
  v1::ListStoresReply reply;
  for (const auto& store : stores) to_wire(store, *reply.add_stores());
  co_return reply;
}

class StoresService final : public v1::Stores::CallbackService {
 public:
  explicit StoresService(ServiceParts& parts) : parts_(parts) {}

  grpc::ServerUnaryReactor* List(grpc::CallbackServerContext* context, const v1::ListStoresRequest*,
                                 v1::ListStoresReply* reply) override {
    return UnaryCall<v1::ListStoresReply>::start(
        parts_, context, "Stores.List", reply,
        [&domain = parts_.domain](const ProcessIdentity&) { return list(domain); });
  }

 private:
  ServiceParts& parts_;
};

}  // namespace

std::unique_ptr<grpc::Service> stores_service(ServiceParts& parts) {
  return std::make_unique<StoresService>(parts);
}

}  // namespace jackin::ipc
