// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/async/task.hpp"
#include "daemon/lifecycle/dependencies.hpp"
#include "daemon/lifecycle/token_request.hpp"
#include "daemon/lifecycle/user_interaction.hpp"

namespace jackin::lifecycle {

/// `place` given, or `plain`: the token moves there. Nothing given: the same place as before.
struct RotateRequest : TokenRequest {
  bool with_sharing = false;  ///< Every other scope that has the same source written down gets the new token too.
};

/// Replaces a scope's token: mints a new one, keeps it, reads it back, wires it, and deletes the old one last: only
/// when jackind made it, and no scope uses it any more. Until the slot is written the old token stands everywhere.
/// Daemon's thread; one at a time per scope and per stored item (busy).
class Rotate {
 public:
  explicit Rotate(Dependencies& deps) : deps_(deps) {}

  /// Errors: busy; slot_missing, when the scope's own layer has no token (the remedy names the scope whose it is);
  /// unsupported, when nothing can be stored where the old one comes from (a variable, a program); those of setup.
  Task<TokenReport> run(RotateRequest request, UserInteraction& user);

 private:
  Dependencies& deps_;
};

}  // namespace jackin::lifecycle
