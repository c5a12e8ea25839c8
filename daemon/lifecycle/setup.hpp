// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "daemon/async/task.hpp"
#include "daemon/lifecycle/dependencies.hpp"
#include "daemon/lifecycle/token_request.hpp"
#include "daemon/lifecycle/user_interaction.hpp"

namespace jackin::lifecycle {

struct SetupRequest : TokenRequest {
  std::string reuse;    ///< A reference to adopt; then nothing is minted or stored.
  bool create = false;  ///< Make the workspace's file when there is none.
  std::string workdir;  ///< For `create`; absolute.
};

/// Gives a scope its token: mints or adopts it, keeps it, reads it back, wires it. Until the slot is written nothing of
/// the user's has changed; what was stored and cannot be wired stays in its store, unless the user gives it up, and
/// what an earlier failure leaves is deleted again. Daemon's thread; one at a time per scope and per stored item
/// (busy). Once the token is captured the operation runs to its end whatever the client does.
class Setup {
 public:
  explicit Setup(Dependencies& deps) : deps_(deps) {}

  /// Errors: busy, slot_exists (remedy: rotate), unknown_workspace, invalid_argument, those of minting, of the store
  /// and of the configuration, read_back_mismatch, token_rejected, cancelled.
  Task<TokenReport> run(SetupRequest request, UserInteraction& user);

 private:
  Dependencies& deps_;
};

}  // namespace jackin::lifecycle
