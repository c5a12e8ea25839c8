// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/core/place_walk.hpp"
#include "client/rpc/connection.hpp"
#include "client/rpc/liveness.hpp"
#include "common/environment.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// Asks the daemon for a listing that a PlaceWalk needs, with the client's environment. Opens a connection for it,
/// because the daemon closes an idle one while the user considers an answer. Blocking, without a deadline: 1Password
/// may be asking the user. Errors: cancelled when the client stops the call; those of the connection and of the call.
Result<PlaceListing> list_places(const Connect& connect, const Environment& environment, PlaceQuery query,
                                 const RunCall& run);

}  // namespace jackin::client
