// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "daemon/async/task.hpp"
#include "daemon/lifecycle/dependencies.hpp"
#include "daemon/lifecycle/token_request.hpp"
#include "daemon/lifecycle/user_interaction.hpp"

namespace jackin::lifecycle {

struct SetupRequest : TokenRequest {
  std::string reuse;    ///< A reference to adopt; then no token is minted or stored.
  bool create = false;  ///< Create the workspace's file when it does not exist.
  std::string workdir;  ///< For `create`; absolute.
};

/// Sets up a scope's token: mints or adopts it, stores it, reads it back, and configures it. Until the slot is written
/// no data of the user has changed. A stored token that cannot be configured stays in its store, unless the user
/// discards it; an earlier failure deletes the stored token. Daemon's thread; one at a time per scope and per stored
/// item (busy). Once the token is captured the operation runs to its end, even if the client disconnects.
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
