// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "client/tui/model/model.hpp"
#include "common/secret.hpp"

namespace jackin::tui {

// What the program is to do. None of these waits: each answer is a message.

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

/// Key strokes for claude, in one piece.
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
/// Cancels an operation, also one that another client began (by its `id`).
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
/// The answer to a question, or the findings of doctor, are not wanted any more.
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
/// Draws the whole screen.
struct Redraw {};
/// A setup or a rotation that runs here when the program ends: how it is left is known then.
struct LeftOperation {
  OperationNumber number = 0;
  std::string name{};  ///< "the new token of my-app"
};
/// Ends the program. After the screen is restored, it prints how each of `operations` continues, then `farewell`.
struct Quit {
  std::vector<LeftOperation> operations{};
  std::vector<std::string> farewell{};
};

using Effect = std::variant<StartSetup, StartRotate, StartRevoke, SendKeys, SendCode, ResizeClaude, Answer, Cancel,
                            ListStores, ListAccounts, ListVaults, ListItems, ListFields, StopListing, StartDoctor,
                            WantDetails, Refresh, Reconnect, Lock, OpenBrowser, Copy, Redraw, Quit>;
using Effects = std::vector<Effect>;

}  // namespace jackin::tui
