// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "daemon/config/auth_keys.hpp"

namespace jackin::test {

/// The auth keys that `text` has for a role, or at its top; nothing when they cannot be read.
std::optional<config::AuthKeys> keys_in(const std::string& text, const std::string& role);

/// Checks an edit of the auth keys without knowledge of its implementation. All other data must be the same. Only lines
/// with an auth key may be added or removed. Comments, line ends and a missing last line end must stay. Returns the
/// fault, or an empty text.
std::string what_else_changed(const std::string& before, const std::string& after, const std::string& role);

}  // namespace jackin::test
