// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "client/hook/launch_plan.hpp"
#include "common/environment.hpp"
#include "common/scope.hpp"
#include "jackin/v1/health.pb.h"

namespace jackin::client {

/// What jackin-hook asks of the daemon. Tests stand in for it.
class DaemonCalls {
 public:
  virtual ~DaemonCalls() = default;

  /// The cached answer. Errors: the daemon's, daemon_unreachable, timed_out.
  virtual Result<v1::ProbeReply> probe(const Scope& scope) = 0;

  /// What a launch gets. Errors: as probe, and those of the credential source.
  virtual Result<LaunchPlan> prepare(const v1::PrepareRequest& request) = 0;
};

/// The real one: over the socket, which is started when there is none. The connection ends with it; `environment`
/// outlives it. A probe under which the daemon goes away is made again, a launch is not.
Result<std::unique_ptr<DaemonCalls>> connect_daemon(const Environment& environment);

}  // namespace jackin::client
