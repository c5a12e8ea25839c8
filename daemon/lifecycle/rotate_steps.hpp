// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "daemon/lifecycle/rotate.hpp"
#include "daemon/lifecycle/token_steps.hpp"

namespace jackin::lifecycle {

/// The steps of one rotation, which Rotate::run puts in their order.
class RotateSteps final : public TokenSteps {
 public:
  /// All must outlive the steps.
  RotateSteps(Dependencies& deps, const RotateRequest& request, UserInteraction& user, Operations::Lease& lease);

  /// The scope's own layer has a token; it, and the scopes that get the new one too, are held. Errors: slot_missing,
  /// unknown_workspace, config_invalid, config_unreadable, busy.
  Task<> expect_token();

  /// Where the new token goes: where the old one is, or where it shall move. Errors: unsupported, those of the store.
  Task<> choose_place();

  /// Whether the slots say already what they shall: the new token goes over the old one. Once the place is chosen.
  bool slots_stay() const;

  /// Says so when the new token belongs to another organisation than the old one.
  void compare_organization();

  /// Every other scope that reads the place has the new token as well: it is recorded as theirs.
  asio::awaitable<void> find_fellow_readers();

  /// Deletes what the old token was kept in, when that is jackind's own and nobody uses it any more. What cannot be
  /// deleted is left to doctor.
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
