// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/environment.hpp"
#include "common/scope.hpp"
#include "jackin/v1/common.pb.h"

namespace jackin::client {

/// The scope as the protocol has it.
v1::Scope to_proto(const Scope& scope);

/// What the daemon is told of `environment`: `client_environment` of it.
v1::ClientEnvironment to_proto(const Environment& environment);

/// A scope from the protocol as `--format json` and people have it: "my-app", "my-app:role" or "global".
std::string scope_text(const v1::Scope& scope);

}  // namespace jackin::client
