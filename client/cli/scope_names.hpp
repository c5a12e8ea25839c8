// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "client/core/managed_tokens.hpp"

namespace jackin::client {

/// "a, b, c and 2996 more": `some` of `count` names.
std::string few_names(const std::vector<std::string>& some, std::size_t count);

/// The scopes of a token: "my-app (also other, global)"; lists only a few of many.
std::string names_of(const ManagedToken& token);

}  // namespace jackin::client
