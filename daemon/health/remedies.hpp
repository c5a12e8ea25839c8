// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/error.hpp"
#include "daemon/config/effective_auth.hpp"

namespace jackin::health {

/// What mends a token that is gone from its source or is none there: rotation, or, where jackind cannot write, what
/// the user has to see to. A command, perhaps with a comment behind it.
std::string mends_source(const config::EffectiveAuth& auth);

/// The remedy for a source whose content is not a token: edit the line or file that holds it; rotate only if it cannot
/// be edited. As above.
std::string mends_content(const config::EffectiveAuth& auth);

/// The message for content that is not a token: `problem` says why, as `shape_problem` does.
std::string not_a_token(const secrets::CredentialSource& source, std::string_view problem);

/// The remedy for it: rotate, or edit the line of a configuration file that holds it. As above.
std::string mends_not_a_token(const config::EffectiveAuth& auth);

/// The message for a token that is gone from its source, for which `detail` has the reason.
std::string gone_from_source(const config::EffectiveAuth& auth, const std::string& detail);

/// What mends what a source said: `remedy`, as it came with its error, for the scope at whose layer the token is
/// written in place of the word SCOPE; what is certain to be wrong in a store that jackind writes is mended by
/// rotation.
std::string mends_failure(const Error& error, const config::EffectiveAuth& auth);

/// What mends what doctor's finding with that code says of a scope; empty where nothing is wrong. A command, perhaps
/// with a comment behind it.
std::string mends(std::string_view code, const config::EffectiveAuth& auth);

}  // namespace jackin::health
