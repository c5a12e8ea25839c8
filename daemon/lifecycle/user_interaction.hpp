// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/operation.hpp"
#include "common/source_kind.hpp"
#include "common/verdict.hpp"
#include "daemon/mint/mint_interaction.hpp"

namespace jackin::lifecycle {

/// What the user chooses: an action, and the store that it is about, if any.
struct ChoiceKey {
  ChoiceKind kind = ChoiceKind::try_again;
  std::optional<SourceKind> store{};
  friend bool operator==(const ChoiceKey&, const ChoiceKey&) = default;
};

struct Choice {
  ChoiceKey key;
  std::string text;
};

/// A question to the user. The first choice tries again.
struct Question {
  QuestionKind kind = QuestionKind::store_failed;
  std::string text;
  std::vector<Choice> choices;
};

/// The user for whom an operation runs: the interaction of the mint, and the notices and questions of a saga. Daemon's
/// thread only.
class UserInteraction : public mint::MintInteraction {
 public:
  /// Reports the operation's ID, once it has begun.
  virtual void begun(const std::string& id) = 0;

  /// Another client cancels the operation: from here on every input is Cancel. False, without effect, once claude has
  /// shown a token.
  virtual bool cancel_elsewhere() = 0;

  /// Reports information; the operation continues.
  virtual void notice(Severity severity, const std::string& message, const Remedy& remedy) = 0;

  /// Whether messages still reach the client.
  virtual bool is_there() const = 0;

  /// Asks a question and returns the key of the choice. Errors: cancelled (the client has disconnected, or the user
  /// cancels).
  virtual Task<ChoiceKey> ask(const Question& question) = 0;
};

}  // namespace jackin::lifecycle
