// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/status.hpp"

#include "client/rpc/proto_conversion.hpp"
#include "common/untrusted_text.hpp"
#include "jackin/v1/common.pb.h"

namespace jackin::client {

Error error_from_status(const grpc::Status& status) {
  jackin::v1::ErrorDetail detail;
  if (!status.error_details().empty() && detail.ParseFromString(status.error_details()) && !detail.reason().empty()) {
    return from_proto(detail);
  }
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
      return {Reason::daemon_unreachable, "the connection to jackind was lost", Remedy::show_daemon()};
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return {Reason::timed_out, "jackind did not answer in time", Remedy::restart_daemon()};
    case grpc::StatusCode::CANCELLED:
      return {Reason::cancelled, "cancelled", {}};
    case grpc::StatusCode::UNIMPLEMENTED:
      return {Reason::daemon_mismatch, "the running jackind is of another version and does not know this request",
              Remedy::restart_daemon()};
    default:
      return {Reason::internal, "jackind: " + printable(status.error_message()), {}};
  }
}

bool was_lost(const grpc::Status& status) {
  if (status.ok()) return false;
  const bool daemon_spoke = !status.error_details().empty();
  if (daemon_spoke) return error_from_status(status).reason == Reason::daemon_unreachable;
  // A gRPC server that shuts down cancels its pending calls.
  return status.error_code() == grpc::StatusCode::UNAVAILABLE || status.error_code() == grpc::StatusCode::CANCELLED;
}

}  // namespace jackin::client
