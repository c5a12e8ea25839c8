// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/client/core/fake_daemon.hpp"

#include "jackin/v1/common.pb.h"

namespace jackin::client {
namespace {

grpc::Status result(const std::optional<Error>& error) {
  return error ? status_of(*error) : grpc::Status::OK;
}

class DaemonService : public v1::DaemonService::Service {
 public:
  explicit DaemonService(FakeDaemon& fake) : fake_(fake) {}
  grpc::Status Hello(grpc::ServerContext*, const v1::HelloRequest*, v1::HelloReply* reply) override {
    reply->set_version("0.1.0");
    reply->set_protocol_major(fake_.hello_major);
    return result(fake_.hello_error);
  }
  grpc::Status Status(grpc::ServerContext*, const v1::StatusRequest*, v1::StatusReply* reply) override {
    *reply = fake_.status;
    return grpc::Status::OK;
  }
  grpc::Status Shutdown(grpc::ServerContext*, const v1::ShutdownRequest*, v1::ShutdownReply* reply) override {
    reply->set_pid(fake_.status.pid());
    return grpc::Status::OK;
  }

 private:
  FakeDaemon& fake_;
};

class HealthService : public v1::HealthService::Service {
 public:
  explicit HealthService(FakeDaemon& fake) : fake_(fake) {}
  grpc::Status Probe(grpc::ServerContext*, const v1::ProbeRequest* request, v1::ProbeReply* reply) override {
    fake_.probe_request = *request;
    *reply = fake_.probe;
    return result(fake_.probe_error);
  }
  grpc::Status Doctor(grpc::ServerContext*, const v1::DoctorRequest* request,
                      grpc::ServerWriter<v1::DoctorEvent>* writer) override {
    fake_.doctor_request = *request;
    for (const auto& event : fake_.doctor) writer->Write(event);
    return grpc::Status::OK;
  }
  grpc::Status Overview(grpc::ServerContext*, const v1::OverviewRequest* request, v1::OverviewReply* reply) override {
    fake_.overview_request = *request;
    *reply = fake_.overview;
    return grpc::Status::OK;
  }
  grpc::Status Details(grpc::ServerContext*, const v1::DetailsRequest* request, v1::DetailsReply* reply) override {
    fake_.details_request = *request;
    *reply = fake_.details;
    return grpc::Status::OK;
  }
  grpc::Status FindWorkspace(grpc::ServerContext*, const v1::FindWorkspaceRequest* request,
                             v1::FindWorkspaceReply* reply) override {
    fake_.find_request = *request;
    reply->set_workspace(fake_.workspace_here);
    return grpc::Status::OK;
  }
  grpc::Status Watch(grpc::ServerContext* context, const v1::WatchRequest* request,
                     grpc::ServerWriter<v1::WatchEvent>* writer) override {
    fake_.watch_request = *request;
    return fake_.watch(*context, *writer);
  }

 private:
  FakeDaemon& fake_;
};

class LaunchService : public v1::LaunchService::Service {
 public:
  explicit LaunchService(FakeDaemon& fake) : fake_(fake) {}
  grpc::Status Lock(grpc::ServerContext*, const v1::LockRequest*, v1::LockReply* reply) override {
    reply->set_dropped(fake_.dropped);
    return grpc::Status::OK;
  }

 private:
  FakeDaemon& fake_;
};

class TokensService : public v1::TokensService::Service {
 public:
  explicit TokensService(FakeDaemon& fake) : fake_(fake) {}
  grpc::Status Setup(grpc::ServerContext*, FakeDaemon::TokenStream* stream) override {
    v1::TokenInput first;
    if (!stream->Read(&first)) return grpc::Status::CANCELLED;
    return fake_.setup(first.setup(), *stream);
  }
  grpc::Status Rotate(grpc::ServerContext*, FakeDaemon::TokenStream* stream) override {
    v1::TokenInput first;
    if (!stream->Read(&first)) return grpc::Status::CANCELLED;
    return fake_.rotate(first.rotate(), *stream);
  }
  grpc::Status Revoke(grpc::ServerContext* context, const v1::RevokeRequest* request,
                      grpc::ServerWriter<v1::RevokeEvent>* writer) override {
    fake_.revoke_request = *request;
    return fake_.revoke(*context, *writer);
  }

