// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.hpp"
#include "daemon/lifecycle/revoke.hpp"
#include "daemon/lifecycle/rotate.hpp"
#include "daemon/lifecycle/setup.hpp"

namespace jackin::lifecycle {

/// Whether the parts of a request fit each other. Operations call it first, for every client alike, so the messages
/// name no client's options. Errors: invalid_argument. Pure.
Result<> check_request(const SetupRequest& request);
Result<> check_request(const RotateRequest& request);
Result<> check_request(const RevokeRequest& request);

}  // namespace jackin::lifecycle
