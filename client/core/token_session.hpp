// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/error.hpp"
#include "common/result.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// The daemon's side of a running setup or rotation.
class TokenStream {
 public:
  virtual ~TokenStream() = default;

  /// A descriptor for poll: readable when `next()` has an event, or when there are no more events.
  virtual int fd() const = 0;
  /// Returns the next event, without waiting.
  virtual std::optional<v1::TokenEvent> next() = 0;
  /// Whether the last event has been taken.
  virtual bool ended() const = 0;

  /// Sends the user's input. Wipes keys and codes from the message. Does nothing after the end of the stream.
  virtual void send(v1::UserInput input) = 0;
  /// Asks the daemon whether it finishes the operation with this ID without this client. Blocking, bounded.
  virtual bool runs_to_its_end(const std::string& operation) = 0;
  /// Cancels the call: the daemon sees that the client is gone.
  virtual void hang_up() = 0;
  /// Waits for the end of the call and returns its result.
  virtual Result<> outcome() = 0;
};

/// What a client shows of a setup or a rotation. The session calls these functions from `handle_events` and
/// `reap_browser`, on their thread. Text is as the daemon sent it, except where noted.
class TokenView {
 public:
  virtual ~TokenView() = default;

  virtual void on_step(const v1::StepReached& step) = 0;
  /// A change of claude's screen. None arrives after the token was captured.
  virtual void on_frame(const v1::Frame& frame) = 0;
  /// The page for the user's consent, printable.
  virtual void on_authorize_url(const std::string& url) = 0;
  virtual void on_notice(const v1::Notice& notice) = 0;
  /// The view answers with `TokenSession::answer`, `answer_unasked` or `cancel`, now or later.
  virtual void on_question(const v1::Question& question) = 0;
  virtual void on_browser_failed(const std::string& message) = 0;
};

/// Whether the user left before the daemon's result, and what the daemon then does with the operation.
enum class Departure {
  none,
  detached,     ///< The daemon finishes the operation by itself.
  unconfirmed,  ///< The operation is cancelled; the user did not wait for the daemon to confirm it.
};

/// The end of a session. Exactly one of `report` and `error` is set when the user has not left.
struct TokenEnd {
  std::optional<v1::TokenReport> report;
  Departure departure = Departure::none;
  /// The daemon's error, or the client's own (`TokenSession::give_up`).
  std::optional<Error> error;
};

/// The client's side of a setup or a rotation. It keeps the state of the dialogue, opens the browser, and sends the
/// user's input. When the user leaves, it detaches from an operation that finishes without the user, and cancels any
/// other. It also answers questions when no user can answer. One thread.
class TokenSession {
 public:
  /// Starts a browser with the address. Returns its pid, which the session reaps.
  using OpenBrowser = std::function<Result<pid_t>(const std::string& url)>;

  /// `stream` must outlive the session.
  TokenSession(TokenStream& stream, OpenBrowser open_browser)
      : stream_(stream), open_browser_(std::move(open_browser)) {}
  TokenSession(const TokenSession&) = delete;
  TokenSession& operator=(const TokenSession&) = delete;

  /// For poll, as `TokenStream::fd`.
  int fd() const { return stream_.fd(); }
  /// Whether the session needs no more events: the stream has ended, or the user has left.
  bool is_over() const { return departure_ != Departure::none || stream_.ended(); }

  /// Handles the events that have arrived and shows them on `view`.
  void handle_events(TokenView& view);
  /// Call after SIGCHLD: reaps the browser if it has exited, and reports its failure to the daemon and to `view`.
  void reap_browser(TokenView& view);

  /// Sends keys for claude, as they were read.
  void send_keys(std::string_view keys);
  /// Sends the whole code from the browser's page.
  void send_code(std::string_view code);
  /// Sends the new size of the terminal that shows claude's screen.
  void send_size(int rows, int columns);
  /// Answers the open question with one of its choices.
  void answer(const v1::Choice& choice);
  /// Answers without the user. The first answer is the first choice, which tries again. The next answer is the choice
  /// that loses nothing. Returns false when the question has no such choice.
  bool answer_unasked(const v1::Question& question);
  /// Whether the question has the choice that loses nothing (`jackin.v1.Question`).
  static bool offers_keeping(const v1::Question& question);

  /// Asks the daemon to stop the operation. Sent once.
  void cancel();
  /// Cancels the operation for a reason on the client's side, which becomes the session's error.
  void give_up(Error error);
  /// The user stops the command: cancels the operation if possible, else detaches. A second call does not wait for the
  /// daemon. After the capture it asks the daemon whether it finishes the operation: blocking, bounded.
  void interrupt();
  /// For a client that must end: acts as `interrupt` does, and does not wait for the end of a cancelled operation.
  void leave();

  /// Whether claude's token was captured. From then on the daemon finishes the operation even if the client
  /// disconnects.
  bool is_captured() const { return captured_; }
  /// Whether a question is open.
  bool is_asking() const { return asking_; }
  /// The operation's ID; empty before it has begun.
  const std::string& operation_id() const { return operation_; }
  Departure departure() const { return departure_; }
  /// The reason of `give_up`, if any.
  const std::optional<Error>& own_error() const { return own_error_; }

  /// Waits for the end of the call; cancels the call first if the user has left.
  TokenEnd finish();

 private:
  void handle(v1::TokenEvent& event, TokenView& view);
  void browser_failed(const std::string& message, TokenView& view);

  TokenStream& stream_;
  OpenBrowser open_browser_;
  pid_t browser_ = -1;
  std::string operation_;
  bool captured_ = false;
  bool asking_ = false;
  bool cancelling_ = false;
  bool tried_again_ = false;
  Departure departure_ = Departure::none;
  std::optional<Error> own_error_;
  std::optional<v1::TokenReport> report_;
};

}  // namespace jackin::client
