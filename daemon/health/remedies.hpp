#pragma once

#include <string>
#include <string_view>

#include "daemon/config/effective_auth.hpp"

namespace jackin::health {

/// What mends a token that is gone from its source or is none there: rotation, or, where jackind cannot write, what
/// the person has to see to. A command, perhaps with a comment behind it.
std::string mends_source(const config::EffectiveAuth& auth);

/// What mends what doctor's finding with that code says of a scope; empty where nothing is wrong. A command, perhaps
/// with a comment behind it.
std::string mends(std::string_view code, const config::EffectiveAuth& auth);

}  // namespace jackin::health
