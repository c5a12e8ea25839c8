#pragma once

#include <memory>
#include <optional>

#include "client/link/connection.hpp"
#include "common/result.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// A setup that runs at the daemon, as something to poll for: events are read on a thread of its own. All else on one
/// thread. The connection must outlive it. When it ends, the call is given up if it has not ended by itself.
class SetupCall {
 public:
  SetupCall(const Connection& connection, const v1::SetupRequest& request);
  SetupCall(const SetupCall&) = delete;
  SetupCall& operator=(const SetupCall&) = delete;
  ~SetupCall();

  /// Readable when `next()` has something, or has nothing any more.
  int fd() const;

  /// The next event, without waiting.
  std::optional<v1::SetupEvent> next();
  /// Whether the last event has been taken.
  bool ended() const;

  /// Sends what the person did; keys and codes are wiped from the message. After the end nothing happens.
  void send(v1::PersonInput input);

  /// Waits for the end and says how it ended.
  Result<> outcome();

  /// Gives the call up: the daemon sees that the client has gone.
  void hang_up();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace jackin::client
