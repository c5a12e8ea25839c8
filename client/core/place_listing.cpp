// SPDX-License-Identifier: Apache-2.0
#include "client/core/place_listing.hpp"

#include <utility>

#include "client/rpc/proto_conversion.hpp"
#include "jackin/v1/stores.grpc.pb.h"

namespace jackin::client {
namespace {

using Stub = v1::StoresService::Stub;

class Listing {
 public:
  Listing(const Connect& connect, const Environment& environment, const RunCall& run)
      : connect_(connect), environment_(environment), run_(run) {}

  Result<PlaceListing> operator()(v1::ListStoresRequest& request) const { return call(&Stub::ListStores, request); }
  Result<PlaceListing> operator()(v1::OpAccountsRequest& request) const { return call(&Stub::OpAccounts, request); }
  Result<PlaceListing> operator()(v1::OpVaultsRequest& request) const { return call(&Stub::OpVaults, request); }
  Result<PlaceListing> operator()(v1::OpItemsRequest& request) const { return call(&Stub::OpItems, request); }
  Result<PlaceListing> operator()(v1::OpItemRequest& request) const { return call(&Stub::OpItem, request); }

 private:
  template <typename Request, typename Reply>
  Result<PlaceListing> call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                            Request& request) const {
    *request.mutable_environment() = to_proto(environment_);
    TRY(const Connection connection, connect_());
    const auto stub = v1::StoresService::NewStub(connection.channel());
    grpc::ClientContext context;
    grpc::Status status;
    Reply reply;
    const Liveness liveness(connection, context);
    const bool stopped = run_(context, [&] { status = (stub.get()->*method)(&context, request, &reply); });
    if (stopped && !status.ok()) return failure(Reason::cancelled, "cancelled; nothing was changed");
    TRY(liveness.outcome(status));
    return PlaceListing(std::move(reply));
  }

  const Connect& connect_;
  const Environment& environment_;
  const RunCall& run_;
};

}  // namespace

Result<PlaceListing> list_places(const Connect& connect, const Environment& environment, PlaceQuery query,
                                 const RunCall& run) {
  return std::visit(Listing(connect, environment, run), query);
}

}  // namespace jackin::client
