// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "daemon/config/auth_keys.hpp"

namespace jackin::test {

/// The auth keys that `text` has for a role, or at its top; nothing when they cannot be read.
std::optional<config::AuthKeys> keys_in(const std::string& text, const std::string& role);

/// Looks at an edit of the auth keys from outside, knowing nothing of how it was made: empty when the data besides the
/// keys is the same, line ends and the missing last one are kept, lines are only added or taken out where an auth key
/// was, and comments stay. Else what is wrong.
std::string what_else_changed(const std::string& before, const std::string& after, const std::string& role);

}  // namespace jackin::test
