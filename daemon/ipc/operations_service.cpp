// SPDX-License-Identifier: Apache-2.0
#include <spdlog/spdlog.h>

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "daemon/ipc/changes_call.hpp"
#include "daemon/ipc/proto_conversion.hpp"
#include "daemon/ipc/services.hpp"
#include "daemon/ipc/unary_call.hpp"
#include "jackin/v1/operations.grpc.pb.h"

namespace jackin::ipc {
namespace {

/// Events that wait until the client has read the one before: the newest of each operation, in the order of their first
/// ones.
class LatestOfEach {
 public:
  /// False when too many wait: the client does not read.
  bool push(v1::OperationEvent event) {
    constexpr std::size_t limit = 1000;
    if (waiting_.size() >= limit) return false;
    if (!event.has_operation()) {
      waiting_.push_back(std::move(event));
      return true;
    }
    const auto [known, is_first] = of_operation_.try_emplace(event.operation().id(), waiting_.end());
    if (is_first) {
      known->second = waiting_.insert(waiting_.end(), std::move(event));
    } else {
      *known->second = std::move(event);
    }
    return true;
  }
  v1::OperationEvent pop() {
    v1::OperationEvent next = std::move(waiting_.front());
    if (next.has_operation()) of_operation_.erase(next.operation().id());
    waiting_.pop_front();
    return next;
  }
  bool empty() const { return waiting_.empty(); }
  void clear() {
    of_operation_.clear();
    waiting_.clear();
  }

 private:
  std::list<v1::OperationEvent> waiting_;
  std::map<std::string, std::list<v1::OperationEvent>::iterator> of_operation_;
};

/// The stream of the operations' changes.
class OperationsCall final : public ChangesCall<v1::OperationEvent, LatestOfEach> {
 public:
  OperationsCall(ServiceDependencies& deps, std::string peer, bool with_current)
      : ChangesCall(deps, std::move(peer), "Operations.Watch"), with_current_(with_current) {}

 private:
  Task<> watch() override {
    spdlog::info("Operations.Watch by {}[{}]", caller_.command, caller_.pid);
    auto& operations = deps_.services.operations;
    if (with_current_) {
      for (const auto& operation : operations.recent(deps_.clock.now())) tell(operation);
      for (const auto& operation : operations.running()) tell(operation);
      v1::OperationEvent all;
      all.mutable_current_sent();
      send(std::move(all));
    }
    watching_ = operations.watch([this](const lifecycle::OperationState& operation) { tell(operation); });
    co_return Result<>();
  }

  void tell(const lifecycle::OperationState& operation) {
    v1::OperationEvent event;
    to_proto(operation, *event.mutable_operation());
    send(std::move(event));
  }

  bool with_current_;
};

class OperationsService final : public v1::OperationsService::CallbackService {
 public:
  explicit OperationsService(ServiceDependencies& deps) : deps_(deps) {}

  grpc::ServerWriteReactor<v1::OperationEvent>* Watch(grpc::CallbackServerContext* context,
                                                      const v1::WatchOperationsRequest* request) override {
    return OperationsCall::start(std::make_shared<OperationsCall>(deps_, context->peer(), request->with_current()));
  }

  grpc::ServerUnaryReactor* Cancel(grpc::CallbackServerContext* context, const v1::CancelOperationRequest* request,
                                   v1::CancelOperationReply* reply) override {
    return answer_at_once(deps_, context, "Operations.Cancel", reply,
                          [&operations = deps_.services.operations,
                           id = request->id()](const ProcessIdentity& caller) -> Result<v1::CancelOperationReply> {
                            TRY(operations.cancel(id));
                            spdlog::info("Operations.Cancel {} by {}[{}]", id, caller.command, caller.pid);
                            return v1::CancelOperationReply();
                          });
  }

 private:
  ServiceDependencies& deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> operations_service(ServiceDependencies& deps) {
  return std::make_unique<OperationsService>(deps);
}

}  // namespace jackin::ipc
