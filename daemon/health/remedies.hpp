// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/error.hpp"
#include "daemon/config/effective_auth.hpp"

namespace jackin::health {

/// The remedy for a token that is gone from its source, or for content that is not a token: rotation, or an action of
/// the user where jackind cannot write.
Remedy remedy_for_source(const config::EffectiveAuth& auth);

/// The remedy for a source whose content is not a token: edit the line or file that holds it; rotate only if it cannot
/// be edited.
Remedy remedy_for_content(const config::EffectiveAuth& auth);

/// The message for content that is not a token: `problem` says why, as `shape_problem` does.
std::string not_a_token(const secrets::CredentialSource& source, std::string_view problem);

/// The remedy for it: rotate, or edit the line of a configuration file that holds it.
Remedy remedy_for_non_token(const config::EffectiveAuth& auth);

/// The message for a token that is gone from its source; `detail` gives the reason.
std::string gone_from_source(const config::EffectiveAuth& auth, const std::string& detail);

/// The remedy for an error of a source: the error's own `remedy`, for the scope whose layer contains the token.
/// Rotation fixes a certain error in a store that jackind writes.
Remedy remedy_for_failure(const Error& error, const config::EffectiveAuth& auth);

/// The remedy for doctor's finding `code` about a scope; empty where nothing is wrong.
Remedy remedy_for_finding(std::string_view code, const config::EffectiveAuth& auth);

}  // namespace jackin::health
