// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/claude.hpp"
#include "common/scope.hpp"
#include "daemon/async/task.hpp"
#include "daemon/lifecycle/dependencies.hpp"
#include "daemon/state/database.hpp"
#include "daemon/state/journal_detail.hpp"

namespace jackin::lifecycle {

/// Records that the token which an operation created is not stored anywhere, so that doctor lists it. Errors: those of
/// the database.
Task<> remember_discarded(Dependencies& deps, std::optional<OperationKind> kind, const Scope& scope,
                          const state::JournalDetail& detail);

/// The discarded tokens that can still be valid at Anthropic and that the user has not acknowledged. From here on they
/// count as listed. Errors: those of the database.
Task<std::vector<state::DiscardedToken>> discarded_tokens(Dependencies& deps);

/// Stops listing the discarded tokens that were listed. Errors: those of the database.
Task<> acknowledge_discarded(Dependencies& deps);

/// For doctor: one sentence, and the command that ends the listing.
std::string discarded_message(const state::DiscardedToken& token);
Remedy discarded_remedy();

}  // namespace jackin::lifecycle