 private:
  FakeDaemon& fake_;
};

class OperationsService : public v1::OperationsService::Service {
 public:
  explicit OperationsService(FakeDaemon& fake) : fake_(fake) {}
  grpc::Status Watch(grpc::ServerContext* context, const v1::WatchOperationsRequest*,
                     grpc::ServerWriter<v1::OperationEvent>* writer) override {
    return fake_.watch_operations(*context, *writer);
  }
  grpc::Status Cancel(grpc::ServerContext*, const v1::CancelOperationRequest* request,
                      v1::CancelOperationReply*) override {
    return fake_.cancel_operation(request->id());
  }

 private:
  FakeDaemon& fake_;
};

class StoresService : public v1::StoresService::Service {
 public:
  explicit StoresService(FakeDaemon& fake) : fake_(fake) {}
  grpc::Status ListStores(grpc::ServerContext*, const v1::ListStoresRequest*, v1::ListStoresReply* reply) override {
    *reply = fake_.stores;
    return grpc::Status::OK;
  }
  grpc::Status OpAccounts(grpc::ServerContext*, const v1::OpAccountsRequest*, v1::OpAccountsReply* reply) override {
    *reply = fake_.op_accounts;
    return grpc::Status::OK;
  }
  grpc::Status OpVaults(grpc::ServerContext* context, const v1::OpVaultsRequest*, v1::OpVaultsReply* reply) override {
    if (fake_.op_vaults_answer) return fake_.op_vaults_answer(*context);
    *reply = fake_.op_vaults;
    return grpc::Status::OK;
  }
  grpc::Status OpItems(grpc::ServerContext*, const v1::OpItemsRequest* request, v1::OpItemsReply* reply) override {
    fake_.op_items_request = *request;
    *reply = fake_.op_items;
    return grpc::Status::OK;
  }
  grpc::Status OpItem(grpc::ServerContext*, const v1::OpItemRequest* request, v1::OpItemReply* reply) override {
    fake_.op_item_request = *request;
    *reply = fake_.op_item;
    return grpc::Status::OK;
  }

 private:
  FakeDaemon& fake_;
};

}  // namespace

grpc::Status status_of(const Error& error) {
  v1::ErrorDetail detail;
  detail.set_reason(std::string(to_code(error.reason)));
  detail.set_message(error.message);
  const Remedy& remedy = error.remedy;
  if (!remedy.empty()) detail.mutable_remedy()->set_action(static_cast<v1::RemedyAction>(remedy.action));
  if (!remedy.note.empty()) detail.mutable_remedy()->set_note(remedy.note);
  if (remedy.scope) detail.mutable_remedy()->mutable_scope()->set_workspace(remedy.scope->workspace);
  return {grpc::StatusCode::ABORTED, error.message, detail.SerializeAsString()};
}

struct FakeDaemon::Services {
  explicit Services(FakeDaemon& fake)
      : daemon(fake), health(fake), launch(fake), tokens(fake), operations(fake), stores(fake) {}
  DaemonService daemon;
  HealthService health;
  LaunchService launch;
  TokensService tokens;
  OperationsService operations;
  StoresService stores;
};

FakeDaemon::FakeDaemon(const std::string& folder) : services_(std::make_unique<Services>(*this)) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("unix:" + folder + "/jackind.sock", grpc::InsecureServerCredentials());
  builder.RegisterService(&services_->daemon);
  builder.RegisterService(&services_->health);
  builder.RegisterService(&services_->launch);
  builder.RegisterService(&services_->tokens);
  builder.RegisterService(&services_->operations);
  builder.RegisterService(&services_->stores);
  server_ = builder.BuildAndStart();
}

FakeDaemon::~FakeDaemon() {
  server_->Shutdown(std::chrono::system_clock::now());
}

}  // namespace jackin::client
