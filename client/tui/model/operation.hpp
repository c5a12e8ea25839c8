// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "client/tui/model/cells.hpp"
#include "client/tui/model/row.hpp"
#include "common/error.hpp"
#include "common/operation.hpp"
#include "common/source_kind.hpp"

namespace jackin::tui {

/// This program's number of an operation, from 1. The daemon's id arrives later (`Operation::id`).
using OperationNumber = std::uint64_t;

enum class StepState { waiting, running, done, warned, failed };

struct StepLine {
  Step step = Step::program;
  StepState state = StepState::waiting;
  std::string detail{};
};

/// The key of a choice, which is sent as the answer to a question.
struct ChoiceKey {
  ChoiceKind kind = ChoiceKind::try_again;
  std::optional<SourceKind> store{};  ///< The store to try again or to use.
  friend bool operator==(const ChoiceKey&, const ChoiceKey&) = default;
};

struct Choice {
  ChoiceKey key{};
  std::string text{};
};

/// A question of the daemon to the user. The first choice tries again.
struct Question {
  std::string text{};
  std::vector<Choice> choices{};
};

/// The report of a setup or a rotation. Empty texts are not shown.
struct TokenReport {
  std::string claude_version{};
  std::string stored_in{};
  std::string fingerprint{};
  std::string expires_on{};
  std::optional<int> days_left{};
  bool expiry_estimated = false;
  std::string slot{};
  bool deleted_old = false;
  std::vector<Holder> old_holders{};
};

/// The result of a revocation.
struct RevokeReport {
  bool cleared = false;
  bool deleted = false;
  std::string remains_in{};
  std::vector<Holder> holders{};
};

/// How an operation ended.
using Ending = std::variant<TokenReport, RevokeReport, Error>;

struct Operation {
  OperationNumber number = 0;
  std::string id{};  ///< The daemon's id; empty until it arrives.
  OperationKind kind = OperationKind::setup;
  Scope scope{};
  std::string place{};            ///< "1P Personal/Claude"; empty when it is not known.
  std::vector<StepLine> steps{};  ///< All steps, in order.
  std::optional<WaitsFor> waits{};
  bool is_own = true;        ///< Begun in this program, which answers its questions.
  std::string started_by{};  ///< "jackinctl[4711]"
  std::optional<Moment> started_at{};
  std::uint64_t connection = 0;     ///< The connection (`Model::connection`) on which it began.
  bool is_lost = false;             ///< The daemon ended or was away while it ran, and has not reported it since.
  bool cancels_when_named = false;  ///< The user cancelled it before the daemon's id arrived.
  bool runs_to_end = false;         ///< The daemon finishes it alone, and it cannot be cancelled.
  Cells screen{};                   ///< claude's screen, masked by the daemon; empty while there is none.
  bool has_input = false;           ///< claude has received keys or a code since the last Enter.
  std::string authorize_url{};
  CellSize qr{};  ///< What the link needs as a QR code, with the two lines around it; empty if it has none.
  bool browser_opened = false;
  std::string browser_error{};
  std::optional<Question> question{};
  std::size_t choice = 0;  ///< The selected choice of the question.
  std::vector<std::string> notices{};
  std::optional<Ending> outcome{};
  /// What Operations.Watch says of the end while the own stream has not said it.
  std::optional<Ending> outcome_elsewhere{};

  bool has_ended() const { return outcome.has_value(); }
  bool has_failed() const { return outcome && std::holds_alternative<Error>(*outcome); }
  bool was_cancelled() const { return has_failed() && std::get<Error>(*outcome).reason == Reason::cancelled; }
  /// claude waits for the consent of this user, so keys go to claude.
  bool asks_here() const { return is_own && waits == WaitsFor::consent && !has_ended() && screen.size().rows > 0; }
  /// It waits for the consent or the answer of this user.
  bool waits_for_user() const {
    return is_own && !has_ended() && (question || waits == WaitsFor::consent || waits == WaitsFor::answer);
  }
  /// The token is not captured yet, so ending this program would cancel it.
  bool needs_us() const { return is_own && !runs_to_end && !has_ended(); }
  /// It cannot finish without this program: its token is not captured, or its question is open.
  bool ends_with_us() const { return is_own && !has_ended() && (!runs_to_end || question); }
};

/// The steps of an operation in their order.
std::vector<StepLine> steps_of(OperationKind kind, bool adopts = false);

/// The number of the running step, from 1; the number of steps if all are done.
std::size_t step_number(const Operation& operation);

}  // namespace jackin::tui
