// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "client/rpc/connection.hpp"
#include "common/result.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// A setup or a rotation that runs at the daemon, as something to poll for: events are read on a thread of its own. All
/// else on one thread. The connection must outlive it. When it ends, the call is given up if it has not ended by
/// itself.
class TokenCall {
 public:
  /// `first` is the request: a setup's or a rotation's.
  TokenCall(const Connection& connection, const v1::TokenInput& first);
  TokenCall(const TokenCall&) = delete;
  TokenCall& operator=(const TokenCall&) = delete;
  ~TokenCall();

  /// Readable when `next()` has something, or has nothing any more.
  int fd() const;

  /// The next event, without waiting.
  std::optional<v1::TokenEvent> next();
  /// Whether the last event has been taken.
  bool ended() const;

  /// Sends what the user did; keys and codes are wiped from the message. After the end nothing happens.
  void send(v1::UserInput input);

  /// Waits for the end and says how it ended.
  Result<> outcome();

  /// Gives the call up: the daemon sees that the client has gone.
  void hang_up();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace jackin::client
