// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "daemon/lifecycle/rotate.hpp"
#include "daemon/lifecycle/token_steps.hpp"

namespace jackin::lifecycle {

/// The steps of one rotation; Rotate::run defines their order.
class RotateSteps final : public TokenSteps {
 public:
  /// All must outlive the steps.
  RotateSteps(Dependencies& deps, const RotateRequest& request, UserInteraction& user, Operations::Lease& lease);

  /// Checks that the scope's own layer has a token. Holds this scope and the others that get the new token. Errors:
  /// slot_missing, unknown_workspace, config_invalid, config_unreadable, busy.
  Task<> expect_token();

  /// Chooses the place of the new token: that of the old one, or the requested one. Errors: unsupported, those of the
  /// store.
  Task<> choose_place();

  /// Whether the slots already name the new place, so that the new token overwrites the old one. Call it after the
  /// place is chosen.
  bool slots_stay() const;

  /// Notifies the user when the new token belongs to another organisation than the old one.
  void compare_organization();

  /// Every other scope that reads the place also has the new token; records it for these scopes.
  asio::awaitable<void> find_fellow_readers();

  /// Deletes the old token's item when jackind created it and no scope uses it. doctor lists an item that cannot be
  /// deleted.
  asio::awaitable<void> retire_old();

 private:
  config::SlotStyle style_of(const config::AuthKeys& keys) const;
  Result<> add_target(const Scope& scope);
  Task<> plan_beside();
  Task<> plan_again() override;
  Task<> plan_elsewhere();
  std::string old_reference() const;

  const RotateRequest& request_;
  std::optional<secrets::CredentialSource> old_;
  std::optional<Fingerprint> old_fingerprint_;
  std::string old_organization_;
};

}  // namespace jackin::lifecycle
