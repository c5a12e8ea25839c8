// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <variant>

#include "client/core/token_session.hpp"
#include "client/rpc/connection.hpp"
#include "client/tui/app/inbox.hpp"
#include "client/tui/update/effects.hpp"
#include "common/environment.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::tui {

/// The setups and rotations begun in this program. Each one is a session with the daemon on its own thread, and posts
/// its events to the inbox. One caller thread at a time.
class TokenSessions {
 public:
  /// `inbox` must outlive it.
  TokenSessions(Environment environment, client::Connect connect, Inbox& inbox);
  TokenSessions(const TokenSessions&) = delete;
  TokenSessions& operator=(const TokenSessions&) = delete;
  /// Calls `leave`.
  ~TokenSessions();

  /// Begins an operation. `first` is the complete request.
  void start(OperationNumber number, v1::TokenInput first);

  /// Sends the user's input to the operation of its number. Returns false when none of that number runs here.
  bool send(SendKeys&& input);
  bool send(SendCode&& input);
  bool send(const ResizeClaude& input);
  bool send(const Answer& input);
  bool send(Cancel&& input);

  /// Call after SIGCHLD: a browser may have ended.
  void reap_browsers();

  /// How an operation ended here.
  struct End {
    client::Departure departure = client::Departure::none;
    bool is_captured = false;
    bool is_done = false;  ///< The daemon reported its success.
    std::optional<Error> error{};
  };
  using Ends = std::map<OperationNumber, End>;

  /// Detaches from operations that the daemon finishes alone, and cancels the others. An open question stays
  /// unanswered. Waits for the threads. Returns how each operation was left.
  Ends leave();

 private:
  struct Reap {};
  struct Leave {};
  using Command = std::variant<SendKeys, SendCode, ResizeClaude, Answer, Cancel, Reap, Leave>;
  class Run;

  bool post(OperationNumber number, Command command);

  const Environment environment_;
  const client::Connect connect_;
  Inbox& inbox_;
  std::map<OperationNumber, std::unique_ptr<Run>> sessions_;
};

}  // namespace jackin::tui
