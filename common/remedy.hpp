// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/scope.hpp"

namespace jackin {

// The remedy of an Error is a command that can be pasted, perhaps with a comment behind it; empty when there is none. A
// comment alone (`#`, or `# when the network is there`) stands behind the command that failed, which who made the error
// does not know: who does completes it.

/// `remedy`, with `again`, a command, in front of a comment that stands alone.
std::string with_command(std::string remedy, std::string_view again);

/// `remedy` with the arguments of `scope` in place of the word SCOPE, which stands in those of whoever does not know
/// it: a credential source. Only commands of jackinctl have one.
std::string for_scope(std::string remedy, const Scope& scope);

}  // namespace jackin
