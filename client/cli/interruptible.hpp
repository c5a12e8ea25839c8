// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/rpc/liveness.hpp"
#include "client/terminal/signal_watch.hpp"

namespace jackin::client {

/// Returns a RunCall that runs the work on a separate thread. A signal that `signals` catches during that time cancels
/// the call. `signals` must outlive it.
RunCall interruptible(SignalWatch& signals);

}  // namespace jackin::client
