// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "daemon/mint/mint_interaction.hpp"

namespace jackin::lifecycle {

enum class Severity { info, warning };

struct Choice {
  std::string key;
  std::string text;
};

/// The user for whom an operation runs: the interaction of the mint, and the notices and questions of a saga. Daemon's
/// thread only.
class UserInteraction : public mint::MintInteraction {
 public:
  /// Reports information; the operation continues.
  virtual void notice(Severity severity, const std::string& message, const Remedy& remedy) = 0;

  /// Whether messages still reach the client.
  virtual bool is_there() const = 0;

  /// Asks a question and returns the key of the choice. Errors: cancelled (the client has disconnected, or the user
  /// cancels).
  virtual Task<std::string> ask(const std::string& question, const std::vector<Choice>& choices) = 0;
};

}  // namespace jackin::lifecycle
