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

/// The source that was recorded as `reference` of that 1Password account; nothing when it cannot be parsed.
std::optional<secrets::CredentialSource> source_of(const std::string& reference, const std::string& account);

/// A stored token that no configuration names.
struct RemainingToken {
  state::RemainingItem item;
  Remedy remedy;  ///< How it is deleted.
};

/// The tokens that revocations left, each once, for the current configuration: a token that a scope names again is in
/// use. Errors: those of the database. Daemon's thread.
Task<std::vector<RemainingToken>> remaining_tokens(Dependencies& deps);

/// The tokens that were taken from `scope`, in use again or not. Errors: those of the database.
Task<std::vector<state::RemainingItem>> remaining_of(Dependencies& deps, Scope scope);

/// Records that the item of `source` was deleted. When the database refuses it, doctor lists the item until it is
/// deleted again.
asio::awaitable<void> forget_remaining(Dependencies& deps, secrets::CredentialSource source);

}  // namespace jackin::lifecycle
