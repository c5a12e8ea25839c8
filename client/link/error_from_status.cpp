#include "client/link/error_from_status.hpp"

#include <grpcpp/support/status.h>

#include "common/untrusted_text.hpp"
#include "jackin/v1/common.pb.h"

namespace jackin::client {
namespace {

constexpr std::size_t text_limit = 1000;

}  // namespace

Error error_from_status(const grpc::Status& status) {
  v1::ErrorDetail detail;
  if (detail.ParseFromString(status.error_details()) && !detail.reason().empty()) {
    return {reason_from_code(detail.reason()).value_or(Reason::internal), printable(detail.message(), text_limit),
            printable(detail.remedy(), text_limit)};
  }
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
      return {Reason::daemon_unreachable, "the daemon has gone away", "jackinctl daemon status"};
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return {Reason::timed_out, "the daemon did not answer in time", "jackinctl daemon restart"};
    case grpc::StatusCode::CANCELLED:
      return {Reason::cancelled, "cancelled", {}};
    case grpc::StatusCode::UNIMPLEMENTED:
      return {Reason::daemon_mismatch, "the daemon is older than this program and does not know what it was asked",
              "jackinctl daemon restart"};
    default:
      return {Reason::internal, "the daemon's answer is not understood: " + printable(status.error_message()), {}};
  }
}

}  // namespace jackin::client
