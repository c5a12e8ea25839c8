// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/async/task.hpp"
#include "daemon/lifecycle/dependencies.hpp"
#include "daemon/secrets/credential_source.hpp"
#include "daemon/state/database.hpp"

namespace jackin::lifecycle {

/// The source that was written down as `reference`, of that 1Password account; nothing when it cannot be read.
std::optional<secrets::CredentialSource> source_of(const std::string& reference, const std::string& account);

/// A token that no configuration names any more and that is still stored.
struct RemainingToken {
  state::RemainingItem item;
  std::string remedy;  ///< The command that deletes it.
};

/// Those that revocations left, each once, as the configuration is now: what a scope names again is in use. Errors:
/// those of the database. Daemon's thread.
Task<std::vector<RemainingToken>> remaining_tokens(Dependencies& deps);

/// Those that were taken from `scope`, used again or not. Errors: those of the database.
Task<std::vector<state::RemainingItem>> remaining_of(Dependencies& deps, Scope scope);

/// The item of `source` is deleted. When the database refuses it, doctor lists it until it is deleted again.
asio::awaitable<void> forget_remaining(Dependencies& deps, secrets::CredentialSource source);

}  // namespace jackin::lifecycle
