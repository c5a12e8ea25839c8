// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "client/terminal/key.hpp"
#include "client/tui/model/model.hpp"

namespace jackin::tui {

using client::Input;
using client::Key;
using client::KeyName;
using client::Mouse;
using client::Paste;

// What can change the model. The owner of the model creates messages from terminal input and the clock. Other threads
// post theirs to the inbox.

/// Keys, pastes and mouse events that were read together, in order.
struct Pressed {
  std::vector<Input> chunk{};
};
struct Resized {
  CellSize size{};
};
/// The current time; `next_change` says when it is needed.
struct TimePassed {
  Moment now{};
};

// From the daemon.
struct LinkChanged {
  Link link{};
};
struct FactsArrived {
  Facts facts{};
};
/// All rows: after the first connection, and after each reconnection or refresh.
struct PictureComplete {
  std::vector<Row> rows{};
};
/// A new or changed row, without its details.
struct RowChanged {
  Row row{};
};
/// The answer to `WantDetails`.
struct DetailsArrived {
  Row row{};
  Ticket ticket = 0;
};
struct RowRemoved {
  Scope scope{};
};
struct StoresArrived {
  std::vector<Store> stores{};
};
struct StoresFailed {
  Error failure{};
};

// Answers to requests to 1Password.
struct AccountsArrived {
  Ticket ticket = 0;
  std::vector<WalkAccount> accounts{};  ///< Empty for a service account.
};
struct VaultsArrived {
  Ticket ticket = 0;
  std::vector<WalkVault> vaults{};
};
struct ItemsArrived {
  Ticket ticket = 0;
  std::vector<WalkItem> items{};
};
struct FieldsArrived {
  Ticket ticket = 0;
  std::vector<WalkSection> sections{};
  std::vector<WalkField> fields{};
};
struct ListingFailed {
  Ticket ticket = 0;
  Error failure{};
};

// Operations. `number` is that of the effect that began the operation.
struct OperationNamed {
  OperationNumber number = 0;
  std::string id{};  ///< The daemon's id.
};
struct StepReached {
  OperationNumber number = 0;
  Step step = Step::program;
  std::string detail{};
};
struct ScreenChanged {
  OperationNumber number = 0;
  Cells screen{};
};
struct LinkArrived {
  OperationNumber number = 0;
  std::string url{};  ///< For a browser on another machine; the page shows a code to paste.
};
struct BrowserOpened {
  OperationNumber number = 0;
  std::string error{};  ///< Empty when it was opened.
};
struct QuestionAsked {
  OperationNumber number = 0;
  Question question{};
};
struct NoticeArrived {
  OperationNumber number = 0;
  std::string text{};
};
struct OperationEnded {
  OperationNumber number = 0;
  Ending outcome{};
  bool daemon_ends = false;  ///< The daemon has ended, or ends and begins no operation.
};
/// What Operations.Watch reports of an operation, by the daemon's id. Operations begun here are reported too.
struct OperationSeen {
  std::string id{};
  OperationKind kind = OperationKind::setup;
  Scope scope{};
  std::optional<Step> step{};  ///< Empty before the first step.
  std::string detail{};
  std::optional<WaitsFor> waits{};
  std::string started_by{};
  std::optional<Moment> started_at{};
  bool runs_to_end = false;
  std::optional<Ending> outcome{};  ///< Set after the end.
};
/// The connection of an operation begun here was lost: of a setup or rotation after the capture, of a revocation after
/// it was named. The daemon goes on with the operation. From now on Operations.Watch reports it, as for an operation of
/// another client.
struct OperationLost {
  OperationNumber number = 0;
};
/// Operations.Watch has sent the current state: operations that are not in `running` have ended.
struct OperationsTold {
  std::vector<std::string> running{};  ///< The daemon's ids.
};

// doctor. `ticket` is that of the check.
struct FindingsArrived {
  Scope scope{};
  std::vector<Finding> findings{};
  Ticket ticket = 0;
};
struct DoctorFailed {
  Error failure{};
  Ticket ticket = 0;
};

/// The program must end: it received a signal, or its terminal was closed.
struct ToldToEnd {};

/// A message for the user about the result of an effect.
struct Said {
  std::string text{};
};

using Message = std::variant<Pressed, Resized, TimePassed, LinkChanged, FactsArrived, PictureComplete, RowChanged,
                             DetailsArrived, RowRemoved, StoresArrived, StoresFailed, AccountsArrived, VaultsArrived,
                             ItemsArrived, FieldsArrived, ListingFailed, OperationNamed, StepReached, ScreenChanged,
                             LinkArrived, BrowserOpened, QuestionAsked, NoticeArrived, OperationEnded, OperationSeen,
                             OperationLost, OperationsTold, FindingsArrived, DoctorFailed, ToldToEnd, Said>;

}  // namespace jackin::tui
