// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/status.hpp"

namespace jackin::client {
namespace {

CallStatus neutral(const grpc::Status& status) {
  return {static_cast<StatusCode>(status.error_code()), status.error_message(), status.error_details()};
}

}  // namespace

Error error_from_status(const grpc::Status& status) {
  return error_from_status(neutral(status));
}

bool was_lost(const grpc::Status& status) {
  return was_lost(neutral(status));
}

CallEnd call_end(const grpc::Status& status) {
  return call_end(neutral(status));
}

}  // namespace jackin::client
