// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <memory>

#include "client/rpc/connection.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// Guards a call that may take long, since it waits for the user or streams. The call has no deadline; it is cancelled
/// when the daemon stops answering. While the call is silent, a thread asks the daemon
/// for its status over the same connection; without an answer the call is cancelled. Made before the call is; outlived
/// by the connection and the context.
class Liveness {
 public:
  struct Limits {
    std::chrono::milliseconds silence = std::chrono::seconds(30);  ///< After which the daemon is asked.
    std::chrono::milliseconds answer = std::chrono::seconds(30);   ///< In which it must answer.
    std::chrono::milliseconds end = std::chrono::seconds(10);      ///< From the last message to the status.
  };
  Liveness(const Connection& connection, grpc::ClientContext& context, Limits limits);
  Liveness(const Connection& connection, grpc::ClientContext& context) : Liveness(connection, context, Limits{}) {}
  Liveness(const Liveness&) = delete;
  Liveness& operator=(const Liveness&) = delete;
  ~Liveness();

  /// A message has come.
  void heard();
  /// No message comes any more: only the status is waited for, which is there already, unless what came last could not
  /// be read.
  void no_more();

  /// What the call came to, by its status. Errors: timed_out when it was given up here, else as `error_from_status`.
  Result<> outcome(const grpc::Status& status) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace jackin::client
