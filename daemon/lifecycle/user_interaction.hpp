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

/// The user for whom an operation runs: what the mint needs, and what a saga has to say and ask beside it. Daemon's
/// thread only.
class UserInteraction : public mint::MintInteraction {
 public:
  /// Something to know; the operation goes on.
  virtual void notice(Severity severity, const std::string& message, const std::string& remedy) = 0;

  /// Whether what is said still reaches the client.
  virtual bool is_there() const = 0;

  /// Asks; the key of the choice. Errors: cancelled (the client has gone, or the user wants out).
  virtual Task<std::string> ask(const std::string& question, const std::vector<Choice>& choices) = 0;
};

}  // namespace jackin::lifecycle
