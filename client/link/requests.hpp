#pragma once

#include "common/environment.hpp"
#include "common/result.hpp"
#include "common/scope.hpp"
#include "jackin/v1/common.pb.h"

namespace jackin::client {

void to_wire(const Scope& scope, v1::Scope& wire);
/// invalid_argument for one that the daemon should not have sent.
Result<Scope> from_wire(const v1::Scope& wire);

/// Of the client's environment what the daemon is told: `sent_to_daemon`.
void to_wire(const Environment& environment, v1::ClientEnvironment& wire);

}  // namespace jackin::client
