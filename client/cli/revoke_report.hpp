#pragma once

#include <string>

#include "client/view/json.hpp"
#include "client/view/look.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// What became of one scope, as `--format json` has it.
Json revoked_json(const v1::RevokeOutcome& outcome);

/// The same for people, without the error: what was done, what there is to know, who still runs with the token. Empty
/// when it went wrong before anything was done.
std::string revoked_text(const v1::RevokeOutcome& outcome, const Look& look);

}  // namespace jackin::client
