// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "daemon/secrets/credential_source.hpp"

namespace jackin::config {

/// Whether a variable can have this name.
bool is_variable_name(std::string_view name);

/// The source that a string in an `[env]` means. jackin treats both `$NAME` and `${NAME}` as a variable of the
/// environment that it was started with; any other string is the value itself.
secrets::CredentialSource env_value(std::string_view text);

}  // namespace jackin::config
