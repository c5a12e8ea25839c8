// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/lifecycle/setup.hpp"
#include "daemon/lifecycle/token_steps.hpp"

namespace jackin::lifecycle {

/// The steps of one setup; Setup::run defines their order.
class SetupSteps final : public TokenSteps {
 public:
  /// All must outlive the steps.
  SetupSteps(Dependencies& deps, const SetupRequest& request, UserInteraction& user, Operations::Lease& lease);

  /// Checks that the scope's own layer has no token, and that the workspace exists or is to be created. Errors:
  /// slot_exists, unknown_workspace, config_invalid, config_unreadable.
  Result<> expect_empty_slot();

  /// Chooses how the slot is written and where the token is stored. Stores nothing.
  Task<> choose_place();

  /// Reads the token to adopt. Errors: those of its source; token_malformed.
  Task<> resolve_adopted();

 private:
  /// Adopts a token that an earlier operation of jackind stored and could not configure as jackind's own, with its
  /// expiry.
  asio::awaitable<void> take_up_stored();

  const SetupRequest& request_;
};

}  // namespace jackin::lifecycle
