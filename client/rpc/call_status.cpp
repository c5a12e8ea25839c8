// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/call_status.hpp"

#include "client/rpc/proto_conversion.hpp"
#include "common/untrusted_text.hpp"
#include "jackin/v1/common.pb.h"

namespace jackin::client {

Error error_from_status(const CallStatus& status) {
  jackin::v1::ErrorDetail detail;
  if (!status.details.empty() && detail.ParseFromString(status.details) && !detail.reason().empty()) {
    return from_proto(detail);
  }
  switch (status.code) {
    case StatusCode::unavailable:
      return {Reason::daemon_unreachable, "the connection to jackind was lost", Remedy::show_daemon()};
    case StatusCode::deadline_exceeded:
      return {Reason::timed_out, "jackind did not answer in time", Remedy::restart_daemon()};
    case StatusCode::cancelled:
      return {Reason::cancelled, "cancelled", {}};
    case StatusCode::unimplemented:
      return {Reason::daemon_mismatch, "the running jackind is of another version and does not know this request",
              Remedy::restart_daemon()};
    default:
      return {Reason::internal, "jackind: " + printable(status.message), {}};
  }
}

bool was_lost(const CallStatus& status) {
  if (status.code == StatusCode::ok) return false;
  const bool daemon_spoke = !status.details.empty();
  if (daemon_spoke) return error_from_status(status).reason == Reason::daemon_unreachable;
  // A gRPC server that shuts down cancels its pending calls.
  return status.code == StatusCode::unavailable || status.code == StatusCode::cancelled;
}

CallEnd call_end(const CallStatus& status) {
  if (status.code == StatusCode::ok) return {};
  return tl::unexpected(CallFailure{error_from_status(status), was_lost(status)});
}

CallEnd call_end(const Result<>& accepted) {
  if (accepted) return {};
  return tl::unexpected(CallFailure{accepted.error()});
}

}  // namespace jackin::client
