// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "client/rpc/connection.hpp"
#include "common/result.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// A setup or a rotation that runs at the daemon, for use with poll. A separate thread reads the events. All other
/// calls come from one thread. The connection must outlive it. The destructor cancels a call that has not ended.
class TokenCall {
 public:
  /// `first` is the request for a setup or a rotation.
  TokenCall(const Connection& connection, const v1::TokenInput& first);
  TokenCall(const TokenCall&) = delete;
  TokenCall& operator=(const TokenCall&) = delete;
  ~TokenCall();

  /// The descriptor is readable when `next()` has an event, or when there are no more events.
  int fd() const;

  /// Returns the next event, without waiting.
  std::optional<v1::TokenEvent> next();
  /// Whether the last event has been taken.
  bool ended() const;

  /// Sends the user's input. Wipes keys and codes from the message. Does nothing after the end of the call.
  void send(v1::UserInput input);

  /// Waits for the end of the call and returns its result.
  Result<> outcome();

  /// Cancels the call: the daemon sees that the client is gone.
  void hang_up();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace jackin::client
