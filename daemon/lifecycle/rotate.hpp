// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/async/task.hpp"
#include "daemon/lifecycle/dependencies.hpp"
#include "daemon/lifecycle/token_request.hpp"
#include "daemon/lifecycle/user_interaction.hpp"

namespace jackin::lifecycle {

/// With `place` or `plain` the token moves there; without them it stays in its place.
struct RotateRequest : TokenRequest {
  bool with_sharing = false;  ///< Every other scope with the same source in its own layer gets the new token too.
};

/// Replaces a scope's token: mints a new one, stores it, reads it back, and configures it. Deletes the old one last,
/// and only when jackind created it and no scope uses it. Until the slot is written the old token stays in use.
/// Daemon's thread; one at a time per scope and per stored item (busy).
class Rotate {
 public:
  explicit Rotate(Dependencies& deps) : deps_(deps) {}

  /// Errors: busy; slot_missing, when the scope's own layer has no token (the remedy names the scope that has it);
  /// unsupported, when the old token's source cannot be written (a variable, a program); those of setup.
  Task<TokenReport> run(RotateRequest request, UserInteraction& user);

 private:
  Dependencies& deps_;
};

}  // namespace jackin::lifecycle
