// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/client_context.h>

#include <functional>

#include "client/terminal/signal_watch.hpp"

namespace jackin::client {

/// Runs `work`, which blocks on the call that has `context`, on a thread of its own, and returns when it has returned.
/// A signal that `signals` catches meanwhile gives the call up. Returns whether one came.
bool run_interruptible(SignalWatch& signals, grpc::ClientContext& context, const std::function<void()>& work);

}  // namespace jackin::client
