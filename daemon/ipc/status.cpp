// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/status.hpp"

#include <spdlog/spdlog.h>

#include <string>
#include <typeinfo>

#include "common/untrusted_text.hpp"
#include "daemon/ipc/proto_conversion.hpp"
#include "jackin/v1/common.pb.h"

namespace jackin::ipc {
namespace {

// Longer than any regular message. With the remedy it stays below the 8 KiB that gRPC allows for metadata.
constexpr std::size_t text_limit = 1000;
constexpr std::size_t remedy_limit = 3000;

grpc::StatusCode code_for(Reason reason) {
  switch (reason) {
    case Reason::internal:
      return grpc::StatusCode::INTERNAL;
    case Reason::invalid_argument:
    case Reason::needs_confirmation:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case Reason::unsupported:
      return grpc::StatusCode::UNIMPLEMENTED;
    case Reason::busy:
    case Reason::config_conflict:
    case Reason::config_locked:
      return grpc::StatusCode::ABORTED;
    case Reason::cancelled:
      return grpc::StatusCode::CANCELLED;
    case Reason::timed_out:
      return grpc::StatusCode::DEADLINE_EXCEEDED;
    case Reason::unknown_workspace:
    case Reason::unknown_operation:
    case Reason::slot_missing:
    case Reason::program_missing:
    case Reason::source_gone:
      return grpc::StatusCode::NOT_FOUND;
    case Reason::slot_exists:
      return grpc::StatusCode::ALREADY_EXISTS;
    case Reason::disk_full:
    case Reason::limit_reached:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case Reason::permission_denied:
    case Reason::source_denied:
    case Reason::not_ours:
      return grpc::StatusCode::PERMISSION_DENIED;
    case Reason::source_unreachable:
    case Reason::store_unavailable:
    case Reason::upstream_unreachable:
    case Reason::daemon_unreachable:
      return grpc::StatusCode::UNAVAILABLE;
    case Reason::read_back_mismatch:
      return grpc::StatusCode::DATA_LOSS;
    default:
      return grpc::StatusCode::FAILED_PRECONDITION;
  }
}

}  // namespace

grpc::Status to_status(const Error& error) {
  v1::ErrorDetail detail;
  to_proto(error, detail);
  detail.set_message(printable(error.message, text_limit));
  if (detail.remedy().ByteSizeLong() > remedy_limit) detail.clear_remedy();
  return {code_for(error.reason), detail.message(), detail.SerializeAsString()};
}

grpc::Status refuse(std::string_view call, const ProcessIdentity& caller, const Error& error) {
  const auto level = error.reason == Reason::internal ? spdlog::level::err : spdlog::level::info;
  spdlog::log(level, "{} by {}[{}]: {}: {}", call, caller.command, caller.pid, to_code(error.reason),
              printable(error.message, text_limit));
  return to_status(error);
}

grpc::Status refuse(std::string_view call, const ProcessIdentity& caller, const std::exception& bug) {
  const Error error{Reason::internal, std::string("an unexpected ") + typeid(bug).name(), {}};
  return refuse(call, caller, error);
}

Error as_shutdown_error(Error error) {
  if (error.reason != Reason::cancelled) return error;
  error.message = "jackind ends: " + error.message;
  error.remedy = Remedy::try_again();
  return error;
}

}  // namespace jackin::ipc
