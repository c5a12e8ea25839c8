// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/scope.hpp"

namespace jackin {

// The remedy of an Error is a command that can be pasted, perhaps followed by a comment; empty when there is none. A
// comment alone (`#`, or `# when the network is there`) belongs after the command that failed. The code that makes the
// error does not know this command, so a caller that knows it completes the remedy.

/// Returns `remedy`; if it is only a comment, with the command `again` before it.
std::string with_command(std::string remedy, std::string_view again);

/// Returns `remedy` with the word SCOPE replaced by the arguments of `scope`. Code that does not know the scope, such
/// as a credential source, writes SCOPE. Only commands of jackinctl contain it.
std::string for_scope(std::string remedy, const Scope& scope);

}  // namespace jackin
