// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "client/core/place_walk.hpp"
#include "client/tui/app/calls.hpp"
#include "client/tui/app/inbox.hpp"
#include "client/tui/app/keeper.hpp"
#include "client/tui/app/token_sessions.hpp"
#include "client/tui/update/effects.hpp"

namespace jackin::tui {

/// Carries out the effects that concern the daemon and the browser. Only `leave` and the destructor block; each result
/// arrives as a message in the inbox. One thread at a time.
class Backend {
 public:
  /// `inbox` must outlive it.
  Backend(const Environment& environment, const Paths& paths, Inbox& inbox);
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;
  /// Leaves the operations, stops the calls, and waits for the threads of both.
  ~Backend() = default;

  /// `size` is the size of claude's screen (`claude_size`).
  void start(StartSetup&& start, CellSize size);
  void start(StartRotate&& start, CellSize size);
  void start(StartRevoke&& start);
  /// `pass` sends the user's input to an operation begun here. `cancel` cancels any operation.
  template <typename Input>
  void send(Input&& input) {
    sessions_.send(std::forward<Input>(input));
  }
  void cancel(Cancel&& cancel);

  void list(ListStores);
  void list(const ListAccounts& wanted);
  void list(ListVaults&& wanted);
  void list(ListItems&& wanted);
  void list(ListFields&& wanted);
  void stop(StopListing wanted) { calls_.stop(wanted.ticket); }

  void examine(StartDoctor&& start);
  void ask_details(WantDetails&& wanted);
  void lock();
  void refresh() { keeper_.refresh(); }
  void reconnect() { keeper_.reconnect(); }
  void open_browser(OpenBrowser&& open);

  /// Call after SIGCHLD.
  void reap_browsers();
  /// Detaches from operations that the daemon finishes alone, and cancels the others. An open question stays
  /// unanswered. Returns how each operation was left.
  TokenSessions::Ends leave() { return sessions_.leave(); }

 private:
  void begin(OperationNumber number, v1::TokenInput first, CellSize size);
  void list(Ticket ticket, client::PlaceQuery query);

  // The scopes whose details are not requested yet. One thread requests them one after the other.
  struct Details {
    std::mutex mutex{};
    std::deque<WantDetails> wanted{};
    bool is_asking = false;
  };

  // The caller holds `browsers_mutex_`.
  void reap_known_browsers();

  const Environment environment_;
  const std::filesystem::path folder_;  // in which the program was started
  Inbox& inbox_;
  Keeper keeper_;
  std::mutex browsers_mutex_;
  std::vector<std::pair<pid_t, OperationNumber>> browsers_;
  Details details_;
  Calls calls_;
  TokenSessions sessions_;
};

}  // namespace jackin::tui
