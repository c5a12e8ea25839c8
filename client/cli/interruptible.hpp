// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/client_context.h>

#include <functional>

#include "client/terminal/signal_watch.hpp"

namespace jackin::client {

/// Runs `work`, which blocks on the call that has `context`, on a separate thread, and returns when `work` has
/// returned. A signal that `signals` catches during that time cancels the call. Returns whether a signal came.
bool run_interruptible(SignalWatch& signals, grpc::ClientContext& context, const std::function<void()>& work);

}  // namespace jackin::client
