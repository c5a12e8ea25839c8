// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "common/result.hpp"

namespace jackin {

/// Whether `text` shows a Claude credential: `sk-ant-` at the beginning of a word, followed by a kind such as `api03-`.
/// The prefix of an OAuth token also counts inside a word, spaced out or encoded (`shows_token_prefix`).
bool shows_credential(std::string_view text);

/// The error invalid_argument for a credential in a value that the user typed or pasted. `what` names the value: "the
/// workspace name". The error quotes no part of the credential and says that it counts as leaked.
Error pasted_credential(std::string_view what);

/// Returns `pasted_credential` when `text` shows a credential. Clients call it before they send a text, and the daemon
/// when it receives one: messages, logs and records contain such texts.
Result<> expect_no_credential(std::string_view what, std::string_view text);

}  // namespace jackin
