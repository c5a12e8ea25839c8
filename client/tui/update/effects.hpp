// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "client/tui/model/model.hpp"
#include "common/secret.hpp"

namespace jackin::tui {

// What the program has to do. An effect does not block: its result arrives as a message.

struct StartSetup {
  OperationNumber number = 0;
  Scope scope{};
  Place place{};
  bool create = false;
  std::string workdir{};
};
struct StartRotate {
  OperationNumber number = 0;
  Scope scope{};
};
struct StartRevoke {
  OperationNumber number = 0;
  Scope scope{};
  bool delete_item = false;
};

/// Keys for claude, sent as one piece.
struct SendKeys {
  OperationNumber number = 0;
  Secret bytes{};
};
/// The whole code from the browser's page.
struct SendCode {
  OperationNumber number = 0;
  Secret code{};
};
/// The size of claude's screen changed (`claude_size`).
struct ResizeClaude {
  OperationNumber number = 0;
  CellSize size{};
};
struct Answer {
  OperationNumber number = 0;
  ChoiceKey choice{};
};
/// Cancels an operation. One of another client is identified by `id`.
struct Cancel {
  OperationNumber number = 0;
  std::string id{};
};

struct ListStores {};
struct ListAccounts {
  Ticket ticket = 0;
};
struct ListVaults {
  Ticket ticket = 0;
  std::string account{};
};
struct ListItems {
  Ticket ticket = 0;
  std::string account{};
  std::string vault{};
};
struct ListFields {
  Ticket ticket = 0;
  std::string account{};
  std::string vault{};
  std::string item{};
};
/// Stops a request to 1Password or a doctor check.
struct StopListing {
  Ticket ticket = 0;
};

struct StartDoctor {
  std::vector<Scope> scopes{};
  Ticket ticket = 0;
};
struct WantDetails {
  Scope scope{};
  Ticket ticket = 0;
};
struct Refresh {};
struct Reconnect {};
struct Lock {};
struct OpenBrowser {
  OperationNumber number = 0;
  std::string url{};
};
/// Copies a text with the terminal's clipboard (OSC 52).
struct Copy {
  std::string text{};
};
/// Draws the whole screen again.
struct Redraw {};
/// A setup or rotation that still runs when the program ends. Only `Backend::leave` tells how it was left.
struct LeftOperation {
  OperationNumber number = 0;
  std::string name{};  ///< "the new token of my-app"
};
/// Ends the program. After the screen is restored, the program prints how each of `operations` continues, then
/// `farewell`.
struct Quit {
  std::vector<LeftOperation> operations{};
  std::vector<std::string> farewell{};
};

using Effect = std::variant<StartSetup, StartRotate, StartRevoke, SendKeys, SendCode, ResizeClaude, Answer, Cancel,
                            ListStores, ListAccounts, ListVaults, ListItems, ListFields, StopListing, StartDoctor,
                            WantDetails, Refresh, Reconnect, Lock, OpenBrowser, Copy, Redraw, Quit>;
using Effects = std::vector<Effect>;

}  // namespace jackin::tui
