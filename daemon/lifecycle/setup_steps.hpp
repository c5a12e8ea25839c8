// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/lifecycle/setup.hpp"
#include "daemon/lifecycle/token_steps.hpp"

namespace jackin::lifecycle {

/// The steps of one setup, which Setup::run puts in their order.
class SetupSteps final : public TokenSteps {
 public:
  /// All must outlive the steps.
  SetupSteps(Dependencies& deps, const SetupRequest& request, UserInteraction& user, Operations::Lease& lease);

  /// The scope's own layer holds no token, and the workspace exists or is to be made. Errors: slot_exists,
  /// unknown_workspace, config_invalid, config_unreadable.
  Result<> expect_empty_slot();

  /// How it will be written down and where it will be kept. Nothing is stored.
  Task<> choose_place();

  /// Reads what is to be adopted. Errors: those of its source; token_malformed.
  Task<> resolve_adopted();

 private:
  /// What an operation of ours stored and could not wire is taken up as what it is: ours, with its expiry.
  asio::awaitable<void> take_up_stored();

  const SetupRequest& request_;
};

}  // namespace jackin::lifecycle
