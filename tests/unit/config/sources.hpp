// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "daemon/config/auth_keys.hpp"
#include "daemon/config/edit.hpp"

namespace jackin::test {

/// A made-up token of the right shape.
std::string example_token(char letter = 'A');

secrets::CredentialSource op_source(std::string_view item = "i1");
secrets::CredentialSource literal_source(std::string_view token);

/// Whether any 8 characters of the token's random part are in `text`.
bool shows_token(std::string_view text, std::string_view token);

/// The result of `edited` as a string; "error: …" when it fails.
std::string edit(std::string_view text, const config::AuthKeys& wanted, std::string_view role = {});

}  // namespace jackin::test
