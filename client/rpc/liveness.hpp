// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <functional>
#include <memory>

#include "client/rpc/connection.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// How a client waits for a call that may last long. Runs `work`, which blocks on the call with `context`, and returns
/// when `work` has returned. May cancel the context meanwhile, because the user stops the command; returns whether it
/// did.
using RunCall = std::function<bool(grpc::ClientContext& context, const std::function<void()>& work)>;

/// A RunCall that never cancels.
inline bool to_its_end(grpc::ClientContext& /*context*/, const std::function<void()>& work) {
  work();
  return false;
}

/// Guards a call that may last long, because it waits for the user or streams. The call has no deadline. While the call
/// is silent, a thread asks the daemon for its status over the same connection. Without an answer the thread cancels
/// the call. Create it before the call; the connection and the context must outlive it.
class Liveness {
 public:
  struct Limits {
    std::chrono::milliseconds silence = std::chrono::seconds(30);  ///< The daemon is asked after this time.
    std::chrono::milliseconds answer = std::chrono::seconds(30);   ///< The daemon must answer within this time.
    std::chrono::milliseconds end = std::chrono::seconds(10);  ///< The limit between the last message and the status.
  };
  Liveness(const Connection& connection, grpc::ClientContext& context, Limits limits);
  Liveness(const Connection& connection, grpc::ClientContext& context) : Liveness(connection, context, Limits{}) {}
  Liveness(const Liveness&) = delete;
  Liveness& operator=(const Liveness&) = delete;
  ~Liveness();

  /// Reports that a message has arrived.
  void heard();
  /// Reports that no more messages arrive and only the status is outstanding. The status is already there, unless the
  /// last message could not be read.
  void no_more();

  /// Converts the status of the call. Errors: timed_out when this object cancelled the call, else as
  /// `error_from_status`.
  Result<> outcome(const grpc::Status& status) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace jackin::client
