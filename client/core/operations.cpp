// SPDX-License-Identifier: Apache-2.0
#include "client/core/operations.hpp"

#include <utility>

#include "client/core/event_stream.hpp"
#include "client/rpc/status.hpp"
#include "common/untrusted_text.hpp"
#include "jackin/v1/operations.grpc.pb.h"

namespace jackin::client {
namespace {

using OnEvent = std::function<bool(const v1::OperationEvent&)>;

Result<> read_operations(const Connection& connection, bool with_current, const OnEvent& on_event, const RunCall& run) {
  v1::WatchOperationsRequest request;
  request.set_with_current(with_current);
  const auto stub = v1::OperationsService::NewStub(connection.channel());
  const auto open = [&](grpc::ClientContext& context) { return stub->Watch(&context, request); };
  return read_events<v1::OperationEvent>(connection, open, on_event, run);
}

Result<> cancel(const Connection& connection, const std::string& id) {
  v1::CancelOperationRequest request;
  request.set_id(id);
  v1::CancelOperationReply reply;
  grpc::ClientContext context;
  set_deadline(context);
  const auto status = v1::OperationsService::NewStub(connection.channel())->Cancel(&context, request, &reply);
  if (!status.ok()) return failure(error_from_status(status));
  return {};
}

Result<std::string> whole_id(const std::vector<v1::Operation>& operations, const std::string& begin) {
  const Remedy list = Remedy::of(RemedyAction::list_operations);
  std::string whole;
  for (const auto& operation : operations) {
    if (operation.has_result() || begin.empty() || !operation.id().starts_with(begin)) continue;
    if (!whole.empty()) {
      return failure(Reason::invalid_argument, "several operations have IDs that begin with '" + printable(begin) + "'",
                     list);
    }
    whole = operation.id();
  }
  if (!whole.empty()) return whole;
  return failure(Reason::unknown_operation, "no running operation has the ID '" + printable(begin) + "'", list);
}

}  // namespace

Result<std::vector<v1::Operation>> operations_of(const Connection& connection) {
  std::vector<v1::Operation> operations;
  const OnEvent take = [&](const v1::OperationEvent& event) {
    if (event.has_operation()) operations.push_back(event.operation());
    return !event.has_current_sent();
  };
  TRY(read_operations(connection, true, take, to_its_end));
  return operations;
}

Result<> watch_operations(const Connection& connection, const std::function<bool(const v1::Operation&)>& on_operation,
                          const RunCall& run) {
  const OnEvent take = [&](const v1::OperationEvent& event) {
    return !event.has_operation() || on_operation(event.operation());
  };
  return read_operations(connection, false, take, run);
}

Result<> watch_operations_from_current(const Connection& connection,
                                       const std::function<bool(const v1::OperationEvent&)>& on_event,
                                       const RunCall& run) {
  return read_operations(connection, true, on_event, run);
}

Result<std::optional<v1::Operation>> cancel_operation(const Connection& connection, const std::string& id,
                                                      const RunCall& run) {
  std::vector<v1::Operation> current;
  std::string whole;
  Result<> cancelled;
  std::optional<v1::Operation> ended;
  // The stream is open before the operation is cancelled, so that it cannot miss the end.
  const OnEvent take = [&](const v1::OperationEvent& event) {
    if (event.has_current_sent()) {
      auto found = whole_id(current, id);
      if (found) whole = *std::move(found);
      cancelled = whole.empty() ? Result<>(failure(std::move(found).error())) : cancel(connection, whole);
      return cancelled.has_value();
    }
    if (whole.empty()) {
      current.push_back(event.operation());
      return true;
    }
    if (event.operation().id() != whole || !event.operation().has_result()) return true;
    ended = event.operation();
    return false;
  };
  TRY(read_operations(connection, true, take, run));
  TRY(cancelled);
  return ended;
}

}  // namespace jackin::client
