// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>

#include "daemon/async/clock.hpp"
#include "daemon/ipc/activity.hpp"
#include "daemon/ipc/domain.hpp"
#include "daemon/ipc/peers.hpp"
#include "daemon/ipc/quota.hpp"

namespace jackin::ipc {

/// The dependencies of every service. The ConnectionAcceptor owns them and outlives every call. gRPC's threads use only
/// `executor`, to move a call to the daemon's thread.
struct ServiceDependencies {
  asio::any_io_executor executor;
  const Domain& domain;
  Clock& clock;
  Peers& peers;
  Activity& activity;
  Quota watches;                        ///< Streams of changes.
  Clock::Duration first_message_limit;  ///< For a call whose request is a stream.
};

}  // namespace jackin::ipc
